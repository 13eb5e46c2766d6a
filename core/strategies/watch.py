"""Which armed legs a book may concern, without looking at all of them. Pure; owned by the evaluator, one `SymbolWatch` an instrument.

Legs that act when the price gets worse (stops, trails) are sorted by trigger. Walking the book once beside that order gives the depth
that stands before each trigger: a leg whose whole size is filled before its trigger cannot be met, and where even the largest size
behind is filled, nobody behind can. Legs that act when it gets better are sorted by trigger too, and end at the best price. What comes
out is a superset of the legs that the exact evaluation would find met or find a new best price for; it must never miss one.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from core.kernel.money import EXACT, multiply
from core.market.types import OrderBook
from core.strategies.rules import PROTECTIVE, due_size, trigger_of
from core.strategies.types import ZERO, Conditional, Leg, LegRole, LegState
from core.venues.types import Side

Name = tuple[UUID, int]
"""Which leg of which conditional order."""


@dataclass
class _Sorted:
    """Legs by key, with the largest size at or behind each place."""

    entries: list[tuple[Decimal, Name]] = field(default_factory=list)
    sizes: dict[Name, Decimal] = field(default_factory=dict)
    keys: dict[Name, Decimal] = field(default_factory=dict)
    _largest: list[Decimal] = field(default_factory=list)

    def put(self, name: Name, key: Decimal, size: Decimal) -> None:
        self.remove(name)
        insort(self.entries, (key, name))
        self.keys[name], self.sizes[name] = key, size
        self._largest = []

    def remove(self, name: Name) -> None:
        key = self.keys.pop(name, None)
        if key is None:
            return
        del self.entries[bisect_left(self.entries, (key, name))]
        del self.sizes[name]
        self._largest = []

    def largest_behind(self) -> list[Decimal]:
        if len(self._largest) != len(self.entries):
            self._largest = [ZERO] * len(self.entries)
            largest = ZERO
            for place in range(len(self.entries) - 1, -1, -1):
                largest = max(largest, self.sizes[self.entries[place][1]])
                self._largest[place] = largest
        return self._largest


def _worse_key(side: Side, price: Decimal) -> Decimal:
    """Grows as a price gets worse for who trades on this side: bids from the highest, asks from the lowest."""
    return -price if side is Side.SELL else price


class SymbolWatch:
    """Armed legs of one instrument. `lot` of the instrument decides what is due."""

    def __init__(self, lot: Decimal) -> None:
        self.lot = lot
        self._worse = {(side, by_budget): _Sorted() for side in Side for by_budget in (False, True)}
        self._better = {side: _Sorted() for side in Side}
        self._blind: set[Name] = set()
        self.timed: dict[Name, Leg] = {}

    def put(self, conditional: Conditional, leg: Leg) -> None:
        """Watches a leg, or forgets it where it is not armed any more."""
        name = (conditional.id, leg.number)
        self.forget(name)
        size = due_size(conditional, leg, self.lot)
        if leg.state is not LegState.ARMED or size <= 0 or conditional.cancel_requested:
            return
        if leg.role is LegRole.TIME_EXIT:
            self.timed[name] = leg
            return
        side, trigger = conditional.side, trigger_of(leg, conditional.side)
        if trigger is None:
            self._blind.add(name)
            return
        if leg.role in PROTECTIVE:
            self._worse[side, conditional.by_budget].put(name, _worse_key(side, trigger), size)
        else:
            self._better[side].put(name, -_worse_key(side, trigger), size)
        if leg.role is LegRole.TRAILING_STOP and leg.best_price is not None:
            self._better[side].put(name, -_worse_key(side, leg.best_price), size)

    def forget(self, name: Name) -> None:
        """Stops watching a leg."""
        self._blind.discard(name)
        self.timed.pop(name, None)
        for one in (*self._worse.values(), *self._better.values()):
            one.remove(name)

    def candidates(self, book: OrderBook) -> set[Name]:
        """Legs that this book may concern."""
        found = set(self._blind)
        for (side, by_budget), kept in self._worse.items():
            found.update(_within_reach(kept, book, side, by_budget=by_budget))
        for side, kept in self._better.items():
            levels = book.bids if side is Side.SELL else book.asks
            if levels and kept.entries:
                limit = -_worse_key(side, levels[0].price.value)
                for key, name in kept.entries:
                    if key > limit:
                        break
                    found.add(name)
        return found

    def __len__(self) -> int:
        return len(self._blind) + len(self.timed) + sum(len(one.entries) for one in (*self._worse.values(), *self._better.values()))


def _within_reach(kept: _Sorted, book: OrderBook, side: Side, *, by_budget: bool) -> Iterator[Name]:
    """Legs whose size is not filled before their trigger. Triggers come from the nearest; depth only grows on the way."""
    if not kept.entries:
        return
    levels = iter(book.bids if side is Side.SELL else book.asks)
    level = next(levels, None)
    largest = kept.largest_behind()
    depth = ZERO
    for place, (key, name) in enumerate(kept.entries):
        while level is not None and _worse_key(side, level.price.value) < key:
            size = level.quantity.value
            depth = EXACT.add(depth, multiply(level.price.value, size) if by_budget else size)
            if depth >= largest[place]:
                return
            level = next(levels, None)
        if depth >= largest[place]:
            return
        if depth < kept.sizes[name]:
            yield name
