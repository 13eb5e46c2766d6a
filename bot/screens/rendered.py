"""What a screen gives: a text in Telegram's HTML and rows of buttons. Pure data; the sender makes Telegram's objects of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button; `handle` is its whole callback data."""

    label: str
    handle: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or a file that goes with a message; the message's text is its caption (at most 1,024 characters)."""

    kind: Literal["photo", "document"]
    filename: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message, ready to be sent. `alert` makes a toast a box that must be closed.

    One with a document is always a message of its own: its key is used once. A picture is replaced by another.
    """

    text: str
    rows: list[list[Button]] = field(default_factory=list)
    alert: bool = False
    attachment: Attachment | None = None

    @property
    def can_be_edited(self) -> bool:
        """Whether it may take the place of the message before it."""
        return self.attachment is None or self.attachment.kind == "photo"


def in_rows(buttons: list[Button], width: int) -> list[list[Button]]:
    """Buttons side by side, `width` a row."""
    return [buttons[start : start + width] for start in range(0, len(buttons), width)]
