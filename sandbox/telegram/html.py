"""`parse_mode=HTML` as Telegram reads it: text and entities, or the same complaints. Pure; used by `texts`.

After td/telegram/MessageEntity.cpp (tdlib): the list of tags, nesting by a stack, and offsets in the complaints counted in bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sandbox.telegram.entities import Entity, utf16_length
from sandbox.telegram.errors import ApiError, bad_request

_SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
}
_TAGS = {*_SIMPLE, "a", "span", "blockquote", "tg-emoji"}
_REFERENCE = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(lt|gt|amp|quot));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_ATTRIBUTE = re.compile(r"\s*([^\s=>/]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+)))?")


def _complaint(text: str) -> ApiError:
    return bad_request(f"can't parse entities: {text}")


def unescape(text: str) -> str:
    """The four named references and numeric ones; anything else stays as it is."""

    def replace(match: re.Match[str]) -> str:
        decimal, hexadecimal, name = match.groups()
        if name:
            return _NAMED[name]
        code = int(decimal) if decimal else int(hexadecimal, 16)
        return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else match.group()

    return _REFERENCE.sub(replace, text)


@dataclass
class _Open:
    tag: str
    attributes: dict[str, str]
    offset: int
    position: int


@dataclass
class _Parser:
    source: str
    position: int = 0
    offset: int = 0
    text: list[str] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)

    def bytes_before(self, position: int) -> int:
        return len(self.source[:position].encode())

    def run(self) -> None:
        while self.position < len(self.source):
            begin = self.source.find("<", self.position)
            end = len(self.source) if begin < 0 else begin
            self.add(unescape(self.source[self.position : end]))
            self.position = end
            if begin >= 0:
                self.tag(begin)
        if self.stack:
            raise _complaint(f'Can\'t find end tag corresponding to start tag "{self.stack[-1].tag}"')

    def add(self, piece: str) -> None:
        self.text.append(piece)
        self.offset += utf16_length(piece)

    def tag(self, begin: int) -> None:
        if self.source.startswith("</", begin):
            self.end_tag(begin)
        else:
            self.start_tag(begin)

    def start_tag(self, begin: int) -> None:
        match = re.compile(r"[^\s>/]*").match(self.source, begin + 1)
        name = match.group().lower() if match else ""
        if name not in _TAGS:
            raise _complaint(f'Unsupported start tag "{name}" at byte offset {self.bytes_before(begin)}')
        self.position = begin + 1 + len(name)
        attributes = self.attributes(begin)
        if name == "span" and "tg-spoiler" not in attributes.get("class", ""):
            raise _complaint(f'Tag "span" must have class "tg-spoiler" at byte offset {self.bytes_before(begin)}')
        self.stack.append(_Open(name, attributes, self.offset, begin))

    def attributes(self, begin: int) -> dict[str, str]:
        found: dict[str, str] = {}
        while True:
            rest = re.compile(r"\s*/?").match(self.source, self.position)
            self.position = rest.end() if rest else self.position
            if self.position >= len(self.source):
                raise _complaint(f'Unclosed start tag "{self.source[begin + 1 :].split()[0]}" at byte offset {self.bytes_before(begin)}')
            if self.source[self.position] == ">":
                self.position += 1
                return found
            match = _ATTRIBUTE.match(self.source, self.position)
            if match is None:
                raise _complaint(f"Expected equal sign in declaration of an attribute at byte offset {self.bytes_before(self.position)}")
            values = [value for value in match.groups()[1:] if value is not None]
            found[match.group(1).lower()] = unescape(values[0]) if values else ""
            self.position = match.end()

    def end_tag(self, begin: int) -> None:
        where = self.bytes_before(begin)
        close = self.source.find(">", begin)
        if not self.stack:
            raise _complaint(f"Unexpected end tag at byte offset {where}")
        if close < 0:
            raise _complaint(f"Unclosed end tag at byte offset {where}")
        name = self.source[begin + 2 : close].strip().lower()
        opened = self.stack.pop()
        if name and name != opened.tag:
            raise _complaint(f'Unmatched end tag at byte offset {where}, expected "</{opened.tag}>", found "</{name}>"')
        self.position = close + 1
        if self.offset > opened.offset:
            self.close(opened)

    def close(self, opened: _Open) -> None:
        entity: Entity = {"offset": opened.offset, "length": self.offset - opened.offset}
        if opened.tag in _SIMPLE:
            self.entities.append({"type": _SIMPLE[opened.tag], **entity, **self.language(opened)})
        elif opened.tag == "span":
            self.entities.append({"type": "spoiler", **entity})
        elif opened.tag == "blockquote":
            self.entities.append({"type": "expandable_blockquote" if "expandable" in opened.attributes else "blockquote", **entity})
        elif opened.tag == "a" and re.match(r"(?:https?|tg|ton|mailto)[:.]|[\w-]+(?:\.[\w-]+)+", opened.attributes.get("href", "")):
            self.entities.append({"type": "text_link", **entity, "url": opened.attributes["href"]})
        elif opened.tag == "tg-emoji":
            self.entities.append({"type": "custom_emoji", **entity, "custom_emoji_id": opened.attributes.get("emoji-id", "")})

    def language(self, opened: _Open) -> Entity:
        """`<pre><code class="language-x">`: the language belongs to the pre, the inner code vanishes."""
        if (
            opened.tag == "code"
            and self.stack
            and self.stack[-1].tag == "pre"
            and opened.attributes.get("class", "").startswith("language-")
        ):
            self.stack[-1].attributes["language"] = opened.attributes["class"].removeprefix("language-")
            return {"drop": True}
        return {"language": opened.attributes["language"]} if opened.tag == "pre" and "language" in opened.attributes else {}


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """(text, entities with UTF-16 offsets); raises 400 "can't parse entities: …" as Telegram does."""
    parser = _Parser(source)
    parser.run()
    entities = [entity for entity in parser.entities if not entity.get("drop")]
    return "".join(parser.text), sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
