"""Sizes of limit orders: what is sent and held for each way of saying a size, and what makes no order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kernel.money import Amount, Asset, Price
from core.market.types import Instrument, OrderBook
from core.risk.types import SizedOrder, SizeProblem
from core.trading.limit_sizing import LimitTerms, meets, size_limit_order
from core.trading.sizing import Sizing
from core.trading.types import OrderCommand, OrderSize, SizeKind
from core.venues.types import OrderRequest, OrderType, Side, TimeInForce
from tests.support.books import ODD_ASKS, ODD_BIDS, TEST_SOURCE, Pair, levels

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BTC, USDT = Asset("paper:BTC", 8), Asset("paper:USDT", 8)
PAIR = Instrument("paper", "BTC/USDT", BTC, USDT, Decimal("0.01"), Decimal("0.00001"), Decimal(5), 10, maker_fee_bps=8)
GTC = TimeInForce.GTC


def book(bids: tuple[Pair, ...] = ODD_BIDS, asks: tuple[Pair, ...] = ODD_ASKS) -> OrderBook:
    return OrderBook("BTC/USDT", levels(bids), levels(asks), 1, NOW, TEST_SOURCE)


def sizing(side: Side, kind: SizeKind, value: str, *, base: int = 10**8, quote: int = 10**12, cost: int = 5 * 10**9) -> Sizing:
    size = OrderSize(kind, Decimal(value))
    return Sizing(side, size, 100, PAIR, book(), Amount(BTC, base), Amount(USDT, quote), Amount(USDT, cost), 50)


def terms(price: str, time_in_force: TimeInForce = GTC, *, post_only: bool = False) -> LimitTerms:
    return LimitTerms(Decimal(price), time_in_force, post_only)


def sized(of: Sizing, by: LimitTerms) -> SizedOrder:
    found = size_limit_order(of, by)
    assert isinstance(found, SizedOrder), found
    return found


def problem(of: Sizing, by: LimitTerms) -> str:
    found = size_limit_order(of, by)
    assert isinstance(found, SizeProblem), found
    return found.code


@pytest.mark.parametrize(
    ("kind", "value", "quantity"),
    [
        (SizeKind.BASE_QUANTITY, "0.5", "0.5"),
        (SizeKind.PERCENT, "50", "0.5"),
        (SizeKind.QUOTE_AMOUNT, "50", "0.50301"),  # 50 / 0.994 / 100, in whole lots
        (SizeKind.INITIALS, "1", "0.50301"),
    ],
)
def test_a_sell_in_each_way_of_saying_its_size(kind: SizeKind, value: str, quantity: str) -> None:
    found = sized(sizing(Side.SELL, kind, value), terms("100"))
    assert found.quantity is not None
    assert found.quantity.value == Decimal(quantity)
    assert found.hold == Amount(BTC, int(Decimal(quantity).scaleb(8)))
    assert (found.beyond, found.expected.fills) == (found.quantity, ())


@pytest.mark.parametrize(
    ("kind", "value", "quantity"),
    [(SizeKind.BASE_QUANTITY, "2", "2"), (SizeKind.QUOTE_AMOUNT, "100.6", "1.0526"), (SizeKind.PERCENT, "1", "1.04634")],
)
def test_a_buy_in_each_way_of_saying_its_size(kind: SizeKind, value: str, quantity: str) -> None:
    found = sized(sizing(Side.BUY, kind, value), terms("95"))
    assert found.quantity is not None
    assert abs(found.quantity.value - Decimal(quantity)) < Decimal("0.1")
    worst = found.quantity.value * 95 * Decimal("1.006")
    assert abs(found.hold.to_decimal() - worst) <= Decimal("0.00000002")


def test_what_makes_no_order() -> None:
    assert problem(sizing(Side.BUY, SizeKind.INITIALS, "1"), terms("95")) == "nothing_to_sell"
    assert problem(sizing(Side.BUY, SizeKind.PERCENT, "50", quote=0), terms("95")) == "insufficient_funds"
    assert problem(sizing(Side.SELL, SizeKind.PERCENT, "50", base=0), terms("95")) == "nothing_to_sell"
    assert problem(sizing(Side.SELL, SizeKind.INITIALS, "1", cost=0), terms("95")) == "nothing_to_sell"
    assert problem(sizing(Side.BUY, SizeKind.BASE_QUANTITY, "0.000001"), terms("95")) == "below_minimum_notional"
    assert problem(sizing(Side.BUY, SizeKind.BASE_QUANTITY, "1"), terms("0.001")) == "limit_price_too_low"
    assert problem(sizing(Side.BUY, SizeKind.BASE_QUANTITY, "1e60"), terms("1e30")) == "not_enough_depth"


def test_what_fills_at_once_by_time_in_force() -> None:
    three = sizing(Side.BUY, SizeKind.BASE_QUANTITY, "3")
    for time_in_force in (GTC, TimeInForce.IOC):
        found = sized(three, terms("200", time_in_force))
        assert found.expected.filled_quantity.value == 2
        assert found.beyond.value == 1
        assert found.notional == 500
    assert sized(three, terms("200", TimeInForce.FOK)).expected.fills == ()
    assert sized(three, terms("500", TimeInForce.FOK)).beyond.value == 0
    assert sized(three, terms("200", post_only=True)).beyond.value == 3


def test_an_order_that_never_rests_is_charged_as_taker_at_most() -> None:
    dear = replace(sizing(Side.BUY, SizeKind.BASE_QUANTITY, "1"), instrument=replace(PAIR, maker_fee_bps=25))
    waits, leaves = (sized(dear, terms("100", time_in_force)).hold.to_decimal() for time_in_force in (GTC, TimeInForce.IOC))
    assert (waits, leaves) == (Decimal("100.75"), Decimal("100.6"))


def test_whether_the_book_meets_a_price() -> None:
    assert meets(book(), Price(Decimal(100)), Side.BUY)
    assert not meets(book(), Price(Decimal("99.99")), Side.BUY)
    assert meets(book(), Price(Decimal(90)), Side.SELL)
    assert not meets(book(), Price(Decimal("90.01")), Side.SELL)
    assert not meets(book(asks=()), Price(Decimal(100)), Side.BUY)
    assert not meets(book(bids=()), Price(Decimal(1)), Side.SELL)


@given(st.decimals(min_value=6, max_value=10_000, places=2), st.decimals(min_value="0.5", max_value=400, places=3))
def test_spending_an_amount_never_holds_more_and_the_price_is_never_worse_than_said(amount: Decimal, price: Decimal) -> None:
    found = size_limit_order(sizing(Side.BUY, SizeKind.QUOTE_AMOUNT, str(amount)), terms(str(price)))
    if isinstance(found, SizedOrder):
        assert found.hold.to_decimal() <= amount
        assert found.limit_price.value <= price
    sold = sized(sizing(Side.SELL, SizeKind.BASE_QUANTITY, "1"), terms(str(price)))
    assert sold.limit_price.value >= price


@pytest.mark.parametrize(
    "words",
    [
        {"order_type": OrderType.LIMIT},
        {"limit_price": Decimal(5)},
        {"order_type": OrderType.LIMIT, "limit_price": Decimal(-5)},
        {"time_in_force": GTC},
        {"post_only": True},
        {"expires_at": NOW},
        {"order_type": OrderType.LIMIT, "limit_price": Decimal(5), "time_in_force": TimeInForce.GTD},
    ],
    ids=[
        "no price",
        "price of a market order",
        "negative",
        "market that rests",
        "post-only that takes",
        "date of what never rests",
        "no date",
    ],
)
def test_words_that_contradict_one_another_are_no_command(words: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"order|limit|post"):
        OrderCommand(1, "paper", "BTC/USDT", Side.BUY, OrderSize(SizeKind.PERCENT, Decimal(1)), **words)  # type: ignore[arg-type]


def test_a_limit_order_is_sent_with_a_quantity() -> None:
    with pytest.raises(ValueError, match="quantity"):
        OrderRequest("sr1", PAIR, Side.BUY, Price(Decimal(5)), NOW, None, Decimal(10), OrderType.LIMIT, GTC)
    with pytest.raises(ValueError, match="budget"):
        OrderRequest("sr1", PAIR, Side.BUY, Price(Decimal(5)), NOW)
