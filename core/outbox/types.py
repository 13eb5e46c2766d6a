"""Words of the outbox: buttons, presses, chat rows, tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ButtonAction:
    """What a button does, before it has a handle: a stable word and what it needs to know."""

    action: str
    argument: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Press:
    """A button that was used now, by the right user, in the right message. `handle` is the idempotency key of what follows."""

    handle: str
    action: str
    argument: Mapping[str, Any]
    message_key: str


@dataclass(frozen=True, slots=True)
class ChatRow:
    """A waiting chat row; `telegram_message_id` and `shown_row_id` tell what the chat shows now under this key, if anything."""

    id: int
    chat_id: int
    priority: int
    message_key: str
    screen: str
    data: Mapping[str, Any]
    language: str
    correlation_id: str
    attempts: int
    created_at: datetime
    telegram_message_id: int | None
    shown_row_id: int | None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """One of many messages that go to many chats."""

    chat_id: int
    data: Mapping[str, Any]
    language: str
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a chat row: `state` is sent, superseded or failed; `telegram_message_id` where the chat now shows it."""

    row_id: int
    state: str
    telegram_message_id: int | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class QueuedTask:
    """A task row that waits for its queue."""

    id: int
    task: str
    row_id: str
    queue: str
