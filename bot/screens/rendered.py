"""What a screen gives: a text in Telegram's HTML and rows of buttons. Pure data; the sender makes Telegram's objects of it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button; `handle` is its whole callback data."""

    label: str
    handle: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message, ready to be sent. `alert` makes a toast a box that must be closed."""

    text: str
    rows: list[list[Button]] = field(default_factory=list)
    alert: bool = False


def in_rows(buttons: list[Button], width: int) -> list[list[Button]]:
    """Buttons side by side, `width` a row."""
    return [buttons[start : start + width] for start in range(0, len(buttons), width)]
