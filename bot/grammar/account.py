"""/start: opens an account, with what a link brought along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.grammar.words import Parser, Words


@dataclass(frozen=True, slots=True)
class Start(Words):
    """/start with its payload, raw."""

    payload: str = ""


def _start(words: list[str]) -> Words:
    return Start(words[0] if len(words) == 1 else "")


COMMANDS: Mapping[str, Parser] = {"start": _start}
