"""Recorded candles as the past of what is replayed now: a CandleHistory over the candle files of the recordings' folder.

Times are shifted so that the last candle that had ended in the recording ends where our candle of now begins; each carries when it was
recorded. Before the first candle of the file that is being replayed comes its last one, as in the replay's loop (whoever asks marks that
jump). Holes stay holes. Called in a thread: it reads files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from core.adapters.marketdata.candle_replay import EPOCH
from core.adapters.marketdata.candles import INTERVALS_MS, Bar, bars_between, span_of
from core.adapters.marketdata.discovery import Candidate, discover
from core.market.candle_rules import MINUTE, opening_of
from core.market.types import INTERVALS, Candle, Interval, OrderBook, PriceSource

KEPT: Mapping[Interval, int] = {"1m": 1_440, "5m": 864, "1h": 720, "1d": 365}
"""How many candles of each interval are brought."""
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A bar and the moment of ours at which it begins."""

    at: datetime
    bar: Bar


class RecordedHistory:
    """See CandleHistory. `files` has the candle files of each symbol, finest first, refused ones left out."""

    def __init__(self, files: Mapping[str, Sequence[Candidate]], speed: Decimal, *, reach: timedelta | None = None) -> None:
        """`reach`: how far back candles are brought; without it as many of each interval as `KEPT` says."""
        self._files = files
        self._speed = speed
        self._reach = reach

    def candles(self, book: OrderBook) -> list[Candle]:
        """See CandleHistory. None below real time: a bar would last longer than a candle."""
        if book.source.recorded_at is None or self._speed < 1:
            return []
        found: list[Candle] = []
        for interval in INTERVALS:
            found += self._of_interval(book, book.source.recorded_at, interval)
        return found

    def _of_interval(self, book: OrderBook, recorded_at: datetime, interval: Interval) -> list[Candle]:
        """Out of the finest file that has a past; else, where candles are replayed, out of the end of the replayed file."""
        whole_ms = INTERVALS[interval] // MILLISECOND
        fitting = [one for one in self._files.get(book.symbol, ()) if whole_ms % INTERVALS_MS[one.interval] == 0]
        reach_ms = whole_ms * KEPT[interval] if self._reach is None else self._reach // MILLISECOND
        window_ms = int(reach_ms * self._speed)
        position_ms = (recorded_at - EPOCH) // MILLISECOND
        for file in fitting:
            step_ms = INTERVALS_MS[file.interval]
            bars = list(bars_between(file.path, position_ms - window_ms, position_ms - step_ms + 1))
            if not bars and book.source.kind == "recorded_candles":
                bars = list(_before_the_loop(file, position_ms, window_ms))
            if bars:
                return self._merged(book, interval, file, self._placed(bars, step_ms, book.observed_at))
        return []

    def _placed(self, bars: Sequence[Bar], step_ms: int, now: datetime) -> list[_Placed]:
        """The last bar ends where the interval of now begins; the others come before it as they did, faster by the replay's speed."""
        step = timedelta(microseconds=int(step_ms * 1_000 / self._speed))
        anchor = now - (now - EPOCH) % step - step
        back_us = [int((bars[-1].start_ms - bar.start_ms) * 1_000 / self._speed) for bar in bars]
        return [_Placed(anchor - timedelta(microseconds=back), bar) for back, bar in zip(back_us, bars, strict=True)]

    def _merged(self, book: OrderBook, interval: Interval, file: Candidate, placed: Sequence[_Placed]) -> list[Candle]:
        """Candles of `interval` that had ended when the candle of now began."""
        current = opening_of(book.observed_at, interval)
        minutes = timedelta(milliseconds=INTERVALS_MS[file.interval]) / float(self._speed)
        made = []
        for opened, group in groupby(placed, key=lambda one: opening_of(one.at, interval)):
            parts = [one.bar for one in group]
            if opened < current:
                made.append(_candle(book.symbol, interval, opened, file, parts, int(len(parts) * minutes / MINUTE)))
        return made


def _before_the_loop(file: Candidate, position_ms: int, window_ms: int) -> Iterator[Bar]:
    """The end of the file, where the replay stands at its beginning."""
    start_ms, end_ms = span_of(file.path)
    step_ms = INTERVALS_MS[file.interval]
    if position_ms - start_ms < step_ms:
        yield from bars_between(file.path, end_ms + step_ms - window_ms, end_ms + 1)


def _candle(symbol: str, interval: Interval, opened: datetime, file: Candidate, parts: Sequence[Bar], minutes: int) -> Candle:
    recorded_at = EPOCH + parts[0].start_ms * MILLISECOND
    source = PriceSource(f"recorded {file.interval} candles {recorded_at:%Y-%m-%d}", "recorded_candles", recorded_at)
    return Candle(
        symbol=symbol,
        interval=interval,
        open_at=opened,
        open=parts[0].open,
        high=max(part.high for part in parts),
        low=min(part.low for part in parts),
        close=parts[-1].close,
        volume=sum((part.volume for part in parts), Decimal(0)),
        source=source,
        minutes=min(minutes, INTERVALS[interval] // MINUTE),
    )


def recorded_between(folder: Path, speed: Decimal, book: OrderBook, since: datetime) -> list[Candle]:
    """The past of `book` from `since` on, out of the recordings in `folder`. Raises FeedRefused, OSError."""
    history = RecordedHistory(discover(folder).candles, speed, reach=book.observed_at - since)
    return [one for one in history.candles(book) if one.open_at >= since]
