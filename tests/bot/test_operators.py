"""What people with a role do in the chat: looks at accounts, pauses with a reason, parked updates, fees, limits, broadcasts."""

from __future__ import annotations

import pytest
from telegram import Bot, BotCommandScopeChat

from bot.catalog import load_catalog
from bot.grammar import parse
from bot.grammar.operation import Switch
from bot.grammar.operator import BroadcastWords, LookUp
from bot.grammar.words import Malformed
from bot.profile import StaffMenus
from bot.request import AiohttpRequest
from bot.screens.operator import plain_text
from core.audit import service as audit
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.inbox import service as inbox
from core.inbox.rules import raw_update
from core.kernel.clock import SystemClock
from core.notifications import broadcasts
from core.notifications.broadcast_types import Segment
from core.users import service as users
from core.users.roles import Role
from sandbox.telegram.client import SandboxUser
from tests.support.telegram_desk import OPERATOR, TOKEN, TelegramDesk
from tests.support.waiting import eventually


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/pause because Odd Prices", Switch(False, "global", "Odd Prices")),
        ("/pause BTC/USDT because x", Switch(False, "instrument:BTC/USDT", "x")),
        ("/pause venue paper BECAUSE of that", Switch(False, "venue:paper", "of that")),
        ("/resume user 7 because paid", Switch(True, "user:7", "paid")),
        ("/user 7", LookUp("7")),
        ("/broadcast", BroadcastWords()),
        ("/broadcast 12", BroadcastWords(12)),
        ("/broadcast 12 de: Hallo\nWelt: ja", BroadcastWords(12, None, "de", "Hallo\nWelt: ja")),
        ("/broadcast to all: Two\nlines", BroadcastWords(0, Segment(), "en", "Two\nlines")),
        (
            "/broadcast to language de, tier vip, mode live, active 7: x",
            BroadcastWords(0, Segment("de", "vip", "live", 7), "en", "x"),
        ),
        ("/broadcast to user 7: x", BroadcastWords(0, Segment(user_id=7), "en", "x")),
    ],
)
def test_what_operators_type_is_understood(text: str, words: object) -> None:
    assert parse(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "/pause because",
        "/user",
        "/user a b",
        "/broadcast to:",
        "/broadcast to all:",
        "/broadcast to all",
        "/broadcast to nobody: x",
        "/broadcast to tier: x",
        "/broadcast to tier a b: x",
        "/broadcast to tier a, tier b: x",
        "/broadcast to mode play: x",
        "/broadcast to active 0: x",
        "/broadcast to active 99999: x",
        "/broadcast 12 de:",
        "/broadcast x",
        "/broadcast :",
    ],
)
def test_what_is_not_understood_does_nothing(text: str) -> None:
    assert isinstance(parse(text), Malformed)


def test_a_text_of_an_operator_keeps_its_lines_and_words_and_is_never_markup() -> None:
    long = " ".join(["word"] * 500)
    assert plain_text(f"<b>A</b> & B\u202e\n\n{long}") == f"&lt;b&gt;A&lt;/b&gt; &amp; B\n\n{long}"


async def staff(desk: TelegramDesk) -> tuple[SandboxUser, SandboxUser]:
    """An administrator and an ordinary user, both with an account."""
    boss, user = await desk.user(OPERATOR), await desk.user(7)
    await boss.ask("/start", "Welcome")
    await user.ask("/start", "Welcome")
    return boss, user


async def account(pool: Pool, telegram_id: int) -> int:
    async with unit_of_work(pool) as uow:
        user = await users.by_telegram_id(uow, telegram_id)
    assert user is not None
    return user.id


async def actions(pool: Pool) -> list[str]:
    async with unit_of_work(pool) as uow:
        return [one.action for one in reversed(await audit.actions(uow))]


async def test_nobody_else_may(desk: TelegramDesk) -> None:
    _, user = await staff(desk)
    for command in ("/user 1", "/parked", "/fees", "/limits", "/broadcast", "/broadcast to all: x", "/pause because x", "/resume"):
        assert "Only operators" in (await user.ask(command, "operators")).text
    assert await actions(desk.pool) == []


async def test_each_role_may_what_its_rights_say(desk: TelegramDesk) -> None:
    _, user = await staff(desk)
    user_id = await account(desk.pool, 7)
    async with unit_of_work(desk.pool) as uow:
        await users.set_role(uow, user_id, Role.SUPPORT)
    await user.ask("/user 1", "Owes nothing")
    await user.ask("/fees", "platform fee")
    await user.ask("/limits", "in_flight")
    await user.ask("/pause", "Only operators")
    await user.ask("/broadcast", "Only operators")


async def test_a_pause_says_who_and_why_to_those_with_a_role_only(desk: TelegramDesk) -> None:
    boss, user = await staff(desk)
    await boss.ask("/pause BTC/USDT because the feed is <odd>", "Paused: instrument:BTC/USDT")
    seen = await boss.ask("/status", "Paused: instrument:BTC/USDT")
    boss_id = await account(desk.pool, OPERATOR)
    assert f"by operator:{boss_id}: the feed is &lt;odd&gt;" in seen.text or f"by operator:{boss_id}: the feed is <odd>" in seen.text
    seen = await user.ask("/status", "Paused: instrument:BTC/USDT")
    assert "odd" not in seen.text
    assert "operator" not in seen.text
    await boss.ask("/resume BTC/USDT", "Resumed")
    assert await actions(desk.pool) == ["pause", "resume"]


