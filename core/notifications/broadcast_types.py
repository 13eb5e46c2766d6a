"""What a broadcast is: to whom, in which words, how far it got. Frozen values; pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.kernel.errors import Denied

ENGLISH = "en"
LONGEST_TEXT = 3_500
"""Telegram takes 4,096 characters; what must be escaped grows."""
LONGEST_ACTIVITY_DAYS = 3_650


class State(enum.StrEnum):
    """draft → running ⇄ paused → done, or canceled."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Segment:
    """Who is meant: all that is given must hold; nothing given is everybody.

    `active_days`: who asked for an order within so many days. `user_id`: ours, one account.
    """

    language: str = ""
    tier: str = ""
    mode: str = ""
    active_days: int = 0
    user_id: int = 0

    def __post_init__(self) -> None:
        if self.mode not in ("", "paper", "live") or not 0 <= self.active_days <= LONGEST_ACTIVITY_DAYS or self.user_id < 0:
            raise Denied("broadcast_segment")

    def encode(self) -> dict[str, Any]:
        """As it is stored: what is given."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True, slots=True)
class Broadcast:
    """`total` were meant at the start; `queued` went to the outbox, `held` wait for their digest, `dropped` want none."""

    id: int
    state: State
    segment: Segment
    texts: Mapping[str, str]
    created_by: str
    cursor: int
    last_user_id: int
    total: int
    queued: int
    held: int
    dropped: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def key(self) -> str:
        """The key of its messages in the outbox."""
        return f"broadcast:{self.id}"

    def text(self, language: str) -> str:
        """The words for a user's language; English where there are none."""
        return self.texts.get(language) or self.texts.get(language.partition("-")[0]) or self.texts[ENGLISH]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a broadcast got at Telegram; `waiting` are queued and not sent yet."""

    broadcast: Broadcast
    waiting: int
    sent: int
    failed: int


def require_text(language: str, text: str) -> str:
    """The text without what would be cut off. Raises Denied('broadcast_text') for an empty or too long one, or an odd language."""
    text = text.strip()
    odd = not (2 <= len(language) <= 8 and language.isascii() and language.replace("-", "").isalpha() and language == language.lower())
    if odd or not text or len(text) > LONGEST_TEXT or "\x00" in text:
        raise Denied("broadcast_text", most=LONGEST_TEXT)
    return text
