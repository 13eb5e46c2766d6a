"""P31: private data in the owner's private chat only.

Everything that can be typed, in every place (a group, a supergroup, somebody else's private chat) and in every disguise in which words
reach a bot (forwarded, through another bot, as an anonymous administrator, as a channel, edited, in a post …), and everything that can
be pressed, in a group and inline. A group hears two things from us, ever: the line that points to the private chat, and help.
"""

from __future__ import annotations

from typing import Any

import pytest

from bot.grammar import COMMAND_NAMES
from core.db.pool import Pool
from core.kernel.secret import Secret
from sandbox.telegram.client import SandboxUser
from sandbox.telegram.disguises import DISGUISES
from tests.promises.conftest import Proof
from tests.support import doors
from tests.support.telegram_desk import OPERATOR, TelegramDesk, telegram_desk
from tests.support.tour import TIRELESS, Issued, idle, prepare_market, press, rows_about, settle, unused_buttons

pytestmark = pytest.mark.timeout(300)
"""A whole desk is toured; on a machine that others use that takes its time."""

OWNER, OTHER = 7, 8
SUPERGROUP, GROUP = -100500, -600
ALOUD = "This is only for your private chat with me: open @strongroom_bot and send it there."
FOREIGN = "This button is not yours, or belongs to another message."
EVERY_TEXT = sorted({text for row in (*(doors.COMMANDS[name] for name in COMMAND_NAMES), doors.TALK) for text in (*row.says, *row.names)})
OBEYED = frozenset({"plain"})
"""What a private chat obeys. Everything else is somebody else's words, or none."""


async def an_owner(desk: TelegramDesk) -> SandboxUser:
    """Somebody with a balance, orders open and done, a phrase and an alert; he talks in both groups, and so do others."""
    await prepare_market(desk)
    owner = await desk.user(OWNER)
    for text in (
        "/start",
        f"/settings phrase {doors.PHRASE}",
        "/alerts BTC/USDT above 7654.3",
        "/buy BTC/USDT 1234.56",
        "/limit BTC/USDT 345.67 58.9",
    ):
        await owner.send(text)
        await settle(desk)
        for one in await unused_buttons(desk.pool, OWNER):
            if one.action == "confirm_order":
                await press(owner, one)
                await settle(desk)
    for text in ("/orders", "/positions", "/start"):
        await owner.send(text)
    for number in (OTHER, OPERATOR):
        await (await desk.user(number)).ask("/start", "Welcome")
    await desk.telegram.add_group(SUPERGROUP, "Friends", [OWNER, OTHER, OPERATOR, 4242])
    await desk.telegram.add_group(GROUP, "Old friends", [OWNER, OTHER, OPERATOR, 4242], kind="group")
    await idle(desk)
    return owner


def sample(proof: Proof) -> list[str]:
    """Texts, addressed to the bot or not."""
    texts = proof.random.sample(EVERY_TEXT, proof.size(test=3, promises=len(EVERY_TEXT), soak=len(EVERY_TEXT)))
    named = [text.format(order="0" * 8, conditional="1" * 8, card="AAAA", user=1) for text in texts]
    return [addressed(text) if text.startswith("/") and proof.random.random() < 0.7 else text for text in named]


def addressed(text: str) -> str:
    """`/buy BTC` → `/buy@strongroom_bot BTC`."""
    command, space, rest = text.partition(" ")
    return f"{command}@strongroom_bot{space}{rest}"


async def heard_in(desk: TelegramDesk, chat: int) -> set[str]:
    """What the bot ever said in a group, labels of buttons and attachments too."""
    read: Any = await desk.telegram.get(f"/chats/{chat}", history=True, limit=100_000)
    said = [message for message in read["messages"] if message["sender_id"] == 4242]
    heard = {entry.get("text", "") for message in said for entry in message["history"]}
    return heard | {str(message["reply_markup"]) for message in said if message["reply_markup"]}


async def the_public_help(desk: TelegramDesk) -> str:
    user = await desk.user(77)
    return (await user.ask("/help", "/portfolio")).text


