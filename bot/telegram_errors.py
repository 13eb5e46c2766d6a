"""What an error of Telegram means for a chat row. Pure; one table, called by the sender."""

from __future__ import annotations

import enum
from datetime import timedelta

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

FIRST_PAUSE = timedelta(milliseconds=500)
LONGEST_PAUSE = timedelta(seconds=30)


class Meaning(enum.Enum):
    """What to do with the row."""

    DONE = "done"
    """The chat shows it already."""
    GONE = "gone"
    """The message that was to be edited is not there: send anew."""
    NEVER = "never"
    """It cannot be sent, ever: blocked, chat gone, text refused."""
    LATER = "later"
    """It may work later, or may have worked: again."""
    FLOOD = "flood"
    """Too much: again after what Telegram says."""


_TEXTS = (
    ("message is not modified", Meaning.DONE),
    ("message to edit not found", Meaning.GONE),
    ("message can't be edited", Meaning.GONE),
    ("message_id_invalid", Meaning.GONE),
)


def meaning(error: TelegramError) -> Meaning:
    """BadRequest is a NetworkError in python-telegram-bot: the order of the questions matters."""
    if isinstance(error, RetryAfter):
        return Meaning.FLOOD
    if isinstance(error, Forbidden | ChatMigrated):
        return Meaning.NEVER
    if isinstance(error, InvalidToken):
        return Meaning.LATER
    if isinstance(error, BadRequest):
        said = str(error.message).lower()
        return next((found for words, found in _TEXTS if words in said), Meaning.NEVER)
    return Meaning.LATER


def retry_after(error: RetryAfter) -> timedelta:
    """How long Telegram wants to be left alone."""
    told = error.retry_after
    return told if isinstance(told, timedelta) else timedelta(seconds=told)


def pause(attempts: int) -> timedelta:
    """How long to wait after the `attempts`th failure (from 0)."""
    return min(FIRST_PAUSE * (1 << min(attempts, 10)), LONGEST_PAUSE)


def short(error: TelegramError) -> str:
    """What is kept of it: class and Telegram's words, never an address."""
    return f"{type(error).__name__}: {error.message}"[:300]
