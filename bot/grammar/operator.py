"""What people with a role type: /user, /parked, /fees, /limits, /broadcast. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.grammar.words import Malformed, Parser, Words, plain
from core.kernel.errors import Denied
from core.notifications.broadcast_types import Segment

LONGEST_BROADCAST = 4_096
_WRONG = Malformed("usage-broadcast")


@dataclass(frozen=True, slots=True)
class LookUp(Words):
    """/user and whom: as `core/support/rules.parse_who` reads it."""

    who: str

    @property
    def command(self) -> str:
        """`user`."""
        return "user"


@dataclass(frozen=True, slots=True)
class BroadcastWords(Words):
    """/broadcast. With a `segment` a new draft; with a `number` and a `language` further words of one; with a number only, a look."""

    number: int = 0
    segment: Segment | None = None
    language: str = "en"
    text: str = ""

    @property
    def command(self) -> str:
        """`broadcast`."""
        return "broadcast"


def parse_user(words: list[str]) -> Words:
    """One word: our id, a Telegram id, a referral code, an order's code."""
    return LookUp(words[0]) if len(words) == 1 else Malformed("usage-user")


def parse_broadcast(rest: str) -> Words:
    """All that stands after /broadcast, its lines kept."""
    head, colon, text = rest.strip().partition(":")
    words, text = head.lower().split(), text.strip()
    match words:
        case [] if not colon:
            return BroadcastWords()
        case [number] if _is_number(number) and not colon:
            return BroadcastWords(int(number))
        case [number, language] if _is_number(number) and text:
            return BroadcastWords(int(number), None, language, text)
        case ["to", *who] if text:
            segment = _segment(" ".join(who))
            return _WRONG if segment is None else BroadcastWords(0, segment, "en", text)
    return _WRONG


def _segment(said: str) -> Segment | None:
    """`all`, or some of `language de`, `tier vip`, `mode live`, `active 7`, `user 7` with commas between."""
    if said == "all":
        return Segment()
    given: dict[str, str] = {}
    for part in said.split(","):
        name, _, value = part.strip().partition(" ")
        if name not in ("language", "tier", "mode", "active", "user") or name in given or not value or " " in value:
            return None
        given[name] = value
    if not all(_is_number(given[name]) for name in ("active", "user") if name in given):
        return None
    try:
        numbers = int(given.get("active", 0)), int(given.get("user", 0))
        return Segment(given.get("language", ""), given.get("tier", ""), given.get("mode", ""), *numbers)
    except Denied:
        return None


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) <= 18 and word[0] != "0"


COMMANDS: Mapping[str, Parser] = {"user": parse_user, **{name: plain(name) for name in ("parked", "fees", "limits")}}
RAW: Mapping[str, Callable[[str], Words]] = {"broadcast": parse_broadcast}
"""Commands whose lines matter."""
