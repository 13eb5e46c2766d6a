"""Updates in: repeated, poisonous, failing ones, and what happens when the process dies between two steps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot import commands
from bot.handlers import trading as trading_handlers
from core.db import leases
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.inbox import service as inbox
from core.inbox.rules import raw_update
from core.kernel.errors import Unavailable
from core.kernel.secret import Secret
from tests.support.telegram_desk import TelegramDesk, running_bot, telegram_desk
from tests.support.waiting import eventually


def message(number: int, text: str, sender: int = 7, **more: Any) -> dict[str, Any]:
    """A raw update of a private chat."""
    who = {"id": sender, "is_bot": False, "first_name": "Ann"}
    chat = {"id": sender, "type": "private", "first_name": "Ann"}
    return {"update_id": number, "message": {"message_id": number, "date": 1_700_000_000, "chat": chat, "from": who, "text": text, **more}}


async def put(pool: Pool, *payloads: dict[str, Any]) -> None:
    async with unit_of_work(pool) as uow:
        await inbox.store(uow, bot_id=4242, updates=[raw_update(payload) for payload in payloads])


async def states(pool: Pool) -> dict[int, str]:
    async def none_pending() -> bool:
        return not await pool.fetchval("select count(*) from inbox_updates where state = 'pending'")

    await eventually(none_pending, 20)
    return {row["update_id"]: row["state"] for row in await pool.fetch("select update_id, state from inbox_updates order by id")}


POISON: list[dict[str, Any]] = [
    {"message": {"message_id": "x"}},
    {"message": 5},
    {"callback_query": {"id": "1"}},
    {"message": {"message_id": 1, "date": "yesterday", "chat": {"id": 7, "type": "private"}}},
    {"message": {"message_id": 1, "date": 10**30, "chat": {"id": 7, "type": "private"}, "text": "/help"}},
    {"message": {"message_id": 1, "date": 1, "chat": {"type": "private"}, "from": {"id": 7}}},
]
HARMLESS: list[dict[str, Any]] = [
    {},
    {"message": None},
    {"something_new": {"a": 1}},
    {"channel_post": {"message_id": 1, "date": 1, "chat": {"id": -5, "type": "channel"}, "text": "/buy BTC/USDT 100"}},
    {
        "poll": {
            "id": "1",
            "question": "?",
            "options": [],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
        }
    },
]


async def test_poisonous_updates_are_parked_with_their_error_and_the_others_flow(desk: TelegramDesk) -> None:
    await desk.user(7)
    poison = [{"update_id": 1_000_000 + place, **payload} for place, payload in enumerate(POISON)]
    harmless = [{"update_id": 1_000_100 + place, **payload} for place, payload in enumerate(HARMLESS)]
    await put(desk.pool, *poison, *harmless, message(1_000_200, "/help"))
    found = await states(desk.pool)
    assert {found[payload["update_id"]] for payload in poison} == {"parked"}
    assert {found[payload["update_id"]] for payload in harmless} == {"done"}
    assert found[1_000_200] == "done"
    errors = await desk.pool.fetch("select error from inbox_updates where state = 'parked'")
    assert all(row["error"].strip() for row in errors)


async def test_a_programming_error_parks_at_once_and_the_user_is_told(desk: TelegramDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    user = await desk.user(7)
    await user.ask("/start", "Welcome")

    async def broken(*_: object) -> Any:
        raise KeyError("secret content of the chat")

    monkeypatch.setitem(commands.PLAIN, "orders", broken)
    answer = await user.ask("/orders", "Something went wrong")
    assert "secret" not in answer.text
    row = await desk.pool.fetchrow("select error, attempts from inbox_updates where state = 'parked'")
    assert row is not None
    assert "KeyError" in row["error"]
    assert "secret" not in row["error"]
    assert row["attempts"] == 1
    assert await user.ask("/help", "/buy BTC/USDT 100")


async def test_what_is_unavailable_is_tried_again_and_then_said(desk: TelegramDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    user = await desk.user(7)
    await user.ask("/start", "Welcome")
    failures = 3

    async def unavailable(*arguments: Any) -> Any:
        nonlocal failures
        failures -= 1
        if failures >= 0:
            raise Unavailable("prices cannot be reached")
        return await honest(*arguments)

    honest = trading_handlers.find_instrument
    monkeypatch.setattr(trading_handlers, "find_instrument", unavailable)
    assert await user.ask("/buy BTC/USDT 100", "Minimum received")
    failures = 1_000
    monkeypatch.setattr("bot.consumer.retry_delay", lambda attempts: timedelta(0) if attempts < 4 else None)
    assert await user.ask("/buy BTC/USDT 100", "Not available right now")
    assert await desk.pool.fetchval("select state from inbox_updates order by id desc limit 1") == "parked"


async def test_an_update_that_comes_again_changes_nothing(desk: TelegramDesk) -> None:
    await desk.user(7)
    payload = message(1_000_000, "/start")
    for _ in range(3):
        await put(desk.pool, payload)
    await states(desk.pool)
    await put(desk.pool, payload)
    await states(desk.pool)
    assert await desk.pool.fetchval("select count(*) from inbox_updates") == 1
    assert await desk.pool.fetchval("select count(*) from outbox_chat") == 1


async def test_nothing_is_done_twice_when_telegram_delivers_everything_twice(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await desk.telegram.fault("duplicate", 5)
    preview = await user.ask("/buy BTC/USDT 100", "Minimum received")
    await user.press(preview, "Confirm")
    await user.wait_for_message("Accepted", message_id=preview.message_id)
    await states(desk.pool)
    assert await desk.pool.fetchval("select count(*) from orders") == 1


async def test_what_was_stored_before_a_crash_is_handled_after_it(app_dsn: Secret, pool: Pool, valkey_url: str) -> None:
    async with telegram_desk(app_dsn, pool, valkey_url, run=False) as desk:
        user = await desk.user(7)
        await put(pool, message(1_000_000, "/start"))
        async with running_bot(desk.settings):
            assert await user.wait_for_message("Welcome")


async def test_polling_waits_while_another_holds_the_lease(app_dsn: Secret, pool: Pool, valkey_url: str) -> None:
    async with telegram_desk(app_dsn, pool, valkey_url, run=False) as desk:
        lease = await leases.acquire(pool, "poller:4242", "another", timedelta(minutes=1))
        assert lease is not None
        user = await desk.user(7)
        async with running_bot(desk.settings):
            await user.send("/start")
            await put(pool, message(1_000_000, "/help"))
            await user.wait_for_message("/portfolio what you have")
            assert await pool.fetchval("select count(*) from inbox_updates") == 1, "it did not poll"
            await leases.release(pool, lease)
            assert await user.wait_for_message("Your account is open")


async def test_polling_survives_conflicts_errors_and_floods(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    for error in (409, 500, 502):
        await desk.telegram.fail("getUpdates", error)
        assert await user.ask("/help", "/portfolio what you have", timeout_s=20)


async def test_a_forwarded_command_is_not_run(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    origin = {"type": "hidden_user", "date": 1_700_000_000, "sender_user_name": "Mallory"}
    await put(desk.pool, message(1_000_000, "/buy BTC/USDT 100", forward_origin=origin))
    assert await user.wait_for_message("forwarded message is not run")


async def test_other_bots_and_people_without_a_name_are_ignored(desk: TelegramDesk) -> None:
    robot = message(1_000_000, "/start")
    robot["message"]["from"]["is_bot"] = True
    await put(desk.pool, robot)
    assert await states(desk.pool) == {1_000_000: "done"}
    assert await desk.pool.fetchval("select count(*) from users") == 0
