"""Replays a recorded order book against our clock: a PriceFeed over a BookRecording that was checked before.

Time: the recording's first whole book is shown at the first observation, and from there recorded time runs `speed` times as fast as ours.
After its last change the book stands for a second, then the recording starts again. A recording without any change after its snapshot
shows that book for ever. What is shown was observed now, because in looped time it is the book of now; `recorded_at` keeps
the time of the recording. When asked to catch up too much at once (a stopped process, an extreme speed) it falls behind instead of
skipping: every change of the file is applied.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.adapters.marketdata.depth_changes import BookBuilder, BookFacts, BookRecording, Change, Trade
from core.adapters.marketdata.print_log import PrintLog
from core.kernel.money import Rounding, divide
from core.market.errors import FeedRefused
from core.market.instruments import paper_instrument
from core.market.types import Instrument, Level, OrderBook, PriceSource, TradePrint

DEPTH = 250
PAUSE_NS = 1_000_000_000
MOST_CHANGES_AT_ONCE = 500
MICROSECOND = timedelta(microseconds=1)


class BookReplay:
    """One recording in an endless loop."""

    def __init__(self, recording: BookRecording, facts: BookFacts, speed: Decimal) -> None:
        self.instrument: Instrument = paper_instrument(recording.symbol, facts.first_price, tick=facts.price_step)
        self._recording = recording
        self._facts = facts
        self._speed = speed
        self._builder = BookBuilder()
        self._changes: Iterator[Change] = iter(())
        self._next: Change | None = None
        self._anchor: tuple[datetime, int] | None = None
        self._reached_ns = 0
        self._shown: tuple[list[Level], list[Level]] = ([], [])
        self._sequence = 0
        self._prints = PrintLog(recording.symbol)

    def prints(self, since_sequence: int) -> list[TradePrint]:
        """See PriceFeed. Those before the recording's first whole book are left out: there is no moment of ours for them."""
        return self._prints.since(since_sequence)

    def observe(self, now: datetime) -> OrderBook:
        """See PriceFeed."""
        position = self._position(now)
        if position is None or (self._facts.changes and position >= self._facts.end_ns + PAUSE_NS):
            self._restart(now)
        else:
            self._advance(now, position)
        bids, asks = self._shown
        source = PriceSource(self._recording.name, "recorded_book", _time(self._reached_ns))
        return OrderBook(self.instrument.symbol, bids, asks, self._sequence, now, source)

    def _position(self, now: datetime) -> int | None:
        if self._anchor is None:
            return None
        since, start_ns = self._anchor
        return start_ns + scaled_microseconds(now - since, self._speed) * 1_000

    def _restart(self, now: datetime) -> None:
        """Reads from the start of the file up to its first whole book, which is shown now."""
        self._builder = BookBuilder()
        self._changes = self._recording.changes()
        self._next = next(self._changes, None)
        while self._builder.book is None:
            self._apply_next()
        self._anchor = (now, self._reached_ns)
        self._show()

    def _advance(self, now: datetime, position: int) -> None:
        applied, changed = 0, False
        while self._next is not None and self._next.at_ns <= position and applied < MOST_CHANGES_AT_ONCE:
            if isinstance(self._next.content, Trade):
                self._note(self._next.content, self._next.at_ns, now)
            else:
                changed = True
            self._apply_next()
            applied += 1
        if applied == MOST_CHANGES_AT_ONCE:
            self._anchor = (now, self._reached_ns)
        if changed:
            self._show()

    def _note(self, trade: Trade, at_ns: int, now: datetime) -> None:
        """Keeps a trade at the moment of ours at which it is due, `now` at the latest."""
        since, start_ns = self._anchor or (now, at_ns)
        into_us = int(divide(Decimal((at_ns - start_ns) // 1_000), self._speed, Rounding.DOWN))
        self._prints.add(min(now, since + timedelta(microseconds=max(0, into_us))), trade.price, trade.quantity, trade.aggressor)

    def _apply_next(self) -> None:
        if self._next is None:
            raise FeedRefused(self._recording.path.name, "", "the recording changed while it was replayed")
        self._builder.apply(self._next)
        self._reached_ns = self._next.at_ns
        self._next = next(self._changes, None)

    def _show(self) -> None:
        book = self._builder.book
        if book is not None:
            self._shown = (book.top_bids(DEPTH), book.top_asks(DEPTH))
            self._sequence += 1


def scaled_microseconds(elapsed: timedelta, speed: Decimal) -> int:
    """How many microseconds of recorded time passed during `elapsed`; 0 where our clock ran backward."""
    return max(0, int(Decimal(elapsed // MICROSECOND) * speed))


def _time(at_ns: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_ns // 1_000)
