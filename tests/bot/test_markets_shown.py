"""Which pairs /status shows."""

from __future__ import annotations

from bot.handlers.operation import markets_shown


def test_the_pairs_that_people_look_for_come_first_and_only_a_few_are_shown() -> None:
    symbols = ["AAVE/USDT", "ADA/USDT", "AVAX/USDT", "BCH/USDT", "BTC/USDT", "ETH/USDT", "XRP/USDT"]
    assert markets_shown(symbols) == ["BTC/USDT", "ETH/USDT", "AAVE/USDT", "ADA/USDT"]
    assert markets_shown(["XRP/USDT"]) == ["XRP/USDT"]
