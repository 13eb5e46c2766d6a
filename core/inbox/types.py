"""Words of the inbox: a raw update as it came, and a row as the bot claims it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RawUpdate:
    """One update of Telegram, unread. `payload` is its JSON text, `sender_id` the Telegram id whose updates stay in order (0: none)."""

    update_id: int
    sender_id: int
    payload: str


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A pending update. `payload` is what the JSON says, a dict for everything that `rules.raw_update` accepted."""

    id: int
    bot_id: int
    update_id: int
    sender_id: int
    shard: int
    attempts: int
    correlation_id: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BotIdentity:
    """A bot that registered itself here."""

    bot_id: int
    username: str
