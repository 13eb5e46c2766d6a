"""What people with a role did: rows in order, and nobody who rewrites them, the owner included."""

from __future__ import annotations

import asyncpg
import pytest

from core.audit import service as audit
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work


async def test_actions_are_read_newest_first_by_subject_and_by_actor(pool: Pool) -> None:
    async with unit_of_work(pool) as uow:
        await audit.record(uow, actor=audit.operator(1), action="look_up", subject="user:7")
        await audit.record(uow, actor="ops:ann", action="fee", subject="fees", details={"bps": 25})
        await audit.record(uow, actor=audit.operator(1), action="role", subject="user:7", details={"role": "support"})
    async with unit_of_work(pool) as uow:
        assert [one.action for one in await audit.actions(uow)] == ["role", "fee", "look_up"]
        assert [one.action for one in await audit.actions(uow, subject="user:7")] == ["role", "look_up"]
        assert [dict(one.details) for one in await audit.actions(uow, actor="ops:ann")] == [{"bps": 25}]
        assert len(await audit.actions(uow, limit=1)) == 1


async def test_a_deed_that_is_rolled_back_leaves_no_row(pool: Pool) -> None:
    async with unit_of_work(pool, dry_run=True) as uow:
        await audit.record(uow, actor="ops:ann", action="fee", subject="fees")
    assert await pool.fetchval("select count(*) from operator_actions") == 0


@pytest.mark.parametrize(
    "statement", ["update operator_actions set actor = 'x'", "delete from operator_actions", "truncate operator_actions"]
)
async def test_nobody_rewrites_them_not_even_the_owner(pool: Pool, owner_pool: Pool, statement: str) -> None:
    async with unit_of_work(pool) as uow:
        await audit.record(uow, actor="ops:ann", action="fee", subject="fees")
    with pytest.raises(asyncpg.PostgresError, match="append-only"):
        await owner_pool.execute(statement)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute(statement)
