"""Keeps candles: builds them from everything the publisher observes and writes them, under the lease of the price stream.

Called by `service.py`. Each is written whole, so a second writing changes nothing; a restart goes on with the minute that stands in the
table. The table's partitions are made ahead and dropped by retention here. The past of a recording is brought once, for pairs that have
no candles yet: what was missed while this process was away stays a gap. Outages of the database are waited out. Never writes without
the lease.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal

import asyncpg

from core.config.logging import get_logger
from core.db import leases
from core.db.leases import Lease
from core.db.pool import Pool
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.kernel.clock import Clock
from core.kernel.errors import LeaseLost, Unavailable
from core.market import service as market
from core.market.candle_building import CandleBuilder
from core.market.errors import FeedRefused
from core.market.ports import CandleHistory
from core.market.types import Candle, OrderBook, TradePrint

log = get_logger()
FLUSH_S = 5.0
MOST_WAITING = 300
"""A minute of observations of a pair."""
OUTAGES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, Unavailable)
MAINTAIN_EVERY = timedelta(hours=1)


class CandleKeeper:
    """A MarketListener that writes what it heard. One for each PriceStream."""

    def __init__(
        self, pool: Pool, clock: Clock, *, history: CandleHistory | None = None, minute_days: int = 90, flush_s: float = FLUSH_S
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._history = history
        self._minute_days = minute_days
        self._flush_s = flush_s
        self._builders: dict[str, CandleBuilder] = {}
        self._newest: dict[str, OrderBook] = {}
        self._waiting: dict[str, deque[tuple[OrderBook, Sequence[TradePrint], Decimal | None]]] = {}
        self._without_past: set[str] = set()
        self._maintained_at: datetime | None = None
        self._rolled: datetime | None = None

    def seen(self, book: OrderBook, prints: Sequence[TradePrint], volume: Decimal | None) -> None:
        """See MarketListener. What is seen of a pair before its stored candles are looked up waits for that."""
        self._newest[book.symbol] = book
        builder = self._builders.get(book.symbol)
        if builder is not None:
            builder.see(book, prints, volume)
        else:
            self._waiting.setdefault(book.symbol, deque(maxlen=MOST_WAITING)).append((book, prints, volume))

    async def keep(self, lease: Lease) -> None:
        """Until it is canceled. Raises LeaseLost."""
        self._builders, self._maintained_at, self._rolled = {}, None, None
        while True:
            try:
                await self._round(lease)
            except OUTAGES as error:
                log.warning("candles_unwritten", error=type(error).__name__)
            await asyncio.sleep(self._flush_s if self._builders else 0.1)

    async def close(self, lease: Lease) -> None:
        """Writes what is left, within a second, before the lease is given back."""
        with suppress(LeaseLost, *OUTAGES):
            async with asyncio.timeout(1):
                await self._write(lease)

    async def _round(self, lease: Lease) -> None:
        await self._maintain(lease)
        await self._prepare(lease)
        await self._write(lease)
        for symbol in sorted(self._without_past):
            await self._bring_past(lease, symbol)
            self._without_past.discard(symbol)

    async def _maintain(self, lease: Lease) -> None:
        now = self._clock.now()
        if self._maintained_at is not None and now - self._maintained_at < MAINTAIN_EVERY:
            return
        async with unit_of_work(self._pool) as uow:
            await leases.require(uow, lease)
            made, gone = await market.keep_partitions(uow, now=now, minute_days=self._minute_days)
        self._maintained_at = now
        for event, count in (("candle_partitions_made", made), ("candle_partitions_dropped", gone)):
            if count:
                log.info(event, count=count)

    async def _prepare(self, lease: Lease) -> None:
        """Looks up what is stored of pairs that were heard of for the first time under this lease."""
        fresh = [symbol for symbol in self._newest if symbol not in self._builders]
        if not fresh:
            return
        async with unit_of_work(self._pool) as uow:
            await leases.require(uow, lease)
            stored = await market.unfinished_candles(uow, fresh, now=self._clock.now())
            known = await market.symbols_with_candles(uow, fresh, "recorded")
        for symbol in fresh:
            builder = self._builders[symbol] = CandleBuilder(symbol, resumed=stored.get(symbol), known_before=symbol in stored)
            for seen in self._waiting.pop(symbol, ()):
                builder.see(*seen)
        if self._history is not None:
            self._without_past.update(set(fresh) - known)

    async def _write(self, lease: Lease) -> None:
        taken = {symbol: candles for symbol, builder in self._builders.items() if (candles := builder.take())}
        if not taken:
            return
        try:
            async with unit_of_work(self._pool) as uow:
                await leases.require(uow, lease)
                await self._save(uow, [candle for candles in taken.values() for candle in candles])
        except BaseException:
            for symbol, candles in taken.items():
                self._builders[symbol].untake(candles)
            raise

    async def _save(self, uow: UnitOfWork, candles: Sequence[Candle]) -> None:
        """The minutes, and once a minute what coarser candles become of them."""
        await market.save_candles(uow, candles)
        newest = max(candle.open_at for candle in candles)
        if self._rolled is not None and newest <= self._rolled:
            return
        since = min([candle.open_at for candle in candles] + ([self._rolled] if self._rolled is not None else []))
        for origin in {candle.origin for candle in candles}:
            symbols = sorted({candle.symbol for candle in candles if candle.origin == origin})
            await market.roll_up_candles(uow, origin, symbols, since=since, until=newest)
        uow.after_commit(lambda: self._note_rolled(newest))

    def _note_rolled(self, until: datetime) -> None:
        self._rolled = until

    async def _bring_past(self, lease: Lease, symbol: str) -> None:
        book = self._newest.get(symbol)
        if self._history is None or book is None:
            return
        try:
            past = await asyncio.to_thread(self._history.candles, book)
        except FeedRefused as refusal:
            log.warning("history_refused", symbol=symbol, reason=str(refusal))
            return
        if past:
            if past[-1].source.recorded_at and book.source.recorded_at and past[-1].source.recorded_at > book.source.recorded_at:
                self._builders[symbol].mark_jump()
            async with unit_of_work(self._pool) as uow:
                await leases.require(uow, lease)
                await market.bring_candles(uow, past)
            log.info("history_brought", symbol=symbol, count=len(past))
