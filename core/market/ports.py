"""What core needs to know prices. Implemented over Valkey in `core/adapters/marketdata`, by dictionaries in tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from core.market.types import Instrument, OrderBook


class BookReader(Protocol):
    """Reads the newest book of an instrument. Called outside a unit of work only."""

    async def book(self, symbol: str) -> OrderBook | None:
        """The newest book, or None where there is none. Raises Unavailable when the store cannot be reached."""
        ...

    async def books(self, symbols: Sequence[str]) -> dict[str, OrderBook]:
        """The newest books of several instruments in one round trip; missing ones are left out. Raises Unavailable."""
        ...


class BookWriter(Protocol):
    """Publishes books; used by the `streams` process. Called outside a unit of work only."""

    async def publish(self, book: OrderBook) -> None:
        """Replaces the newest book of its instrument. Raises Unavailable."""
        ...

    async def publish_many(self, books: Sequence[OrderBook], *, token: int = 0) -> None:
        """The same for several instruments in one round trip. Raises Unavailable; then some may be published, others not.

        `token` is the publisher's fencing token. Raises LeaseLost, and nothing was published, where a newer one has published.
        """
        ...


class PriceFeed(Protocol):
    """One pair's stream of books: a recording being replayed, a simulation, later an exchange. Owned by one publisher."""

    @property
    def instrument(self) -> Instrument:
        """What is traded on these prices, and by which rules."""
        ...

    def observe(self, now: datetime) -> OrderBook:
        """The book as it stands at `now`, with `observed_at` = `now`. Calls come with a `now` that grows.

        `sequence` changes whenever the book does. Raises FeedRefused when the source turned out to be broken; the feed is dead then.
        """
        ...
