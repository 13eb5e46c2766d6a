"""What core needs to know prices. Implemented over Valkey in `core/adapters/marketdata`, by dictionaries in tests."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable

from core.config.breaker import CircuitBreaker
from core.market.types import Candle, Instrument, OrderBook, TradePrint


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


class BookSignals(Protocol):
    """Says which books are new. A hint: signals may be lost, so whoever waits looks by itself once in a while."""

    async def wait(self, timeout_s: float) -> set[str]:
        """Symbols whose books came since the last call; empty when the time is up. Raises Unavailable; call again later."""
        ...


class TradeReader(Protocol):
    """Reads what was traded lately. Called outside a unit of work only."""

    async def prints(self, since: Mapping[str, int], *, limit: int = 1_000) -> dict[str, list[TradePrint]]:
        """For each symbol the prints with a sequence above the one given (0: all that are kept), oldest first, at most `limit` a symbol.

        One round trip. Symbols without such prints are left out. Older prints than the newest few thousand are gone: who needs every one
        compares the first sequence with what was seen before. Raises Unavailable.
        """
        ...


class TradeWriter(Protocol):
    """Publishes trade prints; used by the `streams` process. Called outside a unit of work only."""

    async def publish_prints(self, prints: Sequence[TradePrint], *, token: int = 0) -> None:
        """Appends prints, of each symbol oldest first; telling some again changes nothing. Raises Unavailable; then some may be told.

        `token` is the publisher's fencing token. Raises LeaseLost, and nothing was told, where a newer one has published.
        """
        ...


class PriceFeed(Protocol):
    """One pair's stream of books and trades: a recording being replayed, a simulation, later an exchange. Owned by one publisher."""

    @property
    def instrument(self) -> Instrument:
        """What is traded on these prices, and by which rules."""
        ...

    def observe(self, now: datetime) -> OrderBook:
        """The book as it stands at `now`, with `observed_at` = `now`. Calls come with a `now` that grows.

        `sequence` changes whenever the book does. Raises FeedRefused when the source turned out to be broken; the feed is dead then.
        """
        ...

    def prints(self, since_sequence: int) -> Sequence[TradePrint]:
        """The trades seen up to the last `observe` with a sequence above `since_sequence`, oldest first; the newest few thousand are kept.

        Empty where trades are not known (books without trades, candles): none are made up, except by a market that says 'simulated'.
        """
        ...


@runtime_checkable
class TellsVolume(Protocol):
    """A PriceFeed that knows how much was traded but not each trade (recorded candles)."""

    @property
    def traded_volume(self) -> Decimal:
        """Base coins traded since the feed began, up to the last `observe`; never shrinks."""
        ...


class CandleHistory(Protocol):
    """Recorded candles as the past of what is replayed now. Reads files: called in a thread."""

    def candles(self, book: OrderBook) -> list[Candle]:
        """Candles of `book.symbol` before the moment that `book` shows, of every interval there is, times shifted to ours.

        Each carries when it was recorded. Empty where there are none. Raises FeedRefused for a file that can no longer be read.
        """
        ...


class LivePrices(Protocol):
    """An exchange's public prices, kept alive in the background once `run` is started."""

    @property
    def came(self) -> asyncio.Event:
        """Set once all pairs that are traded there had a whole book; from then on `feeds` are to be published."""
        ...

    @property
    def feeds(self) -> Sequence[PriceFeed]:
        """Its pairs. They stay when the connection is lost; their books grow old then."""
        ...

    @property
    def breaker(self) -> CircuitBreaker:
        """What stands before the exchange."""
        ...

    @property
    def stale(self) -> bool:
        """Whether any pair's prices are not known now."""
        ...

    @property
    def state(self) -> str:
        """`starting`, `live`, `away`."""
        ...

    async def run(self) -> None:
        """Until it is canceled."""
        ...
