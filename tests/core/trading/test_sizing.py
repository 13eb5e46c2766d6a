"""Sizes: whatever the book, the fees and the amount, nothing spends more than was said, and what is held covers the worst case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from core.fees.rules import fee_units
from core.kernel.money import Amount, Asset, Rounding, convert
from core.market.rules import walk_book
from core.market.types import Instrument, OrderBook
from core.risk.types import SizedOrder, SizeProblem
from core.trading.sizing import Sizing, size_order
from core.trading.types import OrderSize, SizeKind
from core.venues.types import Side
from tests.support.books import TEST_SOURCE, levels
from tests.support.desk import BTC_USDT

AT = datetime(2026, 1, 1, tzinfo=UTC)
COARSE = Instrument("paper", "X/Y", Asset("paper:X", 2), Asset("paper:Y", 2), Decimal("0.001"), Decimal("0.003"), Decimal(0), 10)
LOTS = st.integers(1, 10**6) | st.integers(10**4, 10**6)


def book_of(instrument: Instrument, prices: list[int], lots: list[int]) -> OrderBook:
    """Asks upward from a price; bids downward from just below it. Both on the instrument's grid."""
    ticks = [instrument.tick * price for price in prices]
    sizes = [instrument.lot * count for count in lots]
    asks = sorted(zip(ticks, sizes, strict=False))
    best = asks[0][0]
    bids = [(price, size) for price, size in ((best - (price - best) - instrument.tick, size) for price, size in asks) if price > 0]
    return OrderBook(instrument.symbol, levels(bids), levels(asks), 1, AT, TEST_SOURCE)


def _any_value(kind: SizeKind) -> st.SearchStrategy[Decimal]:
    """Of any magnitude: mostly too little or too much for the book."""
    return st.integers(1, 100 if kind is SizeKind.PERCENT else 10**17).map(lambda steps: steps * Decimal("0.00000001") + Decimal("0.00001"))


def _value_within(book: OrderBook, kind: SizeKind) -> st.SearchStrategy[Decimal]:
    """So much that the book could serve it."""
    whole = Decimal(100)
    if kind is SizeKind.QUOTE_AMOUNT:
        whole = sum((level.price.value * level.quantity.value for level in book.asks), Decimal(0))
    elif kind is SizeKind.BASE_QUANTITY:
        whole = sum((level.quantity.value for level in book.asks), Decimal(0))
    return st.integers(1, 1_000).map(lambda share: whole * share / 1_000)


@st.composite
def sizings(draw: st.DrawFn, side: Side, kinds: list[SizeKind]) -> Sizing:
    instrument = replace(draw(st.sampled_from([BTC_USDT, COARSE])), taker_fee_bps=draw(st.integers(0, 100)))
    prices = draw(st.lists(st.integers(10, 10**7) | st.integers(10**5, 10**7), min_size=1, max_size=6, unique=True))
    book = book_of(instrument, prices, draw(st.lists(LOTS, min_size=6, max_size=6)))
    kind = draw(st.sampled_from(kinds))
    value = draw(st.one_of(_any_value(kind), _value_within(book, kind), _value_within(book, kind)))
    return Sizing(
        side,
        OrderSize(kind, value),
        draw(st.integers(0, 5_000)),
        instrument,
        book,
        Amount(instrument.base, draw(st.integers(0, 10**16))),
        Amount(instrument.quote, draw(st.integers(0, 10**16))),
        Amount(instrument.quote, draw(st.integers(0, 10**12))),
        draw(st.integers(0, 500)),
    )


def cost(sizing: Sizing, notional: Decimal) -> int:
    """What settlement will take for a notional: rounded up, with both fees rounded up."""
    units = convert(notional, sizing.instrument.quote, Rounding.UP).units
    return units + sum(fee_units(units, bps) for bps in sizing.rates)


@given(sizings(Side.BUY, [SizeKind.QUOTE_AMOUNT, SizeKind.PERCENT]))
def test_buying_for_an_amount_never_costs_more_than_it_at_any_price_within_the_limit(sizing: Sizing) -> None:
    sized = size_order(sizing)
    assume(isinstance(sized, SizedOrder))
    assert isinstance(sized, SizedOrder)
    assert sized.quote_budget is not None
    said = sizing.size.value if sizing.size.kind is SizeKind.QUOTE_AMOUNT else sizing.available_quote.to_decimal() * sizing.size.value / 100

    assert cost(sizing, sized.quote_budget) <= sized.hold.units
    assert sized.hold.to_decimal() <= said
    assert sized.total <= sized.hold
    later = walk_book(levels([(sized.limit_price.value, 10**12)]), buying=True, lot=sizing.instrument.lot, quote_budget=sized.quote_budget)
    assert cost(sizing, later.notional) <= sized.hold.units
    assert convert(later.filled_quantity.value, sizing.instrument.base, Rounding.DOWN).units >= sized.minimum_received.units


@given(sizings(Side.BUY, [SizeKind.BASE_QUANTITY]))
def test_buying_a_quantity_holds_the_worst_case_and_receives_it_in_whole_lots(sizing: Sizing) -> None:
    sized = size_order(sizing)
    assume(isinstance(sized, SizedOrder))
    assert isinstance(sized, SizedOrder)
    assert sized.quantity is not None

    assert 0 <= sizing.size.value - sized.quantity.value < sizing.instrument.lot
    assert sized.hold.units == cost(sizing, sized.quantity.value * sized.limit_price.value)
    assert sized.total <= sized.hold
    assert sized.expected.filled_quantity == sized.quantity


@given(sizings(Side.SELL, [SizeKind.BASE_QUANTITY, SizeKind.PERCENT, SizeKind.QUOTE_AMOUNT, SizeKind.INITIALS]))
def test_selling_holds_what_is_sold_in_whole_lots_and_says_the_least_that_comes(sizing: Sizing) -> None:
    sized = size_order(sizing)
    assume(isinstance(sized, SizedOrder))
    assert isinstance(sized, SizedOrder)
    assert sized.quantity is not None

    assert sized.quantity.value % sizing.instrument.lot == 0
    assert sized.hold == convert(sized.quantity.value, sizing.instrument.base, Rounding.UP)
    assert sized.minimum_received <= sized.total
    if sizing.size.kind is SizeKind.PERCENT:
        assert sized.hold <= sizing.available_base
    if sizing.size.kind is SizeKind.QUOTE_AMOUNT:
        assert sized.total.to_decimal() <= sizing.size.value


@given(sizings(Side.BUY, list(SizeKind)) | sizings(Side.SELL, list(SizeKind)))
def test_the_protection_price_covers_what_is_needed_now_and_no_more_than_was_allowed(sizing: Sizing) -> None:
    sized = size_order(sizing)
    assume(isinstance(sized, SizedOrder))
    assert isinstance(sized, SizedOrder)
    worst, limit = sized.expected.fills[-1].price.value, sized.limit_price.value
    share = Decimal(sizing.slippage_bps) / 10_000

    if sizing.side is Side.BUY:
        assert worst <= limit <= worst * (1 + share)
    else:
        assert worst >= limit >= worst * (1 - share)


@given(sizings(Side.BUY, list(SizeKind)) | sizings(Side.SELL, list(SizeKind)))
def test_what_makes_no_order_says_why(sizing: Sizing) -> None:
    result = size_order(sizing)
    assume(isinstance(result, SizeProblem))
    assert isinstance(result, SizeProblem)

    assert result.code in {"below_minimum_notional", "not_enough_depth", "nothing_to_sell", "insufficient_funds"}
    assert all(isinstance(value, str) for value in result.params.values())
