"""Keeps live feeds alive: knock, connect, snapshots, then every message; reconnects with growing pauses, behind a breaker.

Started by `streams` where no recordings are configured, beside a market that is shown meanwhile. A connection that says nothing for
seconds is given up; a pair whose chain of differences breaks gets a new snapshot while the others go on. Nothing here blocks: a
connection that never comes costs a few seconds of waiting in the background, every few minutes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from core.adapters.marketdata.live_book import LiveFeed
from core.adapters.marketdata.live_exchange import NAME
from core.config.breaker import CircuitBreaker
from core.config.logging import get_logger
from core.kernel.clock import Clock
from core.kernel.errors import Unavailable
from core.market.errors import FeedRefused
from core.market.ports import PriceFeed

log = get_logger()


class Exchange(Protocol):
    """What a LiveExchange offers here."""

    async def ticks(self, symbols: Sequence[str]) -> dict[str, Any]: ...
    async def snapshot(self, symbol: str) -> dict[str, Any]: ...
    async def stream(self, symbols: Sequence[str], on_message: Callable[[dict[str, Any]], None]) -> None: ...
    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How long things may take, in seconds."""

    connect_s: float = 10.0
    silence_s: float = 10.0
    first_pause_s: float = 1.0
    longest_pause_s: float = 300.0
    snapshot_pause_s: float = 1.0


class LiveMarket:
    """The pairs of one exchange. `feeds` are those that had a whole book; `came` once all that are traded there had one."""

    def __init__(
        self,
        symbols: Sequence[str],
        clock: Clock,
        *,
        connect: Callable[[], Awaitable[Exchange]],
        knock: Callable[[], Awaitable[bool]],
        patience: Patience | None = None,
    ) -> None:
        self._symbols = tuple(symbols)
        self._clock = clock
        self._connect = connect
        self._knock = knock
        self._patience = patience or Patience()
        self._feeds: dict[str, LiveFeed] = {}
        self._lost = asyncio.Event()
        self._heard_at = 0.0
        self.breaker = CircuitBreaker("market_exchange", pause_s=self._patience.first_pause_s)
        self.came = asyncio.Event()
        self.state = "starting"

    @property
    def feeds(self) -> Sequence[PriceFeed]:
        """Those with a book to show."""
        return [feed for feed in self._feeds.values() if feed.ready]

    @property
    def stale(self) -> bool:
        """Whether any pair's chain is broken now."""
        return self.state != "live" or not all(feed.synced for feed in self._feeds.values())

    async def run(self) -> None:
        """Until it is canceled."""
        pause = self._patience.first_pause_s
        while True:
            try:
                await self._session()
            except Unavailable as error:
                log.info("live_prices_away", dependency=NAME, reason=str(error), delay_ms=int(pause * 1_000))
            if self.state == "live":
                pause = self._patience.first_pause_s
            self.state = "away"
            for feed in self._feeds.values():
                feed.lose()
            await asyncio.sleep(pause)
            pause = min(self._patience.longest_pause_s, pause * 2)

    async def _session(self) -> None:
        """One connection, from knocking to its end. Raises Unavailable, always."""
        exchange: Exchange | None = None
        reading: asyncio.Task[None] | None = None
        try:
            async with self.breaker.guard():
                if not await self._knock():
                    raise Unavailable(f"{NAME} cannot be reached")
                exchange = await self._connect()
                try:
                    async with asyncio.timeout(self._patience.connect_s):
                        reading = await self._begin(exchange)
                except TimeoutError as error:
                    raise Unavailable(f"{NAME} was too slow") from error
            await self._watch(exchange, reading)
        finally:
            if reading is not None:
                reading.cancel()
                with suppress(asyncio.CancelledError, Unavailable):
                    await reading
            if exchange is not None:
                with suppress(Unavailable):
                    await exchange.close()

    async def _begin(self, exchange: Exchange) -> asyncio.Task[None]:
        """Subscribes, then takes the snapshots: differences that come before wait for theirs."""
        ticks = await exchange.ticks(self._symbols)
        if not ticks:
            raise Unavailable(f"{NAME} trades none of the pairs")
        for symbol, tick in ticks.items():
            self._feeds.setdefault(symbol, LiveFeed(symbol, tick, NAME))
        by_name = {symbol.replace("/", ""): feed for symbol, feed in self._feeds.items()}
        self._heard_at = time.monotonic()
        reading = asyncio.create_task(exchange.stream(list(self._feeds), lambda message: self._take(by_name, message)))
        try:
            await self._first_message(reading)
            for feed in self._feeds.values():
                await self._snapshot(exchange, feed)
        except BaseException:
            reading.cancel()
            raise
        self.state = "live"
        if all(feed.ready for feed in self._feeds.values()) and not self.came.is_set():
            self.came.set()
            log.info("live_prices", dependency=NAME, count=len(self._feeds))
        return reading

    async def _first_message(self, reading: asyncio.Task[None]) -> None:
        """A subscription is known to work when something arrives."""
        began = self._heard_at
        while self._heard_at == began:
            if reading.done():
                await reading
            await asyncio.sleep(0.01)

    async def _watch(self, exchange: Exchange, reading: asyncio.Task[None]) -> None:
        """Until the stream ends or falls silent; takes new snapshots of pairs that lost their chain meanwhile."""
        while True:
            lost = asyncio.create_task(self._lost.wait())
            await asyncio.wait({reading, lost}, timeout=self._patience.silence_s / 4, return_when=asyncio.FIRST_COMPLETED)
            lost.cancel()
            if reading.done():
                await reading
            if time.monotonic() - self._heard_at > self._patience.silence_s:
                raise Unavailable(f"{NAME} fell silent")
            if self._lost.is_set():
                self._lost.clear()
                await asyncio.sleep(self._patience.snapshot_pause_s)
                for feed in [feed for feed in self._feeds.values() if not feed.synced]:
                    await self._snapshot(exchange, feed)

    async def _snapshot(self, exchange: Exchange, feed: LiveFeed) -> None:
        """A snapshot older than the differences that wait for it does not fit: then another one is due."""
        told = await exchange.snapshot(feed.symbol)
        try:
            feed.take(told, self._clock.now())
        except FeedRefused as refusal:
            self._note_lost(feed, refusal)

    def _take(self, by_name: dict[str, LiveFeed], message: dict[str, Any]) -> None:
        self._heard_at = time.monotonic()
        now = self._clock.now()
        for each in self._feeds.values():
            each.confirm(now)
        feed = by_name.get(str(message.get("s")))
        if feed is None:
            return
        try:
            feed.take(message, now)
        except FeedRefused as refusal:
            self._note_lost(feed, refusal)

    def _note_lost(self, feed: LiveFeed, refusal: FeedRefused) -> None:
        log.warning("live_chain_broken", symbol=feed.symbol, reason=refusal.what)
        self._lost.set()
