"""What Telegram refuses when a bot writes, edits or deletes."""

from __future__ import annotations

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, ReplyKeyboardMarkup, WebAppInfo
from telegram.error import BadRequest, Forbidden

from sandbox.telegram.client import SandboxRefused, TelegramSandbox


def button(**action: object) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton("Go", **action)]])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "message text is empty"),
        (" \n ", "message text is empty"),
        ("x" * 4097, "message is too long"),
        ("😀" * 2049, "message is too long"),
    ],
)
async def test_texts_out_of_bounds(bot: Bot, text: str, complaint: str):
    with pytest.raises(BadRequest, match=f"(?i){complaint}"):
        await bot.send_message(7, text)


async def test_the_longest_text_is_counted_after_parsing(bot: Bot):
    sent = await bot.send_message(7, f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    assert len(sent.text or "") == 4096


@pytest.mark.parametrize(
    ("markup", "complaint"),
    [
        (button(callback_data="x" * 65), "BUTTON_DATA_INVALID"),
        (button(callback_data="é" * 33), "BUTTON_DATA_INVALID"),
        (button(url="javascript:alert(1)"), "BUTTON_URL_INVALID"),
        (button(web_app=WebAppInfo("http://example.org")), "Only HTTPS links are allowed"),
        (button(), "Text buttons are unallowed"),
        (InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data="x")]] * 101), "REPLY_MARKUP_TOO_LONG"),
    ],
)
async def test_keyboards_that_telegram_refuses(bot: Bot, markup: InlineKeyboardMarkup, complaint: str):
    with pytest.raises(BadRequest, match=f"(?i){complaint}"):
        await bot.send_message(7, "x", reply_markup=markup)


async def test_64_bytes_of_callback_data_are_fine(bot: Bot):
    assert await bot.send_message(7, "x", reply_markup=button(callback_data="x" * 64))


async def test_edits_that_change_nothing_are_refused(bot: Bot, sandbox: TelegramSandbox):
    sent = await bot.send_message(7, "<b>same</b>", parse_mode="HTML", reply_markup=button(callback_data="a"))
    with pytest.raises(BadRequest, match=r"(?i)message is not modified"):
        await bot.edit_message_text("<b>same</b> ", 7, sent.message_id, parse_mode="HTML", reply_markup=button(callback_data="a"))
    await bot.edit_message_text("same", 7, sent.message_id, reply_markup=button(callback_data="a"))
    changed = await bot.edit_message_text("same", 7, sent.message_id)
    assert isinstance(changed, object)
    seen = await sandbox.user(7).message(sent.message_id)
    assert (seen.edit_count, seen.buttons, seen.texts) == (2, [], ["same", "same", "same"])


async def test_messages_that_cannot_be_edited(bot: Bot, sandbox: TelegramSandbox):
    mine = await sandbox.user(7).send("mine")
    keys = await bot.send_message(7, "keys", reply_markup=ReplyKeyboardMarkup([["A"]]))
    with pytest.raises(BadRequest, match=r"(?i)message to edit not found"):
        await bot.edit_message_text("x", 7, 999)
    with pytest.raises(BadRequest, match=r"(?i)message can't be edited"):
        await bot.edit_message_text("x", 7, mine.message_id)
    with pytest.raises(BadRequest, match=r"(?i)message can't be edited"):
        await bot.edit_message_text("x", 7, keys.message_id)
    with pytest.raises(BadRequest, match=r"(?i)there is no caption"):
        await bot.edit_message_caption(7, (await bot.send_message(7, "x")).message_id, caption="y")


async def test_deleted_messages_are_gone_for_calls_and_kept_for_the_truth(bot: Bot, sandbox: TelegramSandbox):
    sent = await bot.send_message(7, "soon gone")
    assert await bot.delete_message(7, sent.message_id)
    with pytest.raises(BadRequest, match=r"(?i)message to delete not found"):
        await bot.delete_message(7, sent.message_id)
    assert await bot.delete_messages(7, [sent.message_id, 12345])
    assert await sandbox.user(7).chat() == []
    assert [message.text for message in await sandbox.user(7).chat(deleted=True)] == ["soon gone"]


async def test_who_may_be_written_to(bot: Bot, sandbox: TelegramSandbox):
    await sandbox.add_user(9)
    with pytest.raises(BadRequest, match=r"(?i)chat not found"):
        await bot.send_message(1000, "x")
    with pytest.raises(Forbidden, match="can't initiate conversation"):
        await bot.send_message(9, "x")
    await sandbox.user(7).block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(7, "x")
    with pytest.raises(SandboxRefused, match="blocked"):
        await sandbox.user(7).send("hello?")
    await sandbox.user(7).unblock()
    assert await bot.send_message(7, "x")


async def test_several_bots_have_message_ids_of_their_own(bot: Bot, sandbox: TelegramSandbox):
    await sandbox.add_bot("43:other", first_name="Other")
    await sandbox.user(7, bot=43).send("/start")
    assert (await bot.send_message(7, "one")).message_id == 1
    assert (await bot.send_message(8, "two")).message_id == 2
    async with Bot("43:other", base_url=f"{sandbox.url}/bot") as other:
        assert (await other.send_message(7, "from the other")).message_id == 2
    assert [message.text for message in await sandbox.user(7, bot=42).chat()] == ["one"]
    with pytest.raises(SandboxRefused, match="say which one"):
        await sandbox.user(7).send("to whom?")
