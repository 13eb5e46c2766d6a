"""The three calls that show something in a chat. Called by the sender; makes Telegram's objects of what screens rendered."""

from __future__ import annotations

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode

from bot.screens.rendered import Rendered

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


def keyboard(rendered: Rendered) -> InlineKeyboardMarkup | None:
    """The buttons; callback data is the handle alone."""
    if not rendered.rows:
        return None
    return InlineKeyboardMarkup([[InlineKeyboardButton(one.label, callback_data=one.handle) for one in row] for row in rendered.rows])


async def send(bot: Bot, chat_id: int, rendered: Rendered, *, silent: bool = False) -> int:
    """A new message; its id. `silent`: it arrives without a sound."""
    message = await bot.send_message(
        chat_id,
        rendered.text,
        parse_mode=ParseMode.HTML,
        reply_markup=keyboard(rendered),
        link_preview_options=NO_PREVIEW,
        disable_notification=silent or None,
    )
    return message.message_id


async def edit(bot: Bot, chat_id: int, message_id: int, rendered: Rendered) -> None:
    """The new content of a message."""
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
