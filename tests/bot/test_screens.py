"""Screens: first words, every figure, nothing rounded up for the user, names harmless."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot import errors, figures
from bot.catalog import Texts, load_catalog
from bot.names import harmless, visible
from bot.screens.order import render_order
from bot.screens.preview import render_preview
from core.trading.types import FINAL_STATES, OrderState

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
    assert "&lt;b&gt;x&lt;⁄b&gt;&amp;amp;" in text
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


@example(Decimal("122070311.74999999999999999995"))
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
