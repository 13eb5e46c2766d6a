"""The calls that show something in a chat. Called by the sender; makes Telegram's objects of what screens rendered."""

from __future__ import annotations

from typing import Any

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, InputMediaPhoto, LinkPreviewOptions
from telegram.constants import ParseMode

from bot.screens.rendered import Attachment, Rendered

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


def keyboard(rendered: Rendered) -> InlineKeyboardMarkup | None:
    """The buttons; callback data is the handle alone."""
    if not rendered.rows:
        return None
    return InlineKeyboardMarkup([[InlineKeyboardButton(one.label, callback_data=one.handle) for one in row] for row in rendered.rows])


async def send(bot: Bot, chat_id: int, rendered: Rendered, *, silent: bool = False) -> int:
    """A new message, with its picture or file; its id. `silent`: it arrives without a sound."""
    if rendered.attachment is not None:
        return await _send_attachment(bot, chat_id, rendered, rendered.attachment, silent=silent)
    message = await bot.send_message(
        chat_id,
        rendered.text,
        parse_mode=ParseMode.HTML,
        reply_markup=keyboard(rendered),
        link_preview_options=NO_PREVIEW,
        disable_notification=silent or None,
    )
    return message.message_id


async def _send_attachment(bot: Bot, chat_id: int, rendered: Rendered, attachment: Attachment, *, silent: bool) -> int:
    common: dict[str, Any] = {
        "caption": rendered.text or None,
        "parse_mode": ParseMode.HTML,
        "reply_markup": keyboard(rendered),
        "disable_notification": silent or None,
    }
    file = InputFile(attachment.content, filename=attachment.filename)
    if attachment.kind == "photo":
        return (await bot.send_photo(chat_id, file, **common)).message_id
    return (await bot.send_document(chat_id, file, **common)).message_id


async def edit(bot: Bot, chat_id: int, message_id: int, rendered: Rendered) -> None:
    """The new content of a message, with its picture where it has one."""
    if rendered.attachment is not None:
        picture = InputMediaPhoto(
            rendered.attachment.content, caption=rendered.text, parse_mode=ParseMode.HTML, filename=rendered.attachment.filename
        )
        await bot.edit_message_media(picture, chat_id=chat_id, message_id=message_id, reply_markup=keyboard(rendered))
        return
    await bot.edit_message_text(
        rendered.text,
        chat_id=chat_id,
        message_id=message_id,
        parse_mode=ParseMode.HTML,
        reply_markup=keyboard(rendered),
        link_preview_options=NO_PREVIEW,
    )


async def answer(bot: Bot, callback_query_id: str, rendered: Rendered) -> None:
    """The short answer to a tap."""
    await bot.answer_callback_query(callback_query_id, text=rendered.text or None, show_alert=rendered.alert)
