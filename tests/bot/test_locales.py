"""Ten languages, each whole: no text missing, none left in English, none with other parameters, markup or commands than the English one."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax.ast import BaseNode, Junk, Message, StringLiteral, TextElement, VariableReference

from bot.catalog import DEFAULT_LANGUAGE, LOCALES

LANGUAGES = sorted(path.name for path in LOCALES.iterdir() if path.is_dir())
OTHERS = [language for language in LANGUAGES if language != DEFAULT_LANGUAGE]
TAG = re.compile(r"</?[a-z]+>")
COMMAND = re.compile(r"<code>[^<]*</code>|/[a-z]+")
SAME_EVERYWHERE = frozenset(
    {"Strongroom", "PnL", "CSV", "QR", "USDT", "BTC", "ETH", "OCO", "FIFO", "LIFO", "HIFO", "UTC", "Telegram", "TP", "SL"}
)
"""Words that are the same in every language."""


@dataclass
class Parts:
    """What a text is made of: words and parameters."""

    words: list[str] = field(default_factory=list)
    variables: set[str] = field(default_factory=set)

    def read(self, node: BaseNode) -> None:
        """Takes in everything below `node`, in its order."""
        if isinstance(node, (TextElement, StringLiteral)):
            self.words.append(node.value)
        elif isinstance(node, VariableReference):
            self.variables.add(node.id.name)
        for value in vars(node).values():
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, BaseNode):
                    self.read(child)


def messages(language: str) -> dict[str, Parts]:
    found: dict[str, Parts] = {}
    for path in sorted((LOCALES / language).glob("*.ftl")):
        for entry in FluentParser().parse(path.read_text(encoding="utf-8")).body:
            assert not isinstance(entry, Junk), f"{path.parent.name}/{path.name}: {entry.content}"
            if isinstance(entry, Message):
                assert entry.id.name not in found, f"{entry.id.name} stands twice in {language}"
                parts = found[entry.id.name] = Parts()
                if entry.value is not None:
                    parts.read(entry.value)
    return found


ENGLISH = messages(DEFAULT_LANGUAGE)


def untranslated(language: str) -> set[str]:
    """Texts with words of English that say the same in this language."""
    same = set()
    for name, parts in messages(language).items():
        words = "".join(parts.words)
        plain = TAG.sub(" ", COMMAND.sub(" ", words))
        letters = set(re.findall(r"[A-Za-z]{3,}", plain)) - SAME_EVERYWHERE
        if letters and name in ENGLISH and words == "".join(ENGLISH[name].words):
            same.add(name)
    return same


def allowed(language: str) -> set[str]:
    """Texts that are right although they read as in English, such as `Total` in Spanish; each was looked at by name."""
    path = Path(__file__).with_name("same_as_english.txt")
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("#"))
    return {name for code, name in lines if code == language}


@pytest.mark.parametrize("language", OTHERS)
def test_no_text_is_missing_and_none_is_left_over(language: str) -> None:
    assert messages(language).keys() ^ ENGLISH.keys() == set()


@pytest.mark.parametrize("language", OTHERS)
def test_every_file_is_where_the_english_one_is(language: str) -> None:
    assert {path.name for path in (LOCALES / language).glob("*.ftl")} == {path.name for path in (LOCALES / DEFAULT_LANGUAGE).glob("*.ftl")}


@pytest.mark.parametrize("language", OTHERS)
def test_parameters_markup_and_commands_are_the_same(language: str) -> None:
    for name, parts in messages(language).items():
        english = ENGLISH[name]
        assert parts.variables == english.variables, f"{language}: {name}"
        text, original = "".join(parts.words), "".join(english.words)
        assert Counter(TAG.findall(text)) == Counter(TAG.findall(original)), f"{language}: {name}"
        assert Counter(COMMAND.findall(text)) == Counter(COMMAND.findall(original)), f"{language}: {name}"


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_in_english(language: str) -> None:
    assert untranslated(language) - allowed(language) == set()
    assert allowed(language) - untranslated(language) == set(), "no longer the same: take it off the list"
