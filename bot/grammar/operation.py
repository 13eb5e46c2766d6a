"""/pause and /resume: the operator's kill switch by scope, with a reason after `because`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.grammar.words import Malformed, Parser, Words, is_pair, is_venue


@dataclass(frozen=True, slots=True)
class Switch(Words):
    """/pause or /resume with its scope as core/controls writes it; `reason` is empty where none was typed."""

    resume: bool
    scope: str
    reason: str = ""

    @property
    def command(self) -> str:
        """`pause` or `resume`."""
        return "resume" if self.resume else "pause"


def _switch(*, resume: bool) -> Parser:
    wrong = Malformed("usage-resume" if resume else "usage-pause")

    def parse_switch(words: list[str]) -> Words:
        lowered = [word.lower() for word in words]
        place = lowered.index("because") if "because" in lowered else len(words)
        reason = " ".join(words[place + 1 :])
        scope = _scope(lowered[:place])
        return wrong if scope is None or (place < len(words) and not reason) else Switch(resume, scope, reason)

    return parse_switch


def _scope(words: list[str]) -> str | None:
    match words:
        case [] | ["global"]:
            return "global"
        case ["venue", venue] if is_venue(venue):
            return f"venue:{venue}"
        case ["user", number] if number.isascii() and number.isdigit() and len(number) <= 18 and number[0] != "0":
            return f"user:{number}"
        case [symbol] if is_pair(symbol):
            return f"instrument:{symbol.upper()}"
    return None


COMMANDS: Mapping[str, Parser] = {"pause": _switch(resume=False), "resume": _switch(resume=True)}
