"""Entities Telegram finds by itself in a text (commands, links, mentions, hashtags), and UTF-16 offsets. Pure."""

from __future__ import annotations

import re
from typing import Any

Entity = dict[str, Any]

_FOUND_BY_ITSELF = (
    ("url", re.compile(r"(?<![\w@/])(?:https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]|t\.me/[\w/+-]+)", re.IGNORECASE)),
    ("email", re.compile(r"(?<![\w.@-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("bot_command", re.compile(r"(?<![\w/<>@])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z]\w{3,31}")),
    ("hashtag", re.compile(r"(?<!\w)#\w*[^\W\d]\w*")),
    ("cashtag", re.compile(r"(?<!\w)\$[A-Z]{1,8}(?!\w)")),
)
_OPAQUE = ("pre", "code", "text_link", "text_mention", "url", "email", "mention", "hashtag", "bot_command", "cashtag")


def utf16_length(text: str) -> int:
    """Length as Telegram counts it: UTF-16 code units."""
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)


def detect(text: str, known: list[Entity]) -> list[Entity]:
    """`known` plus what is found outside them, by offset, the longer first."""
    taken = [(entity["offset"], entity["offset"] + entity["length"]) for entity in known if entity["type"] in _OPAQUE]
    found = list(known)
    for kind, pattern in _FOUND_BY_ITSELF:
        for match in pattern.finditer(text):
            start = utf16_length(text[: match.start()])
            end = start + utf16_length(match.group())
            if all(end <= low or start >= high for low, high in taken):
                taken.append((start, end))
                found.append({"type": kind, "offset": start, "length": end - start})
    return sorted(found, key=lambda entity: (entity["offset"], -entity["length"]))


def trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Text without white space at its ends, entities moved and cut with it; empty ones vanish."""
    shorter = text.strip()
    cut = utf16_length(text[: len(text) - len(text.lstrip())])
    length = utf16_length(shorter)
    moved = []
    for entity in entities:
        start = max(0, entity["offset"] - cut)
        end = min(length, entity["offset"] + entity["length"] - cut)
        if end > start:
            moved.append(entity | {"offset": start, "length": end - start})
    return shorter, moved
