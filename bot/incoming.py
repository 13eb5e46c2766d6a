"""What an update means to us, in our words: a command, a tap, or nothing. Pure; the only place that reads Telegram's objects in.

Called by the dispatcher. Edited messages, channel posts, other bots, whoever speaks as a chat and anything without a sender mean nothing,
for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from telegram import Bot, CallbackQuery, Message
from telegram.constants import ChatType


@dataclass(frozen=True, slots=True)
class Said:
    """A new text message. `text` is '' for pictures and the like. `forwarded`: somebody else wrote it, or another bot did."""

    sender_id: int
    chat_id: int
    private: bool
    language: str
    text: str
    forwarded: bool


@dataclass(frozen=True, slots=True)
class Tapped:
    """A pressed button. `message_id` is 0 where Telegram does not tell the message any more."""

    sender_id: int
    chat_id: int
    message_id: int
    language: str
    handle: str
    tap_id: str


def translate(payload: dict[str, Any], bot: Bot) -> Said | Tapped | None:
    """Reads a raw update; None for what is not for us, which is not even looked at.

    Raises whatever Telegram's classes raise for what they cannot read.
    """
    if payload.get("message") is not None:
        return _said(Message.de_json(payload["message"], bot))
    if payload.get("callback_query") is not None:
        return _tapped(CallbackQuery.de_json(payload["callback_query"], bot))
    return None


def _said(message: Message) -> Said | None:
    sender = message.from_user
    if sender is None or sender.is_bot or message.sender_chat is not None:
        return None
    return Said(
        sender.id,
        message.chat.id,
        message.chat.type == ChatType.PRIVATE and message.chat.id == sender.id,
        sender.language_code or "",
        message.text or "",
        message.forward_origin is not None or message.via_bot is not None,
    )


def _tapped(query: CallbackQuery) -> Tapped:
    message = query.message
    chat_id, message_id = (message.chat.id, message.message_id) if message is not None else (0, 0)
    return Tapped(query.from_user.id, chat_id, message_id, query.from_user.language_code or "", query.data or "", query.id)
