"""Replays recorded candles against our clock: a PriceFeed whose price moves inside each bar and whose depth is modelled.

Time: the file's first bar begins at the first observation; recorded time runs `speed` times as fast as ours; a hole between two bars is
jumped over; after the last bar the first one comes again. Inside a bar the price goes in straight lines from open to the
extreme against the bar's direction, to the other extreme, to the close, a third of the bar each.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.adapters.marketdata.book_replay import scaled_microseconds
from core.adapters.marketdata.candles import Bar, CandleRecording, read_bars
from core.adapters.marketdata.modelled_depth import ModelledBook
from core.kernel.money import Rounding, divide, round_to_step
from core.market.errors import FeedRefused
from core.market.instruments import paper_instrument
from core.market.types import Instrument, OrderBook, PriceSource, TradePrint

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE_MS = 60_000
VOLUME_STEP = Decimal("1e-8")
MOST_BARS_AT_ONCE = 2_000


class CandleReplay:
    """One file of candles in an endless loop."""

    def __init__(self, recording: CandleRecording, speed: Decimal) -> None:
        self.instrument: Instrument = paper_instrument(recording.symbol, recording.first_price, tick=recording.price_step)
        self._recording = recording
        self._speed = speed
        self._model = ModelledBook(self.instrument)
        self._bars: Iterator[Bar] = iter(())
        self._bar: Bar | None = None
        self._began: datetime | None = None
        self._into_us = 0
        self._passed = Decimal(0)

    @property
    def traded_volume(self) -> Decimal:
        """See TellsVolume: bars that have passed, and of the one of now the share of its time that has."""
        if self._bar is None:
            return self._passed
        share = divide(self._bar.volume * self._into_us, Decimal(self._recording.interval_ms * 1_000), Rounding.DOWN)
        return self._passed + round_to_step(share, VOLUME_STEP, Rounding.DOWN)

    def observe(self, now: datetime) -> OrderBook:
        """See PriceFeed."""
        bar = self._move_to(now)
        into_ms = self._into_us // 1_000
        volume = divide(bar.volume * MINUTE_MS, Decimal(self._recording.interval_ms), Rounding.DOWN)
        recorded_at = EPOCH + timedelta(milliseconds=bar.start_ms + into_ms)
        name = f"recorded {self._recording.interval} candles {recorded_at:%Y-%m-%d} (depth modelled)"
        price = price_inside(bar, into_ms, self._recording.interval_ms)
        return self._model.at(now, price, volume, PriceSource(name, "recorded_candles", recorded_at))

    def prints(self, since_sequence: int) -> list[TradePrint]:  # noqa: ARG002
        """See PriceFeed: candles tell no trades."""
        return []

    def _move_to(self, now: datetime) -> Bar:
        """The bar of `now`; `_began` is our time at which it began, `_into_us` how far into it we are in recorded time."""
        if self._bar is None or self._began is None:
            return self._begin(now)
        length_us = self._recording.interval_ms * 1_000
        into_us, crossed = scaled_microseconds(now - self._began, self._speed), 0
        while into_us >= length_us and crossed < MOST_BARS_AT_ONCE:
            following = next(self._bars, None)
            self._passed += self._bar.volume
            if following is None:
                return self._begin(now)
            self._bar = following
            into_us, crossed = into_us - length_us, crossed + 1
        if crossed:
            into_us = min(into_us, length_us - 1)
            self._began = now - timedelta(microseconds=int(into_us / self._speed))
        self._into_us = into_us
        return self._bar

    def _begin(self, now: datetime) -> Bar:
        self._bars = read_bars(self._recording.path)
        first = next(self._bars, None)
        if first is None:
            raise FeedRefused(self._recording.path.name, "", "the recording changed while it was replayed")
        self._bar, self._began, self._into_us = first, now, 0
        return first


def price_inside(bar: Bar, into_ms: int, interval_ms: int) -> Decimal:
    """Where the price stands `into_ms` after the opening of a bar that lasts `interval_ms`."""
    rising = bar.close >= bar.open
    corners = (bar.open, *((bar.low, bar.high) if rising else (bar.high, bar.low)), bar.close)
    third, rest = divmod(min(max(into_ms, 0), interval_ms) * 3, interval_ms)
    if third >= 3:
        return bar.close
    start, end = corners[third], corners[third + 1]
    return start + divide((end - start) * rest, Decimal(interval_ms), Rounding.DOWN)
