"""What the tables refuse, even to their owner: a statement that makes or loses money, and any rewriting of history."""

from __future__ import annotations

import asyncpg
import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.ledger import service as ledger
from core.ledger.types import WORLD, user_available
from tests.support.ledger import BTC, USDT, fund, know_assets, paid


@pytest.fixture(autouse=True)
async def _money(pool: Pool) -> None:
    await know_assets(pool)
    await fund(pool, 7, 1000)


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger_accounts set balance = balance + 1 where address = 'world'",
        "update ledger_accounts set balance = 0 where address like 'user:%'",
        (
            "insert into ledger_accounts (address, asset_id, may_be_negative, balance) select 'user:9:paper:available', id, false, 5 "
            "from ledger_assets where code = 'paper:USDT'"
        ),
    ],
)
async def test_money_is_neither_made_nor_lost_by_a_statement(owner_pool: Pool, statement: str) -> None:
    before = await owner_pool.fetch("select address, balance from ledger_accounts order by id")
    with pytest.raises(asyncpg.PostgresError) as refused:
        await owner_pool.execute(statement)
    assert refused.value.sqlstate == "SR001"
    assert await owner_pool.fetch("select address, balance from ledger_accounts order by id") == before


async def test_a_change_on_both_sides_without_postings_is_seen_by_the_check(owner_pool: Pool) -> None:
    await owner_pool.execute("update ledger_accounts set balance = balance * 2")
    async with unit_of_work(owner_pool) as uow:
        assert [line.asset for line in await ledger.check(uow) if not line.ok] == ["paper:USDT"]


async def test_sums_are_zero_for_each_asset_not_in_total(owner_pool: Pool, pool: Pool) -> None:
    async with unit_of_work(pool) as uow:
        await ledger.post(uow, key="btc", kind="fund", postings=[paid(WORLD, user_available(7, "paper"), 1000, BTC)])
    crossing = """update ledger_accounts a set balance = a.balance + case s.code when 'paper:USDT' then 5 else -5 end
        from ledger_assets s where s.id = a.asset_id and a.address = 'user:7:paper:available'"""
    with pytest.raises(asyncpg.PostgresError) as refused:
        await owner_pool.execute(crossing)
    assert refused.value.sqlstate == "SR001"


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger_postings set amount = 1",
        "delete from ledger_postings",
        "truncate ledger_postings",
        "update ledger_transactions set kind = 'other'",
        "delete from ledger_transactions",
        "truncate ledger_transactions cascade",
        "delete from ledger_accounts",
        "truncate ledger_accounts cascade",
        "update ledger_accounts set address = 'user:8:paper:available' where address like 'user:7%'",
        "update ledger_accounts set may_be_negative = true",
        "update ledger_assets set scale = 2",
        "delete from ledger_assets",
    ],
)
async def test_history_is_append_only_even_for_the_owner(owner_pool: Pool, statement: str) -> None:
    with pytest.raises(asyncpg.PostgresError) as refused:
        await owner_pool.execute(statement)
    assert refused.value.sqlstate == "SR403"


async def test_a_balance_below_zero_is_refused_by_the_table_itself(owner_pool: Pool) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await owner_pool.execute(
            "update ledger_accounts set balance = balance + case address when 'world' then 1001 else -1001 end "
            "where address in ('world', 'user:7:paper:available')"
        )


async def test_the_application_role_reaches_money_through_the_functions_only(pool: Pool) -> None:
    for statement in (
        "insert into ledger_transactions default values",
        "update ledger_holds set remaining = 0",
        "delete from ledger_holds",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)
    assert await pool.fetchval("select count(*) from ledger_accounts") == 2
    assert USDT.code == await pool.fetchval("select min(code) from ledger_assets where code like '%USDT'")


async def test_only_the_two_roles_may_call_the_ledger(owner_pool: Pool) -> None:
    public = await owner_pool.fetch(
        "select p.proname from pg_proc p, aclexplode(p.proacl) a where p.pronamespace = 'public'::regnamespace and a.grantee = 0"
    )
    assert public == []
    searched = await owner_pool.fetch(
        "select proname, proconfig from pg_proc where pronamespace = 'public'::regnamespace and prosecdef and proconfig is null"
    )
    assert searched == []
