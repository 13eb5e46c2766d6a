"""The paper exchange's matching engine: fills orders that wait when the recorded market reaches them, and says what happened.

Run by the process `streams` (`workers/streams/matching.py`), one at a time: each round's transaction holds the lease's row, so an engine
that lost its lease writes nothing. Everything it knows is in the exchange's tables: it may be stopped anywhere. Must never be called
inside a unit of work.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.adapters.venues.paper import resting_store
from core.adapters.venues.paper.queueing import meet
from core.adapters.venues.paper.store import PaperStore, stored_order
from core.db import leases
from core.db.leases import Lease
from core.db.pool import Pool
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.kernel.clock import Clock
from core.kernel.transaction_guard import require_no_transaction
from core.market.ports import BookReader, TradeReader
from core.market.types import OrderBook, TradePrint
from core.venues.types import Notice

TELL_AT_ONCE = 200
EXPIRE_EVERY = timedelta(seconds=1)


class MatchingEngine:
    """One exchange's engine. `trades` is None where no feed tells trades: then the books alone fill orders."""

    def __init__(self, pool: Pool, books: BookReader, clock: Clock, *, trades: TradeReader | None = None) -> None:
        self._pool = pool
        self._store = PaperStore(pool)
        self._books = books
        self._trades = trades
        self._clock = clock
        self._met: dict[str, tuple[int, datetime]] = {}
        self._expire_next: datetime | None = None

    async def round(self, lease: Lease | None = None) -> int:
        """Meets all waiting orders with the newest books and trades; how many fills that made.

        Raises Unavailable when prices cannot be read (nothing was done), LeaseLost for a stale lease.
        """
        require_no_transaction("paper.match")
        await self._expire_due(lease)
        waiting = await resting_store.symbols(self._pool)
        books = await self._books.books(waiting)
        prints = await self._prints(waiting)
        fills = 0
        for symbol, book in sorted(books.items()):
            seen = (book.sequence, book.observed_at)
            if symbol in prints or self._met.get(symbol) != seen:
                fills += await self._match(book, prints.get(symbol, ()), lease)
                self._met[symbol] = seen
        return fills

    async def notices(self, limit: int = TELL_AT_ONCE) -> list[Notice]:
        """Orders to which something happened that nobody was told; they are named again until `told`."""
        require_no_transaction("paper.notices")
        async with unit_of_work(self._pool) as uow:
            now = self._clock.now()
            rows = await resting_store.untold(uow.connection, limit)
            return [
                Notice(await self._store.report(uow.connection, stored_order(row), now), (row["id"], row["remaining"], row["resting"]))
                for row in rows
            ]

    async def told(self, notices: Sequence[Notice]) -> None:
        """Whoever had to know of these knows."""
        require_no_transaction("paper.told")
        await resting_store.mark_told(self._pool, [one.token for one in notices])

    async def _expire_due(self, lease: Lease | None) -> None:
        """Once a second: the order is closed from its expiry on, this only says so."""
        now = self._clock.now()
        if self._expire_next is not None and now < self._expire_next:
            return
        async with unit_of_work(self._pool) as uow:
            await _require(uow, lease)
            await resting_store.expire(uow.connection, now)
        self._expire_next = now + EXPIRE_EVERY

    async def _prints(self, symbols: Sequence[str]) -> dict[str, list[TradePrint]]:
        if self._trades is None or not symbols:
            return {}
        return await self._trades.prints(await resting_store.cursors(self._pool, symbols))

    async def _match(self, book: OrderBook, prints: Sequence[TradePrint], lease: Lease | None) -> int:
        """One market's orders in one transaction. Cursor, fills and places in the queue stand or fall together."""
        fills = 0
        async with unit_of_work(self._pool) as uow:
            await _require(uow, lease)
            now = self._clock.now()
            for order in await resting_store.concerned(uow.connection, book, prints, now):
                after = meet(order.waiter, book, prints)
                if after.filled_now > 0:
                    await resting_store.fill(uow.connection, order, after.filled_now, now)
                    fills += 1
                if after != order.waiter:
                    await resting_store.move(uow.connection, after, now)
            if prints:
                await resting_store.advance(uow.connection, prints[-1])
        return fills


async def _require(uow: UnitOfWork, lease: Lease | None) -> None:
    if lease is not None:
        await leases.require(uow, lease)
