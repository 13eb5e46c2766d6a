"""What an order request may say, and which of its words contradict one another."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.kernel.money import Price, Quantity
from core.venues.types import OrderRequest, OrderType, Side, TimeInForce
from tests.support.desk import BTC_USDT

AT = datetime(2026, 1, 1, tzinfo=UTC)
LATER = datetime(2026, 1, 2, tzinfo=UTC)
ONE, HUNDRED = Quantity(Decimal(1)), Decimal(100)


def request(**words: Any) -> OrderRequest:
    """A limit order of 1 at 100, unless it says otherwise."""
    plain: dict[str, Any] = {"quantity": ONE, "order_type": OrderType.LIMIT, "time_in_force": TimeInForce.GTC}
    return OrderRequest("sr1", BTC_USDT, Side.BUY, Price(HUNDRED), AT, **(plain | words))


@pytest.mark.parametrize(
    "words",
    [
        {"time_in_force": TimeInForce.GTC},
        {"time_in_force": TimeInForce.GTC, "post_only": True, "expires_at": LATER},
        {"time_in_force": TimeInForce.GTD, "expires_at": LATER},
        {"time_in_force": TimeInForce.IOC},
        {"time_in_force": TimeInForce.FOK},
        {"order_type": OrderType.MARKET, "time_in_force": TimeInForce.IOC},
        {"order_type": OrderType.MARKET, "time_in_force": TimeInForce.IOC, "quantity": None, "quote_budget": HUNDRED},
    ],
)
def test_words_that_go_together_make_a_request(words: dict[str, Any]) -> None:
    made = request(**words)
    assert {name: getattr(made, name) for name in words} == words


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"quantity": None}, "either a quantity or a quote budget"),
        ({"quote_budget": HUNDRED}, "either a quantity or a quote budget"),
        ({"quantity": None, "quote_budget": HUNDRED}, "a limit order has a quantity"),
        ({"order_type": OrderType.MARKET}, "a market order is immediate or cancel"),
        ({"order_type": OrderType.MARKET, "time_in_force": TimeInForce.FOK}, "a market order is immediate or cancel"),
        ({"time_in_force": TimeInForce.IOC, "post_only": True}, "post-only is for orders that may rest"),
        ({"time_in_force": TimeInForce.FOK, "post_only": True}, "post-only is for orders that may rest"),
        ({"time_in_force": TimeInForce.IOC, "expires_at": LATER}, "only an order that may rest expires"),
        ({"time_in_force": TimeInForce.GTD}, "an order until a date needs the date"),
    ],
)
def test_words_that_contradict_one_another_make_none(words: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        request(**words)
