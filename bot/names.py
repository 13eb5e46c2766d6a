"""Makes names harmless: what users, tokens and venues call things must not become markup or play tricks with the eye. Pure."""

from __future__ import annotations

import html
import unicodedata

LONGEST = 512
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_INVISIBLE = frozenset("\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800")


def visible(text: str) -> str:
    """Without bidirectional marks, zero-width and other characters that show nothing; white space becomes one space."""
    kept = "".join(" " if character.isspace() else character for character in text if not _hides(character))
    return " ".join(kept.split())[:LONGEST]


def _hides(character: str) -> bool:
    return (unicodedata.category(character) in _HIDDEN and not character.isspace()) or character in _INVISIBLE or _is_selector(character)


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def harmless(text: str) -> str:
    """Visible and escaped for Telegram's HTML."""
    return html.escape(visible(text), quote=False)
