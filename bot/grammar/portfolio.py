"""/positions, /history and /verify. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.grammar.words import Malformed, Parser, Words, plain

LONGEST_CODE = 32


@dataclass(frozen=True, slots=True)
class HistoryWords(Words):
    """The newest fills, or all of them as a file."""

    csv: bool = False

    @property
    def command(self) -> str:
        """`history`."""
        return "history"


@dataclass(frozen=True, slots=True)
class VerifyWords(Words):
    """A code as somebody typed it."""

    code: str

    @property
    def command(self) -> str:
        """`verify`."""
        return "verify"


def parse_history(words: list[str]) -> Words:
    """The words after /history."""
    if not words:
        return HistoryWords()
    return HistoryWords(csv=True) if [word.lower() for word in words] == ["csv"] else Malformed("usage-history")


def parse_verify(words: list[str]) -> Words:
    """The words after /verify: a code, perhaps with blanks in it."""
    code = "".join(words)
    return VerifyWords(code) if 0 < len(code) <= LONGEST_CODE else Malformed("usage-verify")


COMMANDS: Mapping[str, Parser] = {"positions": plain("positions"), "history": parse_history, "verify": parse_verify}
