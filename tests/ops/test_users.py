"""The way out of a freeze on the operator's command line: seen, refused while something is owed, paid back, thawed with a reason."""

from __future__ import annotations

import json
from pathlib import Path

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.money import Amount
from core.ledger import service as ledger
from core.ledger.types import WORLD, Posting, receivable
from core.users import service as users
from tests.ops.test_ops import desk, ops
from tests.support.desk import USDT, make_desk
from tests.support.ledger import require_clean

__all__ = ["desk"]


async def frozen(pool: Pool, owed: int) -> tuple[int, str]:
    """A frozen user with 10,000 USDT who owes `owed` units; id and Telegram id."""
    trading = await make_desk(pool)
    user_id = await trading.user()
    async with unit_of_work(pool) as uow:
        user = await users.set_standing(uow, user_id, "frozen")
        if owed:  # as a settlement leaves it: what was advanced, and the claim
            debt = Amount(USDT, owed)
            postings = [Posting(WORLD, "venue:paper:0", debt), Posting(WORLD, receivable(user_id), debt)]
            await ledger.post(uow, key=f"owed:{user_id}", kind="fill", postings=postings)
    assert user is not None
    return user_id, str(user.telegram_user_id)


async def standing(pool: Pool, user_id: int) -> str:
    return str(await pool.fetchval("select standing from users where id = $1", user_id))


async def available(pool: Pool, user_id: int) -> int:
    async with unit_of_work(pool) as uow:
        return (await ledger.balances(uow, user_id, "paper"))[USDT.code].available.units


async def test_an_account_is_shown_and_thawed_with_its_reason(pool: Pool, desk: Path) -> None:
    user_id, telegram_id = await frozen(pool, 0)
    code, out, _ = await ops(desk, "users", "show", telegram_id, DATA_DIR=str(desk))
    assert (code, "frozen" in out, "owes nothing" in out) == (0, True, True)

    code, out, _ = await ops(desk, "users", "unfreeze", telegram_id, "--note", "looked at it", "--json", DATA_DIR=str(desk))

    assert code == 0
    assert [(one["standing"], one["changes"][0]["note"]) for one in json.loads(out)] == [("active", "looked at it")]
    assert await standing(pool, user_id) == "active"


async def test_who_owes_stays_frozen_until_it_is_paid_back(pool: Pool, desk: Path) -> None:
    user_id, telegram_id = await frozen(pool, 150 * 10**8)
    before = await available(pool, user_id)
    code, _, err = await ops(desk, "users", "unfreeze", telegram_id, "--note", "x", DATA_DIR=str(desk))
    assert (code, "owes 150 paper:USDT" in err) == (1, True)
    assert (await standing(pool, user_id), await available(pool, user_id)) == ("frozen", before)

    code, out, _ = await ops(desk, "users", "unfreeze", telegram_id, "--note", "paid", "--repay", DATA_DIR=str(desk))

    assert (code, "owes nothing" in out, "repaid 150 paper:USDT" in out) == (0, True, True)
    assert (await standing(pool, user_id), await available(pool, user_id)) == ("active", before - 150 * 10**8)
    await require_clean(pool)


async def test_who_cannot_pay_all_pays_nothing_and_stays_frozen(pool: Pool, desk: Path) -> None:
    user_id, telegram_id = await frozen(pool, 10_001 * 10**8)
    code, _, err = await ops(desk, "users", "unfreeze", telegram_id, "--note", "x", "--repay", DATA_DIR=str(desk))
    assert (code, "nothing was changed" in err) == (1, True)
    assert (await standing(pool, user_id), await available(pool, user_id)) == ("frozen", 10_000 * 10**8)


async def test_a_stranger_and_a_change_without_a_reason_are_refused(pool: Pool, desk: Path) -> None:
    user_id, telegram_id = await frozen(pool, 0)
    assert (await ops(desk, "users", "show", "5", DATA_DIR=str(desk)))[0] == 1
    assert (await ops(desk, "users", "unfreeze", "5", "--note", "x", DATA_DIR=str(desk)))[0] == 1
    assert (await ops(desk, "users", "unfreeze", telegram_id, "--note", " ", DATA_DIR=str(desk)))[0] == 1
    assert await standing(pool, user_id) == "frozen"
