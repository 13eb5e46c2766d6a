"""The schedules as data: what was in force stays on record, what is yet to begin is not in force, and a rate has bounds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.fees.service import FeeSchedule, history, platform_fee_bps, set_platform_fee

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def test_every_schedule_stays_on_record_newest_first(pool: Pool, owner_pool: Pool) -> None:
    async with unit_of_work(pool) as uow:
        assert await history(uow) == []
        await set_platform_fee(uow, 30, "begins now, entered first")
    await owner_pool.execute(
        "insert into fee_schedules (platform_fee_bps, begins_at, note) values (10, $1, 'begun long ago, entered last')", LONG_AGO
    )

    async with unit_of_work(pool) as uow:
        newest, oldest = await history(uow)

    assert (newest.platform_fee_bps, newest.note) == (30, "begins now, entered first")
    assert oldest == FeeSchedule(10, LONG_AGO, "begun long ago, entered last")


async def test_a_schedule_that_is_yet_to_begin_is_not_in_force(pool: Pool, owner_pool: Pool) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    await owner_pool.execute("insert into fee_schedules (platform_fee_bps, begins_at) values (500, $1)", tomorrow)
    async with unit_of_work(pool) as uow:
        assert await platform_fee_bps(uow) == 0


@pytest.mark.parametrize("bps", [-1, 501])
async def test_a_rate_out_of_bounds_is_refused(pool: Pool, bps: int) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        async with unit_of_work(pool) as uow:
            await set_platform_fee(uow, bps, "a slip of the finger")