async def test_what_is_said_outside_the_private_chat_shows_and_does_nothing_private(
    app_dsn: Secret, pool: Pool, valkey_url: str, proof: Proof
) -> None:
    said = 0
    async with telegram_desk(app_dsn, pool, valkey_url, **TIRELESS) as desk:
        owner = await an_owner(desk)
        public = await the_public_help(desk)
        account = await pool.fetchval("select id from users where telegram_user_id = $1", OWNER)
        before, users = await rows_about(pool, account, OWNER), await pool.fetchval("select count(*) from users")
        for disguise in DISGUISES:
            for chat in (SUPERGROUP, GROUP, OTHER):
                for text in sample(proof):
                    for speaker in (owner, desk.telegram.user(proof.random.choice((OPERATOR, 99)))):
                        await speaker.speak(text, disguise, chat=chat)
                        said += 1
        await owner.ask_inline("portfolio")
        await owner.ask_inline("")
        await settle(desk)
        for chat in (SUPERGROUP, GROUP):
            assert await heard_in(desk, chat) <= {ALOUD, public}, "a group heard something else than the two lines it may hear"
            assert ALOUD in await heard_in(desk, chat), "the test says nothing that is answered"
        assert await rows_about(pool, account, OWNER) == before, "words said elsewhere changed what is the owner's"
        assert await pool.fetchval("select count(*) from users") == users, "an account was opened outside a private chat"
        assert not await pool.fetchval("select count(*) from control_pauses"), "an operator's word was obeyed outside his private chat"
        other = [message.text for message in await desk.telegram.user(OTHER).chat() if message.from_bot][1:]
        assert set(other) <= {ALOUD, public}, "somebody else's private chat heard what a guest asked for"
        shown = await pool.fetch("select distinct screen from outbox_chat where chat_id < 0")
        assert {row["screen"] for row in shown} <= {"text", "help"}
        assert not await pool.fetchval("select count(*) from inbox_updates where state = 'parked'")
    proof.record(f"{said:,} texts in {len(DISGUISES)} disguises and three kinds of chat")


async def test_a_private_chat_obeys_what_its_owner_typed_and_nothing_else(
    app_dsn: Secret, pool: Pool, valkey_url: str, proof: Proof
) -> None:
    said = 0
    async with telegram_desk(app_dsn, pool, valkey_url, **TIRELESS) as desk:
        owner = await an_owner(desk)
        account = await pool.fetchval("select id from users where telegram_user_id = $1", OWNER)
        before = lasting(await rows_about(pool, account, OWNER))
        acts = [
            "/buy BTC/USDT 100",
            "/settings confirm off",
            "/settings phrase nothing",
            "/limit BTC/USDT 10 50",
            "/pause",
            "/alert BTC/USDT above 9999",
        ]
        for disguise in sorted(set(DISGUISES) - OBEYED):
            for text in [*acts, *sample(proof)]:
                await owner.speak(text, disguise)
                await desk.telegram.user(OPERATOR).speak(text, disguise)
                said += 2
        await settle(desk)
        assert lasting(await rows_about(pool, account, OWNER)) == before, "words that the owner did not type were obeyed"
        assert not await pool.fetchval("select count(*) from control_pauses")
        assert not await pool.fetchval("select count(*) from inbox_updates where state = 'parked'")
        await owner.speak("/alert BTC/USDT above 9999", "plain")
        await settle(desk)
        assert lasting(await rows_about(pool, account, OWNER)) != before, "what is typed plainly is obeyed, or this test shows nothing"
    proof.record(f"{said:,} texts that the owner did not type")


def lasting(rows: dict[str, list[str]]) -> dict[str, list[str]]:
    """Without what the chat itself keeps: answers, and their buttons."""
    return {table: found for table, found in rows.items() if not table.startswith("outbox_")}


async def test_a_button_pressed_in_a_group_or_inline_does_nothing(app_dsn: Secret, pool: Pool, valkey_url: str) -> None:
    async with telegram_desk(app_dsn, pool, valkey_url, **TIRELESS) as desk:
        owner = await an_owner(desk)
        account = await pool.fetchval("select id from users where telegram_user_id = $1", OWNER)
        await owner.send("/portfolio@strongroom_bot", chat=SUPERGROUP)
        line = await owner.wait_for_message("private chat", chat=SUPERGROUP)
        stolen = await unused_buttons(pool, OWNER)
        assert {"cancel_order", "refresh_positions", "position_sell", "menu"} <= {one.action for one in stolen}
        before = await rows_about(pool, account, OWNER)
        for one in stolen:
            await press(owner, Issued(one.handle, one.action, one.argument, SUPERGROUP, line.message_id))
            await press(desk.telegram.user(OTHER), Issued(one.handle, one.action, one.argument, SUPERGROUP, line.message_id))
            await owner.tap_inline(one.handle)
        await settle(desk)
        assert await rows_about(pool, account, OWNER) == before
        assert {toast["text"] for number in (OWNER, OTHER) for toast in (await desk.telegram.user(number).toasts())[-3:]} == {FOREIGN}
        assert await heard_in(desk, SUPERGROUP) == {ALOUD}
