"""What can be heard of, how, and when. Frozen values; no I/O."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


class Event(enum.StrEnum):
    """What a user may be told of without having asked just now."""

    FILL = "fill"
    """An order that rested was filled."""
    ORDER_END = "order_end"
    """An order that rested ended without a full fill."""
    TRIGGER = "trigger"
    """A conditional order fired, or could not."""
    ALERT = "alert"
    BROADCAST = "broadcast"
    SECURITY = "security"
    """What protects the account: never off, never held."""


class Mode(enum.StrEnum):
    """How an event is told."""

    ON = "on"
    SILENT = "silent"
    OFF = "off"


class Route(enum.StrEnum):
    """What becomes of one notification."""

    SEND = "send"
    SEND_SILENTLY = "send_silently"
    HOLD = "hold"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Minutes of the local day: from the first on, until before the second; over midnight where the first is later."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class NotificationSettings:
    """`timezone` is an IANA name; `modes` holds what differs from the default of an event."""

    timezone: str = "UTC"
    quiet: QuietHours | None = None
    digest: bool = True
    modes: Mapping[Event, Mode] = field(default_factory=dict)

    def mode(self, event: Event) -> Mode:
        """How the user wants to hear of it; security cannot be turned off."""
        return Mode.ON if event is Event.SECURITY else self.modes.get(event, Mode.ON)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a notification and why (a word for `/why`); `due_at` where it is held."""

    route: Route
    reason: str
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """A message nobody asked for just now: `key` names it (told once), `screen` and `data` are the bot's to render."""

    user_id: int
    event: Event
    key: str
    screen: str
    data: Mapping[str, Any]
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class Digest:
    """What was held for one user, oldest first."""

    user_id: int
    items: tuple[tuple[str, Mapping[str, Any]], ...]
    """Screen and data of each."""
