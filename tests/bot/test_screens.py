"""Screens: first words, every figure, nothing rounded up for the user, names harmless, catalogue complete."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors, figures
from bot.callbacks import ACTIONS
from bot.catalog import LOCALES, Texts, load_catalog
from bot.grammar import COMMAND_NAMES
from bot.names import harmless, visible
from bot.screens import desk
from bot.screens.order import render_order
from bot.screens.preview import render_preview
from bot.screens.registry import SCREENS
from core.trading.types import FINAL_STATES, OrderState

ROOT = Path(__file__).resolve().parents[2]
TEXTS: Texts = load_catalog().texts("en")
SOURCE = {"name": "binance recording", "kind": "recorded_book", "recorded_at": "2024-08-08T12:00:00+00:00"}


def order(state: str, side: str = "buy", **more: Any) -> dict[str, Any]:
    filled = "0.999" if state in ("FILLED", "PARTIALLY_FILLED") else "0"
    return {
        "order_id": "0192",
        "code": "ABCD1234",
        "state": state,
        "side": side,
        "symbol": "BTC/USDT",
        "base": "BTC",
        "quote": "USDT",
        "venue": "paper",
        "size": {"kind": "quote_amount", "value": "1250"},
        "quantity": None,
        "filled_quantity": filled,
        "average_price": None if filled == "0" else "1250.5",
        "notional": "1249.2495" if filled != "0" else "0",
        "fees": [{"kind": "venue", "amount": "1.2492495", "asset": "USDT"}, {"kind": "platform", "amount": "0.5", "asset": "USDT"}],
        "total": "1250.9987495",
        "price_source": SOURCE,
        "price_at": "2026-01-02T03:04:05+00:00",
        "reason": "insufficient_funds" if state == "DENIED" else "",
        "reason_params": {"available": "1", "needed": "1250", "asset": "USDT"} if state == "DENIED" else {},
        "balance": {"base": "0.999", "quote": "8749.0012505"},
        "position": {"quantity": "0.999", "average_cost": "1252.25", "realized_pnl": "12", "realized_now": "-3.004"},
        "cancel": None,
        "at": "2026-01-02T03:04:06+00:00",
        **more,
    }


FIRST_WORDS = {
    ("FILLED", "buy"): "Bought",
    ("FILLED", "sell"): "Sold",
    ("DENIED", "buy"): "Denied",
    ("REJECTED", "buy"): "Rejected",
    ("CANCELED", "sell"): "Canceled",
    ("EXPIRED", "buy"): "Expired",
}


def first_word(text: str) -> str:
    found = re.match(r"^[^A-Za-z]*([A-Za-z]+)", re.sub(r"<[^>]+>", "", text))
    assert found is not None
    return found[1]


@pytest.mark.parametrize(("state", "side"), FIRST_WORDS)
def test_a_last_state_begins_with_its_word(state: str, side: str) -> None:
    assert first_word(render_order(order(state, side), TEXTS).text) == FIRST_WORDS[state, side]
    assert {one.value for one in FINAL_STATES} == {state for state, _ in FIRST_WORDS}


def test_a_part_filled_before_it_was_canceled_is_told() -> None:
    text = render_order(order("CANCELED", filled_quantity="0.4", average_price="1250"), TEXTS).text
    assert first_word(text) == "Canceled"
    assert "Bought so far: 0.4 BTC" in text
    assert "Venue fee: 1.2492495 USDT" in text


@pytest.mark.parametrize("state", [state.value for state in OrderState])
@pytest.mark.parametrize("side", ["buy", "sell"])
@pytest.mark.parametrize("kind", ["quote_amount", "base_quantity", "percent", "initials"])
def test_every_state_has_a_message(state: str, side: str, kind: str) -> None:
    shown = render_order(order(state, side, size={"kind": kind, "value": "50"}, cancel="handle"), TEXTS)
    assert "ABCD1234" in shown.text
    assert shown.rows[0][0].handle == "handle"
    assert "{" not in shown.text


def test_a_fill_carries_every_figure() -> None:
    text = render_order(order("FILLED"), TEXTS).text
    for words in (
        "0.999 BTC",
        "Average price: 1,250.5 USDT",
        "Venue fee: 1.2492495 USDT",
        "Platform fee: 0.5 USDT",
        "Total paid: 1,250.9987495 USDT",
        "Venue: paper",
        "binance recording",
        "2026-01-02 03:04:05 UTC",
        "recorded 2024-08-08",
        "Balance: 0.999 BTC · 8,749.0012505 USDT",
        "1,252.25 USDT on average",
    ):
        assert words in text
    assert "Realised profit: −3.01 USDT" in render_order(order("FILLED", "sell"), TEXTS).text


def test_a_simulated_price_says_so() -> None:
    source = {"name": "simulated market", "kind": "simulated", "recorded_at": None}
    assert "simulated" in render_order(order("FILLED", price_source=source), TEXTS).text


def test_a_venue_s_and_a_token_s_words_cannot_become_markup() -> None:
    text = render_order(order("REJECTED", reason="<b>x</b>\u202e&amp;"), TEXTS).text
    assert "&lt;b&gt;x&lt;/b&gt;&amp;amp;" in text
    assert "<i>" not in render_order(order("FILLED", base="<i>"), TEXTS).text


def preview(**more: Any) -> dict[str, Any]:
    return {
        **order("FILLED"),
        "denied": "",
        "price_age_ms": 400,
        "limit_price": "1263",
        "minimum_received": "0.98",
        "price_impact_bps": 12,
        "quantity": "0.999",
        "confirm": "c",
        "cancel": "x",
        **more,
    }


def test_a_preview_shows_minimum_fees_source_age_and_two_buttons() -> None:
    for side in ("buy", "sell"):
        shown = render_preview(preview(side=side), TEXTS)
        for words in ("Minimum received: 0.98", "Venue fee", "Platform fee", "0.4 s old", "Price impact: 0.12 %", "1,263 USDT"):
            assert words in shown.text
        assert [(button.label, button.handle) for button in shown.rows[0]] == [("Confirm", "c"), ("Cancel", "x")]


@pytest.mark.parametrize("code", errors.WORDS)
def test_a_denied_preview_begins_with_denied_and_has_no_button(code: str) -> None:
    shown = render_preview(preview(denied=code, reason_params={}), TEXTS)
    assert first_word(shown.text) == "Denied"
    assert shown.rows == []


@given(st.decimals(min_value=0, max_value=Decimal(10) ** 20, allow_nan=False, allow_infinity=False))
def test_amounts_are_never_rounded_up_and_never_have_an_exponent(value: Decimal) -> None:
    shown = figures.amount(format(value, "f"))
    assert re.fullmatch(r"\d{1,3}(,\d{3})*(\.\d+)?", shown)
    assert Decimal(shown.replace(",", "")) <= value
    assert Decimal(figures.amount(format(value, "f"), up=True).replace(",", "")) >= value


@given(st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, allow_infinity=False))
def test_a_profit_is_never_made_larger_nor_a_loss_smaller(value: Decimal) -> None:
    shown = figures.signed(format(value, "f")).replace(",", "").replace("−", "-")
    assert Decimal(shown) <= value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0", "0"),
        ("1234567.891", "1,234,567.891"),
        ("0.000000001234567", "0.000000001234"),
        ("100.000000000", "100"),
        ("0.1", "0.1"),
        ("0.123456789123", "0.12345678"),
        ("1E+3", "1,000"),
    ],
)
def test_figures_read_well(text: str, shown: str) -> None:
    assert figures.amount(text) == shown


@pytest.mark.parametrize(("text", "shown"), [("64123.456789", "64,123.457"), ("0.00001234567", "0.000012345670"), ("100", "100")])
def test_prices_have_sensible_digits(text: str, shown: str) -> None:
    assert figures.price(text) == shown.rstrip("0") if "." in shown else shown


def test_ages_and_times() -> None:
    assert [figures.age(number) for number in (0, 400, 12_345, 180_000)] == ["0.0 s", "0.4 s", "12 s", "3 min"]
    assert figures.when("no time") == ""


@given(st.text())
def test_names_lose_what_plays_tricks(text: str) -> None:
    shown = visible(text)
    assert not re.search("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\u0000-\u001f]", shown)
    assert "<" not in harmless(text)
    assert ">" not in harmless(text)


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
