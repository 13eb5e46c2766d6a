"""Leases: one holder, tokens that grow, and no write under a stale or expired one."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core.db.leases import Lease, acquire, release, renew, require
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import LeaseLost
from tests.support.waiting import eventually

LONG = timedelta(minutes=5)


async def expire(owner_pool: Pool, name: str) -> None:
    await owner_pool.execute("update leases set expires_at = clock_timestamp() - interval '1 ms' where name = $1", name)


async def taken(pool: Pool, name: str, holder: str) -> Lease:
    lease = await acquire(pool, name, holder, LONG)
    assert lease is not None
    return lease


async def test_one_of_many_takes_it(pool: Pool) -> None:
    got = await asyncio.gather(*(acquire(pool, "relay", f"relay-{number}", LONG) for number in range(12)))
    assert sum(lease is not None for lease in got) == 1


async def test_the_token_grows_with_each_holder_and_the_stale_one_is_refused(pool: Pool) -> None:
    first = await taken(pool, "relay", "a")
    await release(pool, first)
    second = await taken(pool, "relay", "b")
    assert (first.token, second.token) == (1, 2)
    async with unit_of_work(pool) as uow:
        await require(uow, second)
    with pytest.raises(LeaseLost):
        async with unit_of_work(pool) as uow:
            await require(uow, first)
    assert await renew(pool, second)
    assert not await renew(pool, first)
    await release(pool, first)
    assert await acquire(pool, "relay", "c", LONG) is None


async def test_an_expired_lease_refuses_writes_even_before_anybody_else_took_it(pool: Pool, owner_pool: Pool) -> None:
    lease = await taken(pool, "relay", "a")
    await expire(owner_pool, "relay")
    assert not await renew(pool, lease)
    with pytest.raises(LeaseLost):
        async with unit_of_work(pool) as uow:
            await require(uow, lease)


async def test_nobody_takes_over_while_a_unit_of_work_under_the_lease_is_open(pool: Pool, owner_pool: Pool) -> None:
    lease = await taken(pool, "relay", "a")

    async def waiting() -> bool:
        return bool(await pool.fetchval("select count(*) from pg_locks where not granted") == 1)

    async with unit_of_work(pool) as uow:
        await require(uow, lease)
        end = asyncio.create_task(expire(owner_pool, "relay"))
        await eventually(waiting)
        assert not end.done()
    await end
    assert await acquire(pool, "relay", "b", LONG) is not None


async def test_asking_for_a_lease_under_which_a_unit_of_work_is_open_waits_for_nobody(pool: Pool, owner_pool: Pool) -> None:
    lease = await acquire(pool, "relay", "a", timedelta(milliseconds=50))
    assert lease is not None
    async with unit_of_work(pool) as uow:
        await require(uow, lease)
        await eventually(lambda: pool.fetchval("select expires_at <= clock_timestamp() from leases"))
        async with asyncio.timeout(5):
            assert await acquire(pool, "relay", "b", LONG) is None
    assert await acquire(pool, "relay", "b", LONG) is not None


async def test_a_unit_of_work_under_a_lease_may_stand_still_no_longer_than_the_lease(pool: Pool) -> None:
    lease = await acquire(pool, "relay", "a", timedelta(milliseconds=2_500))
    assert lease is not None
    async with unit_of_work(pool) as uow:
        before = await uow.connection.fetchval("show idle_in_transaction_session_timeout")
        await require(uow, lease)
        assert await uow.connection.fetchval("show idle_in_transaction_session_timeout") == "2500ms"
    assert await pool.fetchval("show idle_in_transaction_session_timeout") == before


async def test_a_lease_unheard_of_is_not_held(pool: Pool) -> None:
    with pytest.raises(LeaseLost):
        async with unit_of_work(pool) as uow:
            await require(uow, Lease("nothing", "a", 1, LONG))
