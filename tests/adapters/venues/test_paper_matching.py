"""Orders that rest: the second half of a plan comes later, and in all it is the same order at the same fee."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.adapters.venues.paper.matching import Plan, plan_execution, rest_later
from core.kernel.money import Price, Quantity
from core.market.types import OrderBook
from core.venues.types import OrderRequest, Side
from tests.support.books import ODD_ASKS, ODD_BIDS, TEST_SOURCE, levels
from tests.support.desk import BTC_USDT

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BOOK = OrderBook("BTC/USDT", levels(ODD_BIDS), levels(ODD_ASKS), 1, NOW, TEST_SOURCE)


def planned(quantity: str, limit: str = "1000") -> Plan:
    request = OrderRequest("sr1", BTC_USDT, Side.BUY, Price(Decimal(limit)), NOW + MINUTE, Quantity(Decimal(quantity)))
    return plan_execution(request, BOOK, NOW)


def executions(plan: Plan) -> list[tuple[Decimal, Decimal, datetime]]:
    return [(fill.price.value, fill.quantity.value, fill.executed_at) for fill in plan.fills]


def test_a_single_fill_is_divided_in_lots_and_its_fee_is_the_same_in_all() -> None:
    at_once = planned("0.00003")

    resting = rest_later(at_once, BTC_USDT, MINUTE)

    assert executions(resting) == [(Decimal(100), Decimal("0.00001"), NOW), (Decimal(100), Decimal("0.00002"), NOW + MINUTE)]
    assert sum(fill.fee for fill in resting.fills) == at_once.fills[0].fee
    assert (resting.final_state, resting.closes_at) == (at_once.final_state, NOW + MINUTE)


def test_of_several_fills_the_second_half_comes_later() -> None:
    resting = rest_later(planned("2.5"), BTC_USDT, MINUTE)

    assert [at for _, _, at in executions(resting)] == [NOW, NOW + MINUTE, NOW + MINUTE]
    assert resting.closes_at == NOW + MINUTE


@pytest.mark.parametrize(("quantity", "limit"), [("0.00001", "1000"), ("1", "99")], ids=["a single lot", "no fill"])
def test_what_cannot_be_divided_happens_at_once(quantity: str, limit: str) -> None:
    at_once = planned(quantity, limit)
    assert rest_later(at_once, BTC_USDT, MINUTE) == at_once
