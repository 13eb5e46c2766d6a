"""Builds an order book from a snapshot and the differences that follow it. Pure; used by recordings and, later, live feeds.

Invariants, checked at every step: sequence numbers leave no gap, no price or quantity is negative, the book is never crossed.
A book that broke one of them is not to be used again.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice

from core.kernel.money import Price, Quantity
from core.market.types import Level

Pair = tuple[Decimal, Decimal]
"""A price and the whole quantity now resting there; 0 removes the level."""


class BookBroken(ValueError):
    """The feed cannot be trusted from here on; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class DepthDiff:
    """Changes `first_sequence` to `last_sequence` of a book, both included."""

    first_sequence: int
    last_sequence: int
    bids: Sequence[Pair]
    asks: Sequence[Pair]


@dataclass(slots=True)
class BookSide:
    """One side: quantities by price, and the prices in ascending order. Levels that were shown are kept until they change."""

    quantities: dict[Decimal, Decimal] = field(default_factory=dict)
    prices: list[Decimal] = field(default_factory=list)
    _shown: dict[Decimal, Level] = field(default_factory=dict)

    def put(self, price: Decimal, quantity: Decimal) -> None:
        """Sets or removes a level. Raises BookBroken for a price that is not positive or a negative quantity."""
        if not (price.is_finite() and price > 0):
            raise BookBroken(f"price {price} is not positive")
        if not quantity.is_finite():
            raise BookBroken(f"quantity {quantity} at price {price} is not a number")
        if quantity < 0:
            raise BookBroken(f"negative quantity {quantity} at price {price}")
        self._shown.pop(price, None)
        known = price in self.quantities
        if quantity == 0:
            if known:
                del self.quantities[price]
                del self.prices[bisect_left(self.prices, price)]
            return
        if not known:
            insort(self.prices, price)
        self.quantities[price] = quantity

    def level(self, price: Decimal) -> Level:
        """The level at a price that is there."""
        shown = self._shown.get(price)
        if shown is None:
            shown = self._shown[price] = Level(Price(price), Quantity(self.quantities[price]))
        return shown


@dataclass(slots=True)
class DepthBook:
    """A book being built. `sequence` is the last change it contains."""

    sequence: int
    bids: BookSide = field(default_factory=BookSide)
    asks: BookSide = field(default_factory=BookSide)

    def top_bids(self, depth: int) -> list[Level]:
        """The highest bids, best first."""
        return [self.bids.level(price) for price in islice(reversed(self.bids.prices), depth)]

    def top_asks(self, depth: int) -> list[Level]:
        """The lowest asks, best first."""
        return [self.asks.level(price) for price in self.asks.prices[:depth]]


def book_from_snapshot(sequence: int, bids: Iterable[Pair], asks: Iterable[Pair]) -> DepthBook:
    """A book as a snapshot shows it. Raises BookBroken when it is crossed or holds an impossible level."""
    book = DepthBook(sequence)
    _put_all(book, bids, asks)
    return book


def apply_depth_diff(book: DepthBook, diff: DepthDiff) -> None:
    """Applies the next difference in place; one that the book already contains changes nothing.

    The first sequence may lie inside what a snapshot already holds (Binance: U ≤ lastUpdateId + 1 ≤ u). Raises BookBroken for a gap,
    a backward range, an impossible level or a crossed book.
    """
    if diff.last_sequence < diff.first_sequence:
        raise BookBroken(f"sequence {diff.first_sequence} to {diff.last_sequence} runs backward")
    if diff.last_sequence <= book.sequence:
        return
    if diff.first_sequence > book.sequence + 1:
        raise BookBroken(f"sequence gap: expected {book.sequence + 1}, found {diff.first_sequence}")
    _put_all(book, diff.bids, diff.asks)
    book.sequence = diff.last_sequence


def _put_all(book: DepthBook, bids: Iterable[Pair], asks: Iterable[Pair]) -> None:
    for price, quantity in bids:
        book.bids.put(price, quantity)
    for price, quantity in asks:
        book.asks.put(price, quantity)
    if book.bids.prices and book.asks.prices and book.bids.prices[-1] >= book.asks.prices[0]:
        raise BookBroken(f"crossed book: bid {book.bids.prices[-1]} is not below ask {book.asks.prices[0]}")
