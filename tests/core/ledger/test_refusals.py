"""Refusals that need a race or a mistake of ours: what they are called, and that nothing is done."""

from __future__ import annotations

import asyncio
import contextvars

import asyncpg
import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import IdempotencyConflict
from core.kernel.money import Amount
from core.ledger import service as ledger
from core.ledger.types import WORLD, Posting, user_available
from tests.support.ledger import BTC, USDT, has, know_assets, paid, require_clean
from tests.support.waiting import eventually


@pytest.fixture(autouse=True)
async def _assets(pool: Pool) -> None:
    await know_assets(pool)


async def somebody_waits(pool: Pool) -> bool:
    """Whether a connection stands in a queue for a lock of this database."""
    query = "select count(*) from pg_locks l join pg_stat_activity a using (pid) where not l.granted and a.datname = current_database()"
    return bool(await pool.fetchval(query))


async def test_one_key_at_the_same_moment_on_other_accounts_is_another_request(pool: Pool) -> None:
    """The second request shares no account with the first, so only the key itself can stop it."""

    async def second() -> None:
        async with unit_of_work(pool) as uow:
            await ledger.post(uow, key="k", kind="gift", postings=[paid(WORLD, user_available(2, "paper"), 5, BTC)])

    async with unit_of_work(pool) as uow:
        await ledger.post(uow, key="k", kind="gift", postings=[paid(WORLD, user_available(1, "paper"), 10)])
        attempt = asyncio.create_task(second(), context=contextvars.Context())
        await eventually(lambda: somebody_waits(pool))
    with pytest.raises(IdempotencyConflict):
        await attempt

    async with unit_of_work(pool) as uow:
        assert (await has(uow, 1), await has(uow, 2, BTC)) == ((10, 0), (0, 0))
    await require_clean(pool)


async def test_an_error_that_is_none_of_ours_keeps_its_name(pool: Pool) -> None:
    """A lock that is not free in time is for the caller to try again, not a malformed or denied request."""
    gift = [paid(WORLD, user_available(1, "paper"), 10)]

    async def impatient() -> None:
        async with unit_of_work(pool) as uow:
            await uow.connection.execute("set local lock_timeout = '1ms'")
            await ledger.post(uow, key="second", kind="gift", postings=gift)

    async with unit_of_work(pool) as uow:
        await ledger.post(uow, key="first", kind="gift", postings=gift)
        with pytest.raises(asyncpg.LockNotAvailableError):
            await asyncio.create_task(impatient(), context=contextvars.Context())

    async with unit_of_work(pool) as uow:
        assert await has(uow, 1) == (10, 0)
    await require_clean(pool)


@pytest.mark.parametrize(("units", "destination"), [(0, "world"), (-1, "world"), (5, "user:1:paper:available")])
def test_a_posting_moves_something_somewhere(units: int, destination: str) -> None:
    with pytest.raises(ValueError, match="a positive amount between two accounts"):
        Posting(user_available(1, "paper"), destination, Amount(USDT, units))
