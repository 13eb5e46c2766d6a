"""What an order request may say."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.kernel.money import Price, Quantity
from core.venues.types import OrderRequest, Side
from tests.support.desk import BTC_USDT


@pytest.mark.parametrize(("quantity", "budget"), [(None, None), (Quantity(Decimal(1)), Decimal(100))])
def test_an_order_request_has_either_a_quantity_or_a_budget(quantity: Quantity | None, budget: Decimal | None) -> None:
    with pytest.raises(ValueError, match="either a quantity or a quote budget"):
        OrderRequest("sr1", BTC_USDT, Side.BUY, Price(Decimal(100)), datetime(2026, 1, 1, tzinfo=UTC), quantity, budget)
