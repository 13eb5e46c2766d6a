"""Where a limit order's figures are rounded, to the last unit: never against the user's word, never less held than the worst case."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from core.kernel.money import Amount, Asset
from core.market.types import Instrument
from core.risk.types import SizedOrder
from core.trading.limit_sizing import size_limit_order
from core.trading.sizing import Sizing
from core.trading.types import SizeKind
from core.venues.types import Side
from tests.core.trading.test_limit_sizing import PAIR, book, sizing, terms

UNIT = Decimal("0.00000001")
COARSE = Asset("paper:USD", 2)
FREE = replace(PAIR, lot=UNIT, taker_fee_bps=0, maker_fee_bps=0)


def sized(side: Side, kind: SizeKind, value: str, price: str, instrument: Instrument, *, platform_fee_bps: int = 0) -> SizedOrder:
    quote = Amount(instrument.quote, 10**12)
    said = replace(sizing(side, kind, value), instrument=instrument, available_quote=quote, platform_fee_bps=platform_fee_bps)
    found = size_limit_order(replace(said, position_cost=Amount(instrument.quote, 10**4)), terms(price))
    assert isinstance(found, SizedOrder), found
    return found


@pytest.mark.parametrize(("side", "price"), [(Side.BUY, "95.00"), (Side.SELL, "95.01")])
def test_a_price_between_two_ticks_is_the_better_one_for_the_user(side: Side, price: str) -> None:
    for said in ("95.001", "95.005", "95.009"):
        assert sized(side, SizeKind.BASE_QUANTITY, "1", said, PAIR).limit_price.value == Decimal(price)


def test_an_amount_finer_than_a_coin_is_spent_to_its_last_whole_unit() -> None:
    found = sized(Side.BUY, SizeKind.QUOTE_AMOUNT, "7.000000019", "1", FREE)

    assert (found.hold.to_decimal(), found.quantity and found.quantity.value) == (Decimal("7.00000001"), Decimal("7.00000001"))


def test_what_an_amount_buys_is_rounded_down_where_the_price_does_not_divide_it() -> None:
    found = sized(Side.BUY, SizeKind.QUOTE_AMOUNT, "20", "3", FREE)

    assert found.quantity is not None
    assert found.quantity.value == Decimal("6.66666666")
    assert found.hold.to_decimal() == Decimal("19.99999998")


def test_a_purchase_holds_the_worst_case_rounded_up_and_a_sale_promises_its_least_rounded_down() -> None:
    """0.333 × 10.01 = 3.33333; half a percent of 3.34 is 0.0167, of 3.33 it is 0.01665: both fees are 0.02."""
    cents = replace(PAIR, quote=COARSE, lot=Decimal("0.001"), minimum_notional=Decimal(1), taker_fee_bps=0, maker_fee_bps=0)
    bought = sized(Side.BUY, SizeKind.BASE_QUANTITY, "0.333", "10.01", cents, platform_fee_bps=50)
    sold = sized(Side.SELL, SizeKind.BASE_QUANTITY, "0.333", "10.01", cents, platform_fee_bps=50)

    assert bought.hold == Amount(COARSE, 334 + 2)
    assert sold.minimum_received == Amount(COARSE, 333 - 2)
    assert sold.total == Amount(COARSE, 2997 - 15), "0.333 at 90 now: 29.97, less a fee of 0.14985 rounded up"


def test_what_a_purchase_costs_now_is_rounded_up() -> None:
    cents = replace(PAIR, quote=COARSE, lot=Decimal("0.00001"), minimum_notional=Decimal(1), taker_fee_bps=0, maker_fee_bps=0)

    found = sized(Side.BUY, SizeKind.BASE_QUANTITY, "0.33333", "100", cents)

    assert (found.total, found.hold) == (Amount(COARSE, 3334), Amount(COARSE, 3334))
    assert sized(Side.SELL, SizeKind.BASE_QUANTITY, "0.33333", "1", cents).total == Amount(COARSE, 2999)


@pytest.mark.parametrize(("kind", "value"), [(SizeKind.QUOTE_AMOUNT, "100"), (SizeKind.INITIALS, "1")])
def test_a_sale_for_an_amount_sells_no_lot_more_than_brings_it_in_after_fees(kind: SizeKind, value: str) -> None:
    """100 after half a percent is 100.502512… before: 33.500837… at 3, and the lot is 0.001."""
    cents = replace(PAIR, quote=COARSE, lot=Decimal("0.001"), taker_fee_bps=0, maker_fee_bps=0)
    holder: Sizing = replace(sizing(Side.SELL, kind, value), available_base=Amount(PAIR.base, 10**12))
    said = replace(holder, instrument=cents, platform_fee_bps=50, position_cost=Amount(COARSE, 10_000), book=book(bids=()))

    found = size_limit_order(said, terms("3"))

    assert isinstance(found, SizedOrder)
    assert found.quantity is not None
    assert found.quantity.value == Decimal("33.500")
    assert (found.expected.fills, found.total.units, found.beyond) == ((), 0, found.quantity)


@pytest.mark.parametrize(("side", "limit", "impact_bps"), [(Side.BUY, "200", 5_000), (Side.SELL, "50", 2_223)])
def test_the_impact_is_measured_from_the_best_price_of_the_side_that_is_taken(side: Side, limit: str, impact_bps: int) -> None:
    """Bought at 100 and 200: 150 on average. Sold at 90 and 50: 70."""
    assert sized(side, SizeKind.BASE_QUANTITY, "2", limit, PAIR).price_impact_bps == impact_bps
    assert sized(side, SizeKind.BASE_QUANTITY, "2", "95", PAIR).price_impact_bps == 0, "nothing fills at once"
