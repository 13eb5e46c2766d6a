"""Everything the sandbox answers or delivers is understood by python-telegram-bot without a key left over."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import (
    Bot,
    BotCommandScopeChat,
    CopyTextButton,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    KeyboardButton,
    MenuButtonCommands,
    MenuButtonWebApp,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
    TelegramObject,
    WebAppInfo,
)
from telegram.error import BadRequest

from sandbox.telegram.client import TelegramSandbox
from tests.sandbox.telegram.pictures import png


def left_over(value: Any, path: str = "") -> list[str]:
    """Keys that python-telegram-bot does not know, anywhere inside."""
    if isinstance(value, list | tuple):
        return [found for index, each in enumerate(value) for found in left_over(each, f"{path}[{index}]")]
    if not isinstance(value, TelegramObject):
        return []
    found = [f"{path}.{key}" for key in value.api_kwargs]
    names = {name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ()) if not name.startswith("_")}
    return found + [each for name in sorted(names - {"api_kwargs"}) for each in left_over(getattr(value, name, None), f"{path}.{name}")]


KEYBOARD = InlineKeyboardMarkup(
    [
        [InlineKeyboardButton("Confirm", callback_data="c"), InlineKeyboardButton("Site", url="https://example.org")],
        [InlineKeyboardButton("App", web_app=WebAppInfo("https://example.org/app"))],
        [InlineKeyboardButton("Copy", copy_text=CopyTextButton("abc"))],
    ]
)


async def test_messages_and_their_edits(bot: Bot, sandbox: TelegramSandbox):
    await sandbox.limits(enabled=False)
    sent = await bot.send_message(7, "<b>Bold</b> https://example.org", parse_mode="HTML", reply_markup=KEYBOARD)
    assert sent.reply_markup == KEYBOARD
    assert sent.text_html_urled.startswith("<b>Bold</b>")
    answers = [
        sent,
        await bot.send_message(7, "reply", reply_parameters=ReplyParameters(sent.message_id)),
        await bot.send_message(7, "keys", reply_markup=ReplyKeyboardMarkup([[KeyboardButton("A"), "B"]], one_time_keyboard=True)),
        await bot.send_message(7, "away", reply_markup=ReplyKeyboardRemove()),
        await bot.send_message(7, "why?", reply_markup=ForceReply(input_field_placeholder="because")),
        await bot.send_message(7, "secret", protect_content=True, disable_notification=True),
        await bot.edit_message_text("New", 7, sent.message_id, reply_markup=KEYBOARD),
        await bot.edit_message_reply_markup(7, sent.message_id, reply_markup=None),
        await bot.forward_message(7, 7, sent.message_id),
        await bot.copy_message(7, 7, sent.message_id),
        await bot.forward_messages(7, 7, [sent.message_id]),
    ]
    assert left_over(answers) == []


async def test_photos_documents_and_files(bot: Bot, sandbox: TelegramSandbox):
    await sandbox.limits(enabled=False)
    photo = await bot.send_photo(7, png(40, 30), caption="<i>chart</i>", parse_mode="HTML")
    assert (photo.photo[-1].width, photo.photo[-1].height) == (40, 30)
    again = await bot.send_photo(8, photo.photo[-1].file_id)
    document = await bot.send_document(7, b"a,b\n1,2\n", filename="statement.csv")
    assert document.document
    assert (document.document.file_name, document.document.file_size) == ("statement.csv", 8)
    captioned = await bot.edit_message_caption(7, photo.message_id, caption="other")
    replaced = await bot.edit_message_media(InputMediaPhoto(png(50, 50), caption="new"), 7, photo.message_id)
    file = await bot.get_file(document.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"a,b\n1,2\n"
    assert left_over([photo, again, document, captioned, replaced, file]) == []
    with pytest.raises(BadRequest, match=r"(?i)image_process_failed"):
        await bot.send_photo(7, b"no picture")
    with pytest.raises(BadRequest, match=r"(?i)wrong file identifier"):
        await bot.send_photo(7, "nonsense")


async def test_what_a_bot_says_about_itself(bot: Bot):
    me = await bot.get_me()
    assert await bot.set_my_commands([("buy", "Buy at market"), ("help", "How this works")])
    assert await bot.set_my_commands([("pause", "Stop all")], scope=BotCommandScopeChat(7))
    assert [command.command for command in await bot.get_my_commands()] == ["buy", "help"]
    assert [command.command for command in await bot.get_my_commands(scope=BotCommandScopeChat(7))] == ["pause"]
    assert await bot.delete_my_commands()
    assert await bot.get_my_commands() == ()
    assert await bot.set_my_description("Trades.")
    assert await bot.set_my_short_description("T")
    assert (await bot.get_my_description("de")).description == "Trades."
    assert await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    assert await bot.set_chat_menu_button(7, MenuButtonWebApp("Desk", WebAppInfo("https://example.org")))
    answers = [me, await bot.get_chat_menu_button(7), await bot.get_chat(7), await bot.get_chat_member(7, 7), await bot.get_webhook_info()]
    assert left_over(answers) == []
    assert await bot.send_chat_action(7, "typing")
    assert await bot.set_my_name("Desk")
    assert (await bot.get_my_name()).name == "Desk"
    with pytest.raises(BadRequest, match=r"(?i)bot_command_invalid"):
        await bot.set_my_commands([("Not-Valid", "x")])


async def test_updates_of_every_kind(bot: Bot, sandbox: TelegramSandbox):
    await sandbox.add_group(-100123, "Desk", [7, 42])
    ann = sandbox.user(7)
    first = await ann.send("/start@desk_bot ref_1 https://example.org #btc @somebody")
    await ann.edit(first, "/start again")
    asked = await bot.send_message(7, "Sure?", reply_markup=KEYBOARD)
    await ann.press(asked.message_id, "Confirm")
    await ann.send("hello all", chat=-100123)
    await ann.block()
    await ann.unblock()
    updates = await bot.get_updates(timeout=2)
    kinds = [next(iter(set(update.to_dict()) - {"update_id"})) for update in updates]
    assert kinds == ["message", "edited_message", "callback_query", "message", "my_chat_member", "my_chat_member"]
    assert left_over(updates) == []
    assert [update.update_id for update in updates] == list(range(updates[0].update_id, updates[0].update_id + 6))
    command = updates[0].message
    assert command
    assert [entity.type for entity in command.entities] == ["bot_command", "url", "hashtag", "mention"]
