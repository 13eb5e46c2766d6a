"""In which order updates are handled when a lease is lost between two of them, and when one user floods the inbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from bot.consumer import InboxConsumer
from bot.ending import end
from core.db.leases import Lease
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.inbox import service as inbox
from core.inbox.types import InboxRow
from core.kernel.errors import LeaseLost
from core.kernel.shards import SHARDS
from tests.bot.test_inbox import message, put
from tests.support.waiting import eventually


class AllShards:
    """A shard keeper who holds everything, but says at first `away` times that it does not."""

    def __init__(self, away: int = 0) -> None:
        self.away = away

    def owned(self) -> list[int]:
        return list(range(SHARDS))

    def lease_of(self, _: int) -> Lease | None:
        self.away -= 1
        if self.away >= 0:
            return None
        return Lease("bot-shard:0", "one", 1, timedelta(minutes=1))


class Handlers:
    """Notes what was handled; `before` may refuse."""

    def __init__(self, pool: Pool, before: Callable[[int], None]) -> None:
        self.pool, self.before = pool, before
        self.order: list[int] = []

    async def handle(self, row: InboxRow, _: Lease) -> None:
        self.before(row.update_id)
        async with unit_of_work(self.pool) as uow:
            if await inbox.finish(uow, row.id):
                self.order.append(row.update_id)


@asynccontextmanager
async def consuming(pool: Pool, shards: AllShards, handlers: Any, *, concurrency: int = 4) -> AsyncIterator[None]:
    woken = asyncio.Event()
    woken.set()
    consumer = InboxConsumer(pool, shards, handlers, woken, concurrency=concurrency)  # type: ignore[arg-type]
    running = asyncio.create_task(consumer.run())
    try:
        yield
    finally:
        await end([running])
        await consumer.close()


async def test_an_update_refused_for_a_lost_lease_keeps_its_place_before_the_later_ones(pool: Pool) -> None:
    await put(pool, *(message(number, "/help") for number in (1, 2, 3)))
    refusals = [LeaseLost("taken over")]

    def lost_once(_: int) -> None:
        if refusals:
            raise refusals.pop()

    handlers = Handlers(pool, lost_once)
    async with consuming(pool, AllShards(), handlers):
        await eventually(lambda: len(handlers.order) == 3)
    assert handlers.order == [1, 2, 3]


async def test_a_lease_that_was_away_for_one_update_does_not_let_the_next_overtake(pool: Pool) -> None:
    await put(pool, *(message(number, "/help") for number in (1, 2, 3)))
    handlers = Handlers(pool, lambda _: None)
    async with consuming(pool, AllShards(away=1), handlers):
        await eventually(lambda: len(handlers.order) == 3)
    assert handlers.order == [1, 2, 3]


async def test_a_flood_of_one_user_does_not_keep_the_others_waiting(pool: Pool) -> None:
    await put(pool, *(message(number, "/help", sender=7) for number in range(1, 601)))
    await put(pool, message(1_000, "/help", sender=8))
    handlers = Handlers(pool, lambda _: None)
    async with consuming(pool, AllShards(), handlers, concurrency=2):
        await eventually(lambda: 1_000 in handlers.order, 20)
        assert handlers.order.index(1_000) < 64
        await eventually(lambda: len(handlers.order) == 601, 60)
    assert [number for number in handlers.order if number != 1_000] == list(range(1, 601))
