"""Which instrument a person means."""

import pytest

from core.market.rules import resolve_symbol

KNOWN = ["BTC/USDT", "ETH/USDT", "ETH/BTC", "XRP/ETH", "SOL/EUR", "SOL/BTC", "1000PEPE/USDT"]


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("btc", "BTC/USDT"),
        ("BTC", "BTC/USDT"),
        ("BTCUSDT", "BTC/USDT"),
        ("btc-usdt", "BTC/USDT"),
        ("btc_usdt", "BTC/USDT"),
        (" BTC/USDT ", "BTC/USDT"),
        ("eth", "ETH/USDT"),
        ("ethbtc", "ETH/BTC"),
        ("xrp", "XRP/ETH"),
        ("1000pepe", "1000PEPE/USDT"),
    ],
)
def test_usual_spellings_are_understood(text, symbol):
    assert resolve_symbol(text, KNOWN) == symbol


@pytest.mark.parametrize("text", ["", " ", "usdt", "doge", "BTC/EUR", "BTC//USDT", "USDT/BTC", "sol", "ВТС", "btс", "1000PEPEUSD", "/"])
def test_what_is_unclear_or_unknown_is_nothing(text):
    assert resolve_symbol(text, KNOWN) is None


def test_a_letter_that_only_becomes_ascii_in_upper_case_is_not_taken():
    assert resolve_symbol("lınk", ["LINK/USDT"]) is None


def test_two_pairs_that_read_the_same_when_joined_are_unclear():
    assert resolve_symbol("abc", ["A/BC", "AB/C"]) is None
