"""/why: the reason of an order or of silence. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.grammar.words import Malformed, Parser, Words

_CODE = re.compile(r"[0-9A-Fa-f]{8}")


@dataclass(frozen=True, slots=True)
class WhyWords(Words):
    """/why, alone or with an order's code."""

    code: str = ""

    @property
    def command(self) -> str:
        """`why`."""
        return "why"


def _why(words: list[str]) -> Words:
    if not words:
        return WhyWords()
    if len(words) == 1 and _CODE.fullmatch(words[0]):
        return WhyWords(words[0].upper())
    return Malformed("usage-why")


COMMANDS: Mapping[str, Parser] = {"why": _why}
