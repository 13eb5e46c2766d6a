"""Sizes no order can have: beyond all amounts, and of a kind nobody knows."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import cast

import pytest

from core.kernel.money import Amount
from core.market.types import OrderBook
from core.risk.types import SizeProblem
from core.trading.limit_sizing import LimitTerms, size_limit_order
from core.trading.sizing import Sizing, size_order
from core.trading.types import OrderSize, SizeKind
from core.venues.types import Side, TimeInForce
from tests.support.books import ODD_ASKS, ODD_BIDS, TEST_SOURCE, levels
from tests.support.desk import BTC, BTC_USDT, USDT

BOOK = OrderBook("BTC/USDT", levels(ODD_BIDS), levels(ODD_ASKS), 1, datetime(2026, 1, 1, tzinfo=UTC), TEST_SOURCE)


def sizing(side: Side, kind: SizeKind, value: Decimal) -> Sizing:
    return Sizing(side, OrderSize(kind, value), 100, BTC_USDT, BOOK, Amount(BTC, 10**8), Amount(USDT, 10**12), Amount(USDT, 10**8), 0)


TERMS = LimitTerms(Decimal(100), TimeInForce.GTC, post_only=False)
TOO_MUCH = SizeProblem("not_enough_depth", {"available": "0", "asset": "BTC"})


def test_a_budget_beyond_all_amounts_is_more_than_the_book_has() -> None:
    asked = sizing(Side.BUY, SizeKind.QUOTE_AMOUNT, Decimal(10) ** 90)

    assert size_order(asked) == TOO_MUCH
    assert size_limit_order(asked, TERMS) == TOO_MUCH


@pytest.mark.parametrize("side", Side)
def test_a_size_of_an_unknown_kind_makes_no_order(side: Side) -> None:
    asked = sizing(side, cast("SizeKind", "lots of it"), Decimal(1))
    with pytest.raises(AssertionError, match="lots of it"):
        size_order(asked)
    with pytest.raises(AssertionError, match="lots of it"):
        size_limit_order(asked, TERMS)