async def test_a_look_at_an_account_is_a_row(desk: TelegramDesk) -> None:
    boss, _ = await staff(desk)
    user_id = await account(desk.pool, 7)
    seen = await boss.ask(f"/user {user_id}", "Owes nothing")
    assert "paper:USDT: 10,000" in seen.text
    await boss.ask("/user @ann", "names are not kept")
    await boss.ask("/user 999999", "Nobody here")
    assert await actions(desk.pool) == ["look_up"]


async def test_parked_updates_are_released_and_dropped_by_buttons(desk: TelegramDesk) -> None:
    boss, _ = await staff(desk)
    async with unit_of_work(desk.pool) as uow:
        for number in (90_001, 90_002):
            payload = {"update_id": number, "message": {"message_id": "x", "text": "a secret", "from": {"id": 5}}}
            await inbox.store(uow, bot_id=4242, updates=[raw_update(payload)])
    await eventually(lambda: desk.pool.fetchval("select count(*) = 2 from inbox_updates where state = 'parked'"))
    seen = await boss.ask("/parked", "Parked updates")
    assert "secret" not in seen.text
    first = await desk.pool.fetchval("select id from inbox_updates where state = 'parked' order by id limit 1")
    await boss.press(seen, f"🗑 Drop {first}")
    await boss.wait_for_message("Parked", message_id=seen.message_id)
    await eventually(lambda: desk.pool.fetchval("select count(*) = 1 from inbox_updates where state = 'dropped'"))
    await boss.ask("/fees", "platform fee")
    seen = await boss.ask("/parked", "Parked updates")
    await boss.press(seen, f"🔁 Try {first + 1} again")
    await eventually(lambda: desk.pool.fetchval("select count(*) = 1 from operator_actions where action = 'update_released'"))
    assert await actions(desk.pool) == ["update_dropped", "update_released"]


async def test_an_order_in_a_released_update_is_refused_as_too_late(desk: TelegramDesk) -> None:
    _, user = await staff(desk)
    await desk.pool.execute("update users set confirm_orders = 'off'")
    async with unit_of_work(desk.pool) as uow:
        who = {"id": 7, "is_bot": False, "first_name": "Ann"}
        chat = {"id": 7, "type": "private", "first_name": "Ann"}
        message = {"message_id": 1, "date": 1_700_000_000, "chat": chat, "from": who, "text": "/buy BTC/USDT 100"}
        await inbox.store(uow, bot_id=4242, updates=[raw_update({"update_id": 90_003, "message": message})])
        await uow.connection.execute(
            "update inbox_updates set state = 'parked', received_at = now() - interval '1 hour' where update_id = 90003"
        )
        [row] = await inbox.parked(uow)
    async with unit_of_work(desk.pool) as uow:
        assert await inbox.release(uow, row.id)
    await user.wait_for_message("came too late")
    assert await desk.pool.fetchval("select count(*) from orders") == 0


async def test_a_broadcast_is_drafted_previewed_started_paused_and_followed(desk: TelegramDesk) -> None:
    boss, user = await staff(desk)
    draft = await boss.ask("/broadcast to all: Hello <b>\nagain", "Broadcast 1")
    assert "2 accounts" in draft.text
    draft = await boss.ask("/broadcast 1 de: Hallo", "Languages: de, en")
    await boss.press(draft, "👁 Send it to me")
    await boss.wait_for_message("📣 Hallo")
    draft = await boss.ask("/broadcast 1", "Broadcast 1")
    await boss.press(draft, "▶️ Start")
    running = await boss.wait_for_message("running", message_id=draft.message_id)
    await boss.press(running, "⏸ Pause")
    paused = await boss.wait_for_message("paused", message_id=draft.message_id)
    await boss.press(paused, "▶️ Go on")
    await boss.wait_for_message("running", message_id=draft.message_id)
    async with unit_of_work(desk.pool) as uow:
        assert await broadcasts.advance(uow, SystemClock().now()) == 2
    told = await user.wait_for_message("📣 Hello")
    assert "<b>" in told.text or "&lt;b&gt;" in told.text
    await boss.ask("/broadcast", "1. done")
    names = ["broadcast_created", "broadcast_started", "broadcast_paused", "broadcast_started"]
    assert await actions(desk.pool) == names


async def test_commands_of_operators_are_listed_for_them_only(desk: TelegramDesk) -> None:

    await staff(desk)
    base = desk.settings.telegram_api_url.rstrip("/")
    async with Bot(TOKEN, base_url=f"{base}/bot", request=AiohttpRequest(), get_updates_request=AiohttpRequest()) as bot:
        menus = StaffMenus(bot, load_catalog(), desk.pool)
        await menus.look()
        listed = [one.command for one in await bot.get_my_commands(scope=BotCommandScopeChat(OPERATOR))]
        assert {"user", "parked", "broadcast", "pause", "buy"} <= set(listed)
        assert await bot.get_my_commands(scope=BotCommandScopeChat(7)) == ()
        await desk.pool.execute("update users set role = 'user'")
        await menus.look()
        assert await bot.get_my_commands(scope=BotCommandScopeChat(OPERATOR)) == ()
