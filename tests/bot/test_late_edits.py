"""An edit whose answer is lost, or that ends after the lease: it never has the last word, and no message comes twice for it."""

from __future__ import annotations

import pytest
from telegram import Bot

from bot import telegram_calls
from bot.screens.rendered import Rendered
from core.db.unit_of_work import unit_of_work
from core.outbox import service as outbox
from tests.bot.test_sender import say, settled
from tests.support.telegram_desk import TelegramDesk
from tests.support.waiting import eventually


async def test_after_an_edit_without_an_answer_the_newest_state_is_shown_once_more(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await say(desk.pool, "one")
    shown = await user.wait_for_message("one")
    await desk.telegram.fail("editMessageText", 500, after_acting=True)
    await say(desk.pool, "two")
    await user.wait_for_message("two")
    last = await say(desk.pool, "three")

    async def tries() -> bool:
        row = await desk.pool.fetchrow("select state, attempts from outbox_chat where id = $1", last)
        return row is not None and row["state"] == "sent" and row["attempts"] == 2

    await eventually(tries, 20, what="the repeat of the newest state")
    assert set((await settled(desk.pool)).values()) <= {"sent", "superseded"}
    assert await desk.pool.fetchval("select attempts from outbox_chat where id = $1", last) == 2, "once, not for ever"
    messages = [one for one in await user.chat() if one.from_bot]
    assert [(one.message_id, one.text.split()[0]) for one in messages] == [(shown.message_id, "three")]


async def test_a_first_message_that_arrived_after_the_lease_was_lost_is_edited_by_the_next_holder(
    desk: TelegramDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await desk.user(7)
    send, stolen = telegram_calls.send, False

    async def send_and_lose(bot: Bot, chat_id: int, rendered: Rendered, *, silent: bool = False) -> int:
        nonlocal stolen
        message_id = await send(bot, chat_id, rendered, silent=silent)
        if not stolen:
            stolen = True
            await desk.pool.execute("update leases set token = token + 1, holder = 'another', expires_at = now() + interval '1 second'")
        return message_id

    monkeypatch.setattr(telegram_calls, "send", send_and_lose)
    await say(desk.pool, "early")
    assert set((await settled(desk.pool)).values()) == {"sent"}
    assert stolen
    assert len([one for one in await user.chat() if one.from_bot]) == 1


async def test_only_what_was_sent_and_is_newest_waits_again(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    first = await say(desk.pool, "one")
    await user.wait_for_message("one")
    await settled(desk.pool)
    async with unit_of_work(desk.pool) as uow:
        known = await uow.connection.fetchval("select telegram_message_id from outbox_messages")
        await outbox.remember_message(uow, chat_id=7, message_key="m", telegram_message_id=known + 5, row_id=first + 5)
        assert await uow.connection.fetchval("select telegram_message_id from outbox_messages") == known, "what is on record stays"
        await outbox.remember_message(uow, chat_id=7, message_key="late", telegram_message_id=9_999, row_id=first)
        assert await uow.connection.fetchval("select count(*) from outbox_messages where message_key = 'late'") == 1
