"""/pause and /resume: the operator's kill switch by scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.grammar.words import Malformed, Parser, Words, is_pair, is_venue


@dataclass(frozen=True, slots=True)
class Switch(Words):
    """/pause or /resume with its scope as core/controls writes it."""

    resume: bool
    scope: str

    @property
    def command(self) -> str:
        """`pause` or `resume`."""
        return "resume" if self.resume else "pause"


def _switch(*, resume: bool) -> Parser:
    def parse_switch(words: list[str]) -> Words:
        wrong = Malformed("usage-resume" if resume else "usage-pause")
        match [word.lower() for word in words]:
            case [] | ["global"]:
                return Switch(resume, "global")
            case ["venue", venue] if is_venue(venue):
                return Switch(resume, f"venue:{venue}")
            case ["user", number] if number.isascii() and number.isdigit() and len(number) <= 18 and number[0] != "0":
                return Switch(resume, f"user:{number}")
            case [symbol] if is_pair(symbol):
                return Switch(resume, f"instrument:{symbol.upper()}")
        return wrong

    return parse_switch


COMMANDS: Mapping[str, Parser] = {"pause": _switch(resume=False), "resume": _switch(resume=True)}
