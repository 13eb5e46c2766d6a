"""The tables of the chat are complete: every text, every code of a denial, every button's action, every listed command."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import errors
from bot.callbacks import ACTIONS
from bot.catalog import LOCALES, load_catalog
from bot.grammar import COMMAND_NAMES
from bot.screens import desk
from bot.screens.registry import SCREENS
from core.trading.types import OrderState

ROOT = Path(__file__).resolve().parents[2]
TEXTS = load_catalog().texts("en")


def texts_used() -> Iterator[tuple[str, str]]:
    """Every catalogue id that the code names, and where: f-strings count by their fixed parts."""
    for path in sorted((ROOT / "bot").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value, path.name
            if isinstance(node, ast.JoinedStr):
                pattern = "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
                yield pattern, path.name


def catalogue_ids(language: str = "en") -> set[str]:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted((LOCALES / language).glob("*.ftl")))
    return set(re.findall(r"^([a-z][a-z0-9-]*) *=", text, re.MULTILINE))


def test_every_text_in_the_catalogue_is_used() -> None:
    used = {text for text, _ in texts_used()}
    patterns = [re.compile(".+".join(map(re.escape, text.split("*")))) for text in used if "*" in text and len(text) > 3]
    unused = {one for one in catalogue_ids() if one not in used and not any(pattern.fullmatch(one) for pattern in patterns)}
    assert unused == set()


def calls_of(names: set[str]) -> Iterator[str]:
    """First constant arguments of calls to these names: ids of the catalogue."""
    for path in sorted((ROOT / "bot").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
            place = {"saying": 1, "say": 1}.get(name, 0)
            if name in names and len(node.args) > place:
                argument = node.args[place]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def test_every_text_that_is_asked_for_exists() -> None:
    asked = set(calls_of({"texts", "saying", "say", "Malformed"})) | {message for message, _ in errors.WORDS.values()}
    asked |= {f"menu-{name}" for name in desk.MENU} | {f"state-{state.value.lower().replace('_', '-')}" for state in OrderState}
    asked |= {"unavailable", "went-wrong", "toast-done", "toast-accepted", "toast-canceled", "toast-cancel-requested", "toast-refreshed"}
    assert asked - catalogue_ids() == set()


@pytest.mark.parametrize("language", load_catalog().languages)
def test_every_language_has_the_same_texts_and_parameters(language: str) -> None:
    assert catalogue_ids(language) <= catalogue_ids()


def codes_in_core() -> set[str]:
    """Every code that core denies with: `Denied("…")`, `SizeProblem("…")`, and the reasons of the risk chain's verdicts."""
    found = set()
    for path in sorted((ROOT / "core").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = {"Denied": 0, "SizeProblem": 0, "Verdict": 2}.get(node.func.id)
                if place is not None and len(node.args) > place:
                    found |= {
                        one.value for one in ast.walk(node.args[place]) if isinstance(one, ast.Constant) and isinstance(one.value, str)
                    }
    for path in sorted((ROOT / "core").rglob("*.sql")):
        found |= set(re.findall(r"'(button_[a-z]+)'", path.read_text(encoding="utf-8")))
    return found - {"", "active", "button_unsettled"}


def test_every_code_of_a_denial_has_words() -> None:
    codes = codes_in_core()
    assert {"insufficient_funds", "paused", "button_used", "order_final", "account_frozen"} <= codes, "the search finds nothing"
    assert codes - errors.WORDS.keys() == set()


def test_an_unknown_code_still_has_words() -> None:
    assert "not possible" in errors.explain(TEXTS, "something_new", {})


def actions_issued() -> set[str]:
    """Every action a button is issued with, in core and bot."""
    found = set()
    for folder in ("core", "bot"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ButtonAction":
                    found |= {str(one.value) for one in node.args[:1] if isinstance(one, ast.Constant)}
    return found


def test_every_button_that_is_issued_has_a_handler_and_the_other_way_round() -> None:
    assert actions_issued() | {"cancel_order"} == set(ACTIONS)


def test_core_names_only_screens_there_are() -> None:
    assert {"order", "text"} <= set(SCREENS)


def test_every_listed_command_is_understood() -> None:
    listed = {one.removeprefix("command-") for one in catalogue_ids() if one.startswith("command-")}
    assert listed <= set(COMMAND_NAMES)
