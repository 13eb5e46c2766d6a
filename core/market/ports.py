"""What core needs to know prices. Implemented over Valkey in `core/adapters/marketdata`, by dictionaries in tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.market.types import OrderBook


class BookReader(Protocol):
    """Reads the newest book of an instrument. Called outside a unit of work only."""

    async def book(self, symbol: str) -> OrderBook | None:
        """The newest book, or None where there is none. Raises Unavailable when the store cannot be reached."""
        ...

    async def books(self, symbols: Sequence[str]) -> dict[str, OrderBook]:
        """The newest books of several instruments in one round trip; missing ones are left out. Raises Unavailable."""
        ...


class BookWriter(Protocol):
    """Publishes books; used by the `streams` process."""

    async def publish(self, book: OrderBook) -> None:
        """Replaces the newest book of its instrument. Raises Unavailable."""
        ...
