"""What a recorded order book feed says, whatever exchange it comes from, and the book that follows from it.

Readers (`binance_feed`, `bybit_feed`) yield changes; the builder applies them in order. Checking a recording and replaying it run this
same code, so that a recording that was accepted replays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal

from core.adapters.marketdata.lines import Line
from core.market.book_building import BookBroken, DepthBook, DepthDiff, Pair, apply_depth_diff, book_from_snapshot
from core.market.errors import FeedRefused
from core.market.instruments import step_of

LONGEST_FIGURE = 60
MOST_EARLY_CHANGES = 10_000
"""How many differences may come before the snapshot that they belong to."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole book as of `sequence`."""

    sequence: int
    bids: list[Pair]
    asks: list[Pair]


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade the feed told. It changes no book: what it took away comes as a difference of its own."""

    price: Decimal
    quantity: Decimal
    aggressor: Literal["buy", "sell"]


@dataclass(frozen=True, slots=True)
class Change:
    """One message of the feed: when (nanoseconds since the epoch, in the recording), in which line, what."""

    at_ns: int
    line: Line
    content: Snapshot | DepthDiff | Trade


@dataclass(frozen=True, slots=True)
class BookRecording:
    """A recording to replay. `changes` reads it from its start; `name` is what people read, such as `binance recording 2024-08-08`."""

    path: Path
    symbol: str
    name: str
    changes: Callable[[], Iterator[Change]]


@dataclass(frozen=True, slots=True)
class BookFacts:
    """What checking a recording found. Times are those of the first whole book and of the last change."""

    start_ns: int
    end_ns: int
    changes: int
    first_price: Decimal
    price_step: Decimal | None


class BookBuilder:
    """Applies changes in the order of the file. Differences before the snapshot wait for it."""

    def __init__(self) -> None:
        self.book: DepthBook | None = None
        self._early: list[Change] = []

    def apply(self, change: Change) -> None:
        """Takes the next change; trades change nothing. Raises FeedRefused with the line of whatever does not fit."""
        if isinstance(change.content, Trade):
            return
        if isinstance(change.content, Snapshot):
            self._start(change, change.content)
        elif self.book is not None:
            _apply(self.book, change, change.content)
        elif len(self._early) < MOST_EARLY_CHANGES:
            self._early.append(change)
        else:
            raise change.line.refuse(f"no snapshot among the first {MOST_EARLY_CHANGES} changes")

    def _start(self, change: Change, snapshot: Snapshot) -> None:
        try:
            book = book_from_snapshot(snapshot.sequence, snapshot.bids, snapshot.asks)
        except BookBroken as error:
            raise change.line.refuse(str(error)) from error
        for early in self._early:
            if isinstance(early.content, DepthDiff):
                _apply(book, early, early.content)
        self._early.clear()
        self.book = book


def _apply(book: DepthBook, change: Change, diff: DepthDiff) -> None:
    try:
        apply_depth_diff(book, diff)
    except BookBroken as error:
        raise change.line.refuse(str(error)) from error


def check_recording(recording: BookRecording) -> BookFacts:
    """Reads all of it as a replay would. Raises FeedRefused at the first thing that is wrong."""
    builder = BookBuilder()
    count, start_ns, end_ns, last_line = 0, 0, 0, 1
    price: Decimal | None = None
    step: Decimal | None = None
    for change in recording.changes():
        builder.apply(change)
        last_line = change.line.number
        if builder.book is None or isinstance(change.content, Trade):
            continue
        if price is None:
            start_ns = change.at_ns
            price, step = _reference_price(builder.book), step_of([*builder.book.bids.prices, *builder.book.asks.prices])
        else:
            count += 1
        end_ns = max(end_ns, change.at_ns)
    if builder.book is None:
        raise FeedRefused(recording.path.name, f"line {last_line}", "no snapshot in the recording")
    if price is None:
        raise FeedRefused(recording.path.name, f"line {last_line}", "the snapshot is empty")
    return BookFacts(start_ns, max(start_ns, end_ns), count, price, step)


def _reference_price(book: DepthBook) -> Decimal | None:
    """About where it trades: the best price of either side."""
    if book.asks.prices:
        return book.asks.prices[0]
    return book.bids.prices[-1] if book.bids.prices else None


def parse_pairs(line: Line, told: Any, name: str) -> list[Pair]:
    """`[["61837.63", "3.78"], …]` as Decimals, exactly as written. Raises FeedRefused."""
    if not isinstance(told, list):
        raise line.refuse(f"{name} is no list of levels")
    try:
        return [(_figure(price), _figure(quantity)) for price, quantity in _two(told)]
    except (ValueError, TypeError, InvalidOperation) as error:
        raise line.refuse(f"a level in {name} is not a pair of price and quantity in decimal text") from error


def _two(told: list[Any]) -> Iterable[tuple[Any, Any]]:
    for pair in told:
        price, quantity = pair
        yield price, quantity


def _figure(told: Any) -> Decimal:
    """Plain decimal text or a whole number: what JSON keeps exactly, and what cannot grow when it is written out."""
    if type(told) is int or (isinstance(told, str) and len(told) <= LONGEST_FIGURE and not told.strip("0123456789.-")):
        return Decimal(told)
    raise TypeError


def parse_trade(line: Line, price: Any, quantity: Any, aggressor: Literal["buy", "sell"]) -> Trade:
    """A trade with its figures in decimal text. Raises FeedRefused."""
    ((value, size),) = parse_pairs(line, [[price, quantity]], "a trade")
    if value <= 0 or size < 0:
        raise line.refuse(f"a trade of {size} at {value}")
    return Trade(value, size, aggressor)


def parse_sequence(line: Line, told: dict[str, Any], name: str) -> int:
    """A sequence number. Raises FeedRefused where it is missing or no whole number."""
    value = told.get(name)
    if type(value) is not int or value < 0:
        raise line.refuse(f"sequence number {name} is missing")
    return value
