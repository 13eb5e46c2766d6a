"""One currency in another, by the shortest path of prices that are known. Pure; called by valuations, snapshots and the edges.

A rate says which instruments it went through and how old the oldest of their prices is. Where no path leads there is no rate: nothing
is ever guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.kernel.money import Rounding, divide, multiply
from core.market.types import OrderBook, PriceSource

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Mark:
    """A price (quote a base) of an instrument, when it was seen and where it is from."""

    price: Decimal
    seen_at: datetime
    source: PriceSource


@dataclass(frozen=True, slots=True)
class Rate:
    """How many coins of one currency one of another is worth. `path` names the instruments, `seen_at` their oldest price's time.

    Both are empty for a currency in itself.
    """

    value: Decimal
    path: tuple[str, ...] = ()
    seen_at: datetime | None = None
    sources: tuple[PriceSource, ...] = ()


def marks_of(books: Mapping[str, OrderBook]) -> dict[str, Mark]:
    """The middle price of every book that has two sides."""
    found = {symbol: (book, book.mid()) for symbol, book in books.items()}
    return {symbol: Mark(middle, book.observed_at, book.source) for symbol, (book, middle) in found.items() if middle is not None}


def find_rate(currency: str, quote: str, marks: Mapping[str, Mark]) -> Rate | None:
    """`currency` in `quote` (symbols such as `BTC`), through as few instruments as possible; None where no prices lead there.

    Of paths of one length the first by the instruments' names. Products are exact, a reciprocal is rounded down at the 60th digit.
    """
    reached: dict[str, Rate] = {currency: Rate(ONE)}
    frontier = [currency]
    while frontier and quote not in reached:
        known, frontier = frontier, []
        for at in known:
            for symbol in sorted(marks):
                to, step = _step(at, symbol, marks[symbol].price)
                if to and to not in reached:
                    reached[to] = _joined(reached[at], symbol, step, marks[symbol])
                    frontier.append(to)
    return reached.get(quote)


def _step(at: str, symbol: str, price: Decimal) -> tuple[str, Decimal]:
    """Where an instrument leads from a currency, and at which rate; nowhere for most."""
    base, _, quote = symbol.partition("/")
    if at == base:
        return quote, price
    return (base, divide(ONE, price, Rounding.DOWN)) if at == quote else ("", ONE)


def _joined(rate: Rate, symbol: str, step: Decimal, mark: Mark) -> Rate:
    oldest = mark.seen_at if rate.seen_at is None else min(rate.seen_at, mark.seen_at)
    sources = rate.sources if mark.source in rate.sources else (*rate.sources, mark.source)
    return Rate(multiply(rate.value, step), (*rate.path, symbol), oldest, sources)
