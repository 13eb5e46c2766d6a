"""Words of the inbox: a raw update as it came, and a row as the bot claims it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class RawUpdate:
    """One update of Telegram, unread. `payload` is its JSON text, `sender_id` the Telegram id whose updates stay in order (0: none).

    `urgent`: an exit or a tap, which goes first when there is too much.
    """

    update_id: int
    sender_id: int
    payload: str
    urgent: bool = False


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
    urgent: bool = False
    waited: timedelta = field(default=timedelta(0), compare=False)
    """Since it was stored, by the database's clock, when it was claimed."""
    claimed_at: float = field(default_factory=time.monotonic, compare=False)

    @property
    def age(self) -> timedelta:
        """Since it was stored, until now; no clock of another machine counts."""
        return self.waited + timedelta(seconds=time.monotonic() - self.claimed_at)


@dataclass(frozen=True, slots=True)
class ParkedUpdate:
    """What an operator sees of an update that failed for good: never what somebody wrote. `kind` is Telegram's word, such as message."""

    id: int
    update_id: int
    sender_id: int
    kind: str
    attempts: int
    error: str
    received_at: datetime
    correlation_id: str


@dataclass(frozen=True, slots=True)
class BotIdentity:
    """A bot that registered itself here."""

    bot_id: int
    username: str
