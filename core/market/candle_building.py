"""Builds one pair's 1m candles out of what its feed shows: trades where it tells them, else the middle of the book. Pure state, no I/O.

Called by the candle keeper in `streams` for every observation. A candle is given out again as long as it changes, always whole, so that
writing it twice changes nothing. A minute without an observation gives none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from core.market.candle_rules import MINUTE, opening_of
from core.market.types import Candle, OrderBook, PriceSource, TradePrint, origin_of

WHOLE_WITHIN = timedelta(seconds=2)
"""A minute first seen this soon after its beginning, and still in its last seconds, was seen as a whole."""
MOST_KEPT = 120
"""So many finished minutes wait for being written while the database is away."""


@dataclass(slots=True)
class _Minute:
    """A candle being built. `traded` tells whether its prices are those of trades."""

    candle: Candle
    first_seen: datetime
    last_seen: datetime
    traded: bool


class CandleBuilder:
    """The minutes of one pair that are being built or wait to be written."""

    def __init__(self, symbol: str, *, resumed: Candle | None = None, known_before: bool = False) -> None:
        """`resumed`: the minute that was being built when the process ended; `known_before`: there are candles of an earlier run."""
        self._symbol = symbol
        self._minutes: dict[datetime, _Minute] = {}
        self._changed: set[datetime] = set()
        self._source: PriceSource | None = None
        self._resumed = resumed
        self._known_before = known_before

    def see(self, book: OrderBook, prints: Sequence[TradePrint], volume: Decimal | None) -> None:
        """Takes an observation: the book as it stands at `book.observed_at`, new trades, and what was traded, None where not told."""
        jumped = self._has_jumped(book.source, book.observed_at)
        mid = book.mid()
        if mid is not None:
            self._price(book.observed_at, mid, book.source, traded=False, jumped=jumped)
        for one in prints:
            self._price(one.at, one.price.value, book.source, traded=True, jumped=jumped)
        if volume is not None:
            self._add_volume(book.observed_at, prints, volume)
        while len(self._minutes) > MOST_KEPT:
            oldest = min(self._minutes)
            del self._minutes[oldest]
            self._changed.discard(oldest)

    def mark_jump(self) -> None:
        """What came before the first of the minutes at hand is, as it turns out, no past of theirs."""
        if self._minutes:
            opened = min(self._minutes)
            self._minutes[opened].candle = replace(self._minutes[opened].candle, jumped=True)
            self._changed.add(opened)

    def take(self) -> list[Candle]:
        """The candles that changed since they were given out last, oldest first. Give them back by `untake` where writing failed."""
        changed = [self._minutes[opened].candle for opened in sorted(self._changed)]
        self._changed.clear()
        for opened in sorted(self._minutes)[:-2]:
            del self._minutes[opened]
        return changed

    def untake(self, candles: Sequence[Candle]) -> None:
        """Candles that could not be written: they are due again, unless there are newer ones of their minutes."""
        for candle in candles:
            if candle.open_at not in self._minutes:
                self._minutes[candle.open_at] = _Minute(candle, candle.open_at, candle.open_at, traded=True)
            self._changed.add(candle.open_at)

    def _has_jumped(self, source: PriceSource, now: datetime) -> bool:
        """Whether this observation does not go on from the last one."""
        before, self._source = self._source, source
        if before is None:
            return self._known_before and origin_of(source) != "live"
        if origin_of(before) != origin_of(source):
            self._minutes.pop(opening_of(now, "1m"), None)
            self._changed.discard(opening_of(now, "1m"))
            return True
        return before.recorded_at is not None and source.recorded_at is not None and source.recorded_at < before.recorded_at

    def _price(self, at: datetime, price: Decimal, source: PriceSource, *, traded: bool, jumped: bool) -> None:
        opened = opening_of(at, "1m")
        minute = self._minutes.get(opened) or self._begin(opened, at, price, source, jumped=jumped)
        if minute is None:
            return
        candle, minute.last_seen = minute.candle, max(minute.last_seen, at)
        if traded and not minute.traded:
            minute.traded = True
            candle = replace(candle, open=price, high=price, low=price, close=price)
        elif traded == minute.traded:
            candle = replace(candle, high=max(candle.high, price), low=min(candle.low, price), close=price)
        seen_whole = minute.first_seen - opened <= WHOLE_WITHIN and minute.last_seen - opened >= MINUTE - WHOLE_WITHIN
        candle = replace(candle, minutes=max(candle.minutes, int(seen_whole)), jumped=candle.jumped or jumped)
        if candle != minute.candle:
            minute.candle = candle
            self._changed.add(opened)

    def _begin(self, opened: datetime, at: datetime, price: Decimal, source: PriceSource, *, jumped: bool) -> _Minute | None:
        """A new minute; None where the trade belongs to one that is long written."""
        if self._minutes and opened < max(self._minutes):
            return None
        resumed, self._resumed = self._resumed, None
        if resumed is not None and resumed.open_at == opened and resumed.origin == origin_of(source):
            begun = _Minute(resumed, at, at, traded=bool(resumed.volume))
        else:
            begun = _Minute(
                Candle(self._symbol, "1m", opened, price, price, price, price, None, source, minutes=0, jumped=jumped), at, at, traded=False
            )
        self._minutes[opened] = begun
        self._changed.add(opened)
        return begun

    def _add_volume(self, now: datetime, prints: Sequence[TradePrint], volume: Decimal) -> None:
        """Each trade to its minute; what no trade tells, to the minute of now. A minute in which nothing was traded has a volume of 0."""
        told = sum((one.quantity.value for one in prints), Decimal(0))
        shares = [(opening_of(one.at, "1m"), one.quantity.value) for one in prints]
        for opened, share in (*shares, (opening_of(now, "1m"), volume - told)):
            minute = self._minutes.get(opened)
            if minute is not None and (share or minute.candle.volume is None):
                minute.candle = replace(minute.candle, volume=(minute.candle.volume or Decimal(0)) + share)
                self._changed.add(opened)
