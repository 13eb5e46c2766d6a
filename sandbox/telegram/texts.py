"""Texts and captions of bots: parse mode or given entities, limits of length, entities found by themselves. Pure."""

from __future__ import annotations

from typing import Any

from sandbox.telegram.entities import Entity, detect, trim, utf16_length
from sandbox.telegram.errors import ApiError, bad_request
from sandbox.telegram.html import parse_html

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
_ENTITY_KEYS = {"type", "offset", "length", "url", "user", "language", "custom_emoji_id"}


def formatted(source: str, parse_mode: str, entities: list[Entity] | None) -> tuple[str, list[Entity]]:
    """(text, entities) as the recipient has them. `parse_mode` is '' or HTML in any case; Markdown is not modelled (501)."""
    if parse_mode and parse_mode.lower() != "html":
        if parse_mode.lower() in {"markdown", "markdownv2"}:
            raise ApiError(501, f"Not Implemented: the sandbox models parse_mode HTML, not {parse_mode}")
        raise bad_request("unsupported parse_mode")
    text, found = parse_html(source) if parse_mode else (source, _given(source, entities or []))
    text, found = trim(text, found)
    return text, detect(text, found)


def _given(text: str, entities: list[Entity]) -> list[Entity]:
    length = utf16_length(text)
    for entity in entities:
        if not set(entity) <= _ENTITY_KEYS or not isinstance(entity.get("offset"), int) or not isinstance(entity.get("length"), int):
            raise bad_request("can't parse entities: expected type, offset and length")
        if entity["offset"] < 0 or entity["offset"] + entity["length"] > length:
            raise bad_request("can't parse entities: entity lies outside the text")
    return [dict(entity) for entity in entities]


def message_text(source: str, parse_mode: str, entities: list[Entity] | None) -> dict[str, Any]:
    """`text` and `entities` of a message; 400 when empty or longer than 4096."""
    text, found = formatted(source, parse_mode, entities)
    if not text:
        raise bad_request("message text is empty")
    if utf16_length(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return {"text": text} | ({"entities": found} if found else {})


def caption_text(source: str | None, parse_mode: str, entities: list[Entity] | None) -> dict[str, Any]:
    """`caption` and `caption_entities`, nothing for an empty one; 400 when longer than 1024."""
    text, found = formatted(source or "", parse_mode, entities)
    if utf16_length(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return ({"caption": text} if text else {}) | ({"caption_entities": found} if found and text else {})
