"""The paper exchange's engine as the process runs it: one at a time, nothing without the lease, everything told at last."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import asyncpg
import pytest

from core.config.metrics import LEASES_LOST
from core.db import leases
from core.db.pool import Pool
from core.kernel.errors import LeaseLost, Unavailable
from core.trading.types import OrderState
from core.venues.types import Notice
from tests.support.desk import make_desk
from tests.support.exchange import Exchange, limit_buy
from tests.support.waiting import eventually
from workers.streams.matching import LEASE, Matching, tell

TTL = timedelta(seconds=2)


def lost() -> float:
    """How often a lease of the engine was lost in this process."""
    samples = [one for metric in LEASES_LOST.collect() for one in metric.samples if one.name.endswith("_total")]
    return sum(one.value for one in samples if one.labels == {"lease": LEASE})


class Troubled:
    """An engine that counts its rounds and raises what it is told."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.rounds = 0

    async def round(self, lease: leases.Lease | None = None) -> int:
        assert lease is not None
        self.rounds += 1
        if self.failures:
            raise self.failures.pop(0)
        return 0

    async def notices(self) -> Sequence[Notice]:
        return ()

    async def told(self, notices: Sequence[Notice]) -> None:
        raise AssertionError(f"nothing happened, and {notices} were told")


async def test_what_the_engine_matches_reaches_the_order(pool: Pool) -> None:
    desk = await make_desk(pool)
    exchange, stop = Exchange(desk), asyncio.Event()
    order = await desk.trade(limit_buy(await desk.user(), "2", "95"))
    running = asyncio.create_task(Matching(exchange.engine, pool, stop, lease_ttl=TTL).run())
    exchange.book(asks=[(95, 9)])

    await eventually(exchange.waiting)
    tasks = await pool.fetch("select row_id from outbox_tasks where task = 'trading.apply_reports'")
    assert [row["row_id"] for row in tasks] == [str(order.id)]
    stop.set()
    await running
    await exchange.apply()
    assert (await desk.order(order.id)).state is OrderState.FILLED
    assert await leases.acquire(pool, LEASE, "another", TTL) is not None, "the lease was given back"


async def test_an_engine_that_lost_its_lease_writes_and_tells_nothing(pool: Pool) -> None:
    desk = await make_desk(pool)
    exchange = Exchange(desk)
    order = await desk.trade(limit_buy(await desk.user(), "2", "95"))
    stale = await leases.acquire(pool, LEASE, "first", TTL)
    assert stale is not None
    await leases.release(pool, stale)
    assert await leases.acquire(pool, LEASE, "second", TTL) is not None
    exchange.book(asks=[(95, 9)])

    with pytest.raises(LeaseLost):
        await exchange.engine.round(stale)
    assert await pool.fetchval("select count(*) from paper_venue_fills") == 0
    await exchange.engine.round()
    with pytest.raises(LeaseLost):
        await tell(exchange.engine, pool, stale)
    assert await exchange.waiting() == []
    assert await tell(exchange.engine, pool) == 1
    assert list(await exchange.waiting()) == [order.id]


async def test_one_engine_runs_and_the_other_stands_by_until_it_ends(pool: Pool) -> None:
    first, second = Troubled(), Troubled()
    stops = (asyncio.Event(), asyncio.Event())
    one = asyncio.create_task(Matching(first, pool, stops[0], lease_ttl=TTL).run())
    await eventually(lambda: first.rounds > 1)
    other = asyncio.create_task(Matching(second, pool, stops[1], lease_ttl=TTL).run())
    await eventually(lambda: first.rounds > 5)
    assert second.rounds == 0

    stops[0].set()
    await one
    await eventually(lambda: second.rounds > 0)
    stops[1].set()
    await other


@pytest.mark.parametrize("failure", [Unavailable("no prices"), LeaseLost("gone"), asyncpg.PostgresConnectionError("away"), OSError()])
async def test_trouble_is_waited_out(pool: Pool, failure: Exception) -> None:
    engine, stop = Troubled(failure, *([failure] if isinstance(failure, Unavailable) else [])), asyncio.Event()
    running = asyncio.create_task(Matching(engine, pool, stop, lease_ttl=TTL).run())
    await eventually(lambda: not engine.failures and engine.rounds > 2)
    stop.set()
    await running


async def test_a_lease_that_went_to_another_stops_the_rounds(pool: Pool, owner_pool: Pool) -> None:
    engine, stop, before = Troubled(), asyncio.Event(), lost()
    running = asyncio.create_task(Matching(engine, pool, stop, lease_ttl=TTL).run())
    await eventually(lambda: engine.rounds > 1)
    await owner_pool.execute("update leases set token = token + 1, holder = 'another', expires_at = now() + interval '1 day'")

    await eventually(lambda: lost() > before)
    stop.set()
    await running


async def test_a_notice_of_no_order_of_ours_is_left_aside(pool: Pool) -> None:
    desk = await make_desk(pool)
    exchange = Exchange(desk)
    order = await desk.trade(limit_buy(await desk.user(), "2", "95"))
    await pool.execute("update orders set client_order_id = 'sr-another' where id = $1", order.id)
    exchange.book(asks=[(95, 9)])
    await exchange.engine.round()

    assert await tell(exchange.engine, pool) == 1
    assert await exchange.waiting() == []
    assert await tell(exchange.engine, pool) == 0
