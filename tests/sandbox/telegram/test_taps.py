"""Callback queries: answered once, in time, by their bot; and taps that nobody should be able to make."""

from __future__ import annotations

import pytest
from telegram import Bot, CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest

from sandbox.telegram.client import SandboxRefused, TelegramSandbox

KEYBOARD = InlineKeyboardMarkup(
    [[InlineKeyboardButton("Confirm", callback_data="c"), InlineKeyboardButton("Site", url="https://example.org")]]
)


async def tapped(bot: Bot) -> CallbackQuery:
    query = (await bot.get_updates(timeout=2))[-1].callback_query
    assert query
    return query


async def test_a_query_is_answered_once(bot: Bot, sandbox: TelegramSandbox):
    asked = await bot.send_message(7, "?", reply_markup=KEYBOARD)
    await sandbox.user(7).press(asked.message_id, "confirm")
    query = await tapped(bot)
    assert await query.answer("Done", show_alert=True)
    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        await query.answer("Again")
    toasts = await sandbox.user(7).toasts()
    assert [(toast["text"], toast["show_alert"], toast["message_id"]) for toast in toasts] == [("Done", True, asked.message_id)]
    assert await sandbox.user(8).toasts() == []


async def test_a_query_expires_and_is_its_bots_own(bot: Bot, sandbox: TelegramSandbox):
    asked = await bot.send_message(7, "?", reply_markup=KEYBOARD)
    await sandbox.user(7).press(asked.message_id, "Confirm")
    query = await tapped(bot)
    async with Bot("43:other", base_url=f"{sandbox.url}/bot") as other:
        with pytest.raises(BadRequest, match=r"(?i)query ID is invalid"):
            await other.answer_callback_query(query.id)
    await sandbox.advance(61)
    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        await query.answer()


async def test_a_button_that_is_not_there_cannot_be_pressed_but_forged(bot: Bot, sandbox: TelegramSandbox):
    asked = await bot.send_message(7, "?", reply_markup=KEYBOARD)
    eve = sandbox.user(8)
    with pytest.raises(SandboxRefused, match="no such button; there is: Confirm, Site"):
        await eve.press(asked.message_id, data="other", chat=7)
    await eve.press(asked.message_id, data="other", chat=7, forged=True)
    query = await tapped(bot)
    assert (query.from_user.id, query.data) == (8, "other")
    assert query.message
    assert query.message.chat.id == 7


async def test_a_link_button_only_opens(bot: Bot, sandbox: TelegramSandbox):
    asked = await bot.send_message(7, "?", reply_markup=KEYBOARD)
    assert (await sandbox.user(7).press(asked.message_id, "Site"))["button"]["url"] == "https://example.org"
    assert await bot.get_updates() == ()


async def test_waiting_for_a_message_sees_edits_and_says_what_was_there(bot: Bot, sandbox: TelegramSandbox):
    ann = sandbox.user(7)
    asked = await bot.send_message(7, "Accepted", reply_markup=KEYBOARD)
    await bot.edit_message_text("Bought 1 BTC", 7, asked.message_id)
    found = await ann.wait_for_message(regex=r"^Bought \d")
    assert (found.message_id, found.texts) == (asked.message_id, ["Accepted", "Bought 1 BTC"])
    with pytest.raises(SandboxRefused, match=r"the last ones: .*Bought 1 BTC"):
        await ann.wait_for_message("Sold", timeout_s=0)
