"""A unit of work is one transaction: all or nothing, also when its first statement is a function; no adapter inside."""

from __future__ import annotations

import asyncpg
import pytest
from sqlalchemy import insert, select

from core.controls.models import pauses
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import InvariantViolated
from core.kernel.transaction_guard import require_no_transaction
from core.ledger import service as ledger
from core.ledger.types import WORLD, user_available
from tests.support.ledger import know_assets, paid


class Stop(Exception):
    pass


async def post_something(uow) -> None:
    await ledger.post(uow, key="first", kind="fund", postings=[paid(WORLD, user_available(7, "paper"), 10)])


async def test_a_rollback_takes_back_a_ledger_function_that_came_first(pool: Pool) -> None:
    await know_assets(pool)
    called: list[str] = []

    async def unit() -> None:
        async with unit_of_work(pool) as uow:
            uow.after_commit(lambda: called.append("committed"))
            await post_something(uow)
            await uow.execute(insert(pauses).values(scope="global", paused_by=1))
            raise Stop

    with pytest.raises(Stop):
        await unit()
    assert await pool.fetchval("select count(*) from ledger_transactions") == 0
    assert await pool.fetchval("select count(*) from ledger_accounts") == 0
    assert await pool.fetchval("select count(*) from control_pauses") == 0
    assert called == []


async def test_a_dry_run_finds_nothing_afterwards_and_calls_nobody(pool: Pool) -> None:
    await know_assets(pool)
    called: list[str] = []
    async with unit_of_work(pool, dry_run=True) as uow:
        uow.after_commit(lambda: called.append("committed"))
        await post_something(uow)
        assert await uow.connection.fetchval("select count(*) from ledger_transactions") == 1
    assert await pool.fetchval("select count(*) from ledger_transactions") == 0
    assert called == []


async def test_a_commit_keeps_everything_and_calls_back_once(pool: Pool) -> None:
    await know_assets(pool)
    called: list[str] = []
    async with unit_of_work(pool) as uow:
        uow.after_commit(lambda: called.append("committed"))
        await post_something(uow)
        await uow.execute(insert(pauses).values(scope="global", paused_by=1))
    async with unit_of_work(pool) as uow:
        [row] = await uow.fetch(select(pauses.c.scope))
    assert row["scope"] == "global"
    assert await pool.fetchval("select count(*) from ledger_transactions") == 1
    assert called == ["committed"]


async def test_an_adapter_called_inside_fails_and_outside_does_not(pool: Pool) -> None:
    require_no_transaction("venue.submit")
    with pytest.raises(InvariantViolated, match=r"venue\.submit"):
        async with unit_of_work(pool):
            require_no_transaction("venue.submit")
    require_no_transaction("venue.submit")


async def test_one_inside_another_fails(pool: Pool) -> None:
    with pytest.raises(InvariantViolated):
        async with unit_of_work(pool), unit_of_work(pool):
            pass


async def test_a_connection_that_the_server_ended_meanwhile_is_a_connection_error(pool: Pool) -> None:
    with pytest.raises(ConnectionResetError):
        async with unit_of_work(pool):
            raise asyncpg.InternalClientError("cannot switch to state 12; protocol is in the failed state")
