"""What people who help see of an account, how they find it, and that every look is a row."""

from __future__ import annotations

import json

import pytest

from core.audit import service as audit
from core.controls import service as controls
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied
from core.kernel.ids import short_code
from core.support import operations
from core.support.lookup import find, look_up
from core.support.rules import Kind, Who, parse_who
from core.users import service as users
from core.users import settings
from core.users.roles import Role
from core.users.types import User
from tests.support.desk import buy, make_desk

SECRET = "canary phrase 77"


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("7", Who(Kind.NUMBER, "7")),
        (" id:7 ", Who(Kind.ID, "7")),
        ("TG:123456", Who(Kind.TELEGRAM, "123456")),
        ("ABCD2345", Who(Kind.CODE, "ABCD2345")),
        ("code:12345678", Who(Kind.CODE, "12345678")),
    ],
)
def test_an_account_is_named_by_ids_and_codes(text: str, who: Who) -> None:
    assert parse_who(text) == who


@pytest.mark.parametrize("text", ["", "@ann", "0", "-7", "7.5", "id:", "id:x", "phone:7", "code:a b", "abc", "9" * 19, "x" * 17])
def test_everything_else_names_nobody(text: str) -> None:
    assert parse_who(text) is None


async def found(pool: Pool, text: str) -> int | None:
    who = parse_who(text)
    assert who is not None
    async with unit_of_work(pool) as uow:
        user = await find(uow, who)
        return None if user is None else user.id


async def read(pool: Pool, user_id: int) -> User:
    async with unit_of_work(pool) as uow:
        user = await users.by_id(uow, user_id)
    assert user is not None
    return user


async def test_an_account_is_found_by_each_of_its_names_and_not_by_another_s(pool: Pool) -> None:
    desk = await make_desk(pool)
    user_id, other = await desk.user(), await desk.user()
    order = await desk.trade(buy(user_id, 50))
    user = await read(pool, user_id)
    for name in (str(user_id), f"id:{user_id}", str(user.telegram_user_id), f"tg:{user.telegram_user_id}", user.referral_code):
        assert await found(pool, name) == user_id
    assert await found(pool, f"code:{short_code(order.id)}") == user_id
    for name in ("id:999999", f"tg:{user_id}", "NOBODY22", "code:00000000"):
        assert await found(pool, name) is None
    await pool.execute("update users set telegram_user_id = $1 where id = $2", user_id, other)
    with pytest.raises(Denied, match="ambiguous_user"):
        await found(pool, str(user_id))


async def test_a_look_shows_figures_and_reasons_and_nothing_that_somebody_wrote(pool: Pool) -> None:
    desk = await make_desk(pool)
    user_id = await desk.user()
    bought = await desk.trade(buy(user_id, 50))
    denied = await desk.trade(buy(user_id, 2_000_000))
    waiting = await desk.request(buy(user_id, 60))
    await pool.execute("update users set start_payload = $1 where id = $2", {"raw": SECRET}, user_id)
    async with unit_of_work(pool) as uow:
        await settings.set_phrase(uow, user_id, SECRET)
        await controls.pause(uow, scope=f"user:{user_id}", reason="", user_id=0)
    user = await read(pool, user_id)
    async with unit_of_work(pool) as uow:
        seen = await look_up(uow, user, actor=audit.operator(99))
    assert (seen["role"], seen["standing"], seen["paused"], seen["owes"]) == ("user", "active", True, {})
    assert {one["code"]: one["state"] for one in seen["last_orders"]} == {
        short_code(bought.id): bought.state.value,
        short_code(denied.id): "DENIED",
    }
    assert [one["code"] for one in seen["open_orders"]] == [short_code(waiting.id)]
    assert {one["asset"] for one in seen["balances"]} == {"paper:BTC", "paper:USDT"}
    assert seen["reasons"][0]["code"] == short_code(denied.id)
    assert "in_flight" in {one["name"] for one in seen["limits"]}
    assert SECRET not in json.dumps(seen)
    assert str(user.private_chat_id) not in json.dumps({**seen, "telegram_user_id": ""})
    async with unit_of_work(pool) as uow:
        [row] = await audit.actions(uow, subject=f"user:{user_id}")
    assert (row.actor, row.action) == ("operator:99", "look_up")


async def test_a_look_that_fails_or_is_rolled_back_shows_nothing_and_a_look_without_its_row_cannot_be(pool: Pool) -> None:
    desk = await make_desk(pool)
    user = await read(pool, await desk.user())
    async with unit_of_work(pool) as uow:
        with pytest.raises(Exception, match="said"):
            await look_up(uow, user, actor="")


async def test_every_deed_leaves_its_row(pool: Pool) -> None:
    desk = await make_desk(pool)
    user_id = await desk.user()
    async with unit_of_work(pool) as uow:
        assert await operations.pause(uow, scope="venue:paper", reason="odd prices", actor="operator:1", user_id=1)
        assert not await operations.pause(uow, scope="venue:paper", reason="", actor="ops:ann")
        assert await operations.resume(uow, scope="venue:paper", reason="fine again", actor="ops:ann")
        assert not await operations.resume(uow, scope="venue:paper", reason="", actor="ops:ann")
        await operations.set_fee(uow, 25, "spring", actor="ops:ann")
        given = await operations.give_role(uow, user_id, Role.SUPPORT, actor="ops:ann")
        assert given is not None
        assert await operations.give_role(uow, 99_999, Role.SUPPORT, actor="ops:ann") is None
        assert not await operations.release_update(uow, 1, actor="ops:ann")
        assert not await operations.drop_update(uow, 1, actor="ops:ann")
    async with unit_of_work(pool) as uow:
        rows = await audit.actions(uow)
    assert [(row.action, row.subject) for row in reversed(rows)] == [
        ("pause", "venue:paper"),
        ("pause", "venue:paper"),
        ("resume", "venue:paper"),
        ("resume", "venue:paper"),
        ("fee", "fees:platform"),
        ("role", f"user:{user_id}"),
    ]
    assert rows[0].details == {"before": "user", "after": "support"}
