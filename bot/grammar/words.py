"""The words of the chat's grammar: what each feature's parser gives, and the small parts they share. Pure.

A feature's words are a frozen dataclass of kind `Words`, its parsers are in a file of its own beside this one and are entered in
`bot/grammar/__init__.py`. Must never guess: what is not understood is `Malformed`, and nothing happens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

LONGEST_TEXT = 256
LONGEST_SYMBOL = 32
OPTION_WORDS = frozenset({"limit", "on", "slippage"})
SIZE_WORDS = frozenset({"max", "initials"})


class Words:
    """What a message asks for."""

    __slots__ = ()

    @property
    def command(self) -> str:
        """For the metrics: a word from a small set."""
        return type(self).__name__.lower()


Parser = Callable[[list[str]], Words]
"""Takes the words after the command's name. Total: any words give a result, never an exception."""


@dataclass(frozen=True, slots=True)
class Malformed(Words):
    """Not understood, or not available yet: the catalogue's line (with an example) that says what is accepted."""

    message: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FreeText(Words):
    """No command: perhaps a ticker."""

    text: str


@dataclass(frozen=True, slots=True)
class Plain(Words):
    """A command without arguments, such as /help."""

    name: str

    @property
    def command(self) -> str:
        """Its name."""
        return self.name


def plain(name: str) -> Parser:
    """The parser of a command that takes no arguments."""

    def parse_plain(words: list[str]) -> Words:
        return Malformed("no-arguments", {"command": name}) if words else Plain(name)

    return parse_plain


def is_symbol(word: str) -> bool:
    """Whether a word may name an instrument: `BTC`, `btc-usdt`, `BTC/USDT`."""
    return (
        word.isascii()
        and 2 <= len(word) <= LONGEST_SYMBOL
        and all(character.isalnum() or character in "/-_" for character in word)
        and any(character.isalpha() for character in word)
        and word.lower() not in OPTION_WORDS | SIZE_WORDS
    )


def is_pair(word: str) -> bool:
    """Whether a word is written as BASE/QUOTE."""
    base, slash, quote = word.partition("/")
    return bool(slash) and all(part.isascii() and part.isalnum() and len(part) <= 20 for part in (base, quote))


def is_venue(word: str) -> bool:
    """Whether a word may name a venue."""
    return word.isascii() and word.isalnum() and len(word) <= 20 and word[0].isalpha()
