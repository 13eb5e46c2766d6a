"""Walking a book, against hand-made cases, a naive oracle that knows only one lot at a time, and pyorderbook."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyorderbook.book import Book
from pyorderbook.order import ask, bid

from core.kernel.money import Price, Quantity
from core.market.rules import price_impact_bps, walk_book
from core.market.types import Level

LOT = Decimal("0.00001")


def level(price, quantity):
    return Level(Price(Decimal(price)), Quantity(Decimal(quantity)))


def shown(levels):
    return [(f"{step.price.value.normalize():f}", f"{step.quantity.value.normalize():f}") for step in levels]


ODD_ASKS = [level(100, 1), level(200, 1), level(500, 10)]
ODD_BIDS = [level(90, 1), level(50, 2), level(10, 10)]


def test_a_budget_is_spent_level_by_level():
    walk = walk_book(ODD_ASKS, buying=True, quote_budget=Decimal(1000), lot=LOT)
    assert shown(walk.fills) == [("100", "1"), ("200", "1"), ("500", "1.4")]
    assert walk.filled_quantity.value == Decimal("3.4")
    assert walk.notional == 1000
    assert walk.average_price is not None
    assert walk.average_price.value * Decimal("3.4") == pytest.approx(Decimal(1000), abs=Decimal("1e-20"))
    assert not walk.exhausted


def test_a_quantity_is_sold_into_the_highest_bids_first():
    walk = walk_book(ODD_BIDS, buying=False, quantity=Quantity(Decimal("2.5")), lot=LOT)
    assert shown(walk.fills) == [("90", "1"), ("50", "1.5")]
    assert walk.notional == 165
    assert walk.average_price == Price(Decimal(66))


def test_the_last_level_of_a_budget_is_rounded_down_to_the_lot():
    walk = walk_book([level(3, 10)], buying=True, quote_budget=Decimal(10), lot=Decimal("0.01"))
    assert walk.filled_quantity.value == Decimal("3.33")
    assert walk.notional == Decimal("9.99")
    assert not walk.exhausted


def test_a_budget_below_one_lot_buys_nothing():
    walk = walk_book([level(3, 10)], buying=True, quote_budget=Decimal("0.02"), lot=Decimal("0.01"))
    assert (walk.fills, walk.average_price, walk.exhausted) == ((), None, False)


def test_nothing_fills_beyond_the_limit_price():
    bought = walk_book(ODD_ASKS, buying=True, quantity=Quantity(Decimal(5)), limit_price=Price(Decimal(200)), lot=LOT)
    assert (bought.filled_quantity.value, bought.notional, bought.exhausted) == (Decimal(2), Decimal(300), True)
    sold = walk_book(ODD_BIDS, buying=False, quantity=Quantity(Decimal(5)), limit_price=Price(Decimal(50)), lot=LOT)
    assert (sold.filled_quantity.value, sold.notional, sold.exhausted) == (Decimal(3), Decimal(190), True)


def test_one_level_is_enough_to_tell_buying_from_selling():
    lone = [level(100, 1)]
    limit = Price(Decimal(90))
    assert walk_book(lone, buying=True, quantity=Quantity(Decimal(1)), limit_price=limit, lot=LOT).fills == ()
    assert walk_book(lone, buying=False, quantity=Quantity(Decimal(1)), limit_price=limit, lot=LOT).fills == tuple(lone)


def test_an_empty_book_is_exhausted():
    assert walk_book([], buying=True, quote_budget=Decimal(5), lot=LOT).exhausted
    assert walk_book([], buying=True, quantity=Quantity(Decimal(5)), lot=LOT).exhausted


def test_nothing_asked_for_is_nothing_filled_and_nothing_missing():
    assert not walk_book([], buying=True, quantity=Quantity(Decimal(0)), lot=LOT).exhausted
    assert not walk_book([], buying=True, quote_budget=Decimal(0), lot=LOT).exhausted


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"quantity": Quantity(Decimal(1)), "quote_budget": Decimal(1)},
        {"quote_budget": Decimal(-1)},
        {"quote_budget": Decimal(1), "lot": Decimal(0)},
    ],
)
def test_an_impossible_wish_is_an_error(wish):
    with pytest.raises(ValueError, match="walking a book"):
        walk_book(ODD_ASKS, buying=True, **{"lot": LOT, **wish})


prices = st.lists(st.integers(1, 400), min_size=0, max_size=8, unique=True)
sizes = st.integers(1, 60)


@st.composite
def books(draw, *, buying):
    ladder = sorted(draw(prices), reverse=not buying)
    return [level(Decimal(price) / 4, Decimal(draw(sizes)) / 10) for price in ladder]


def lot_by_lot(levels, lot, buying, limit, budget=None, quantity=None):
    """The naive oracle: takes one lot after another while it may. Level sizes are whole lots."""
    filled = spent = Decimal(0)
    for step in levels:
        left = step.quantity.value
        while left > 0:
            beyond = limit is not None and (step.price.value > limit if buying else step.price.value < limit)
            too_dear = budget is not None and spent + lot * step.price.value > budget
            if beyond or too_dear or (quantity is not None and filled >= quantity):
                return filled, spent
            filled, spent, left = filled + lot, spent + lot * step.price.value, left - lot
    return filled, spent


@given(data=st.data(), buying=st.booleans(), budget=st.integers(0, 3000), limit=st.none() | st.integers(1, 100))
def test_a_budget_gives_what_taking_lot_by_lot_gives(data, buying, budget, limit):
    levels = data.draw(books(buying=buying))
    lot = Decimal("0.1")
    walk = walk_book(
        levels, buying=buying, lot=lot, quote_budget=Decimal(budget), limit_price=Price(Decimal(limit)) if limit is not None else None
    )
    assert (walk.filled_quantity.value, walk.notional) == lot_by_lot(levels, lot, buying, limit, budget=Decimal(budget))
    assert walk.notional <= budget


@given(data=st.data(), buying=st.booleans(), tenths=st.integers(0, 500), limit=st.none() | st.integers(1, 100))
def test_a_quantity_gives_what_taking_lot_by_lot_gives(data, buying, tenths, limit):
    levels = data.draw(books(buying=buying))
    lot, wanted = Decimal("0.1"), Decimal(tenths) / 10
    walk = walk_book(
        levels, buying=buying, lot=lot, quantity=Quantity(wanted), limit_price=Price(Decimal(limit)) if limit is not None else None
    )
    assert (walk.filled_quantity.value, walk.notional) == lot_by_lot(levels, lot, buying, limit, quantity=wanted)
    assert walk.exhausted == (walk.filled_quantity.value < wanted)


@given(data=st.data(), buying=st.booleans())
def test_the_figures_of_a_walk_are_the_sums_of_its_fills(data, buying):
    levels = data.draw(books(buying=buying))
    walk = walk_book(levels, buying=buying, lot=Decimal("0.001"), quote_budget=Decimal(data.draw(st.integers(0, 5000))) / 7)
    assert walk.filled_quantity.value == sum(fill.quantity.value for fill in walk.fills)
    assert walk.notional == sum(fill.price.value * fill.quantity.value for fill in walk.fills)
    if walk.average_price is not None:
        best, worst = walk.fills[0].price.value, walk.fills[-1].price.value
        assert min(best, worst) - Decimal("1e-50") <= walk.average_price.value <= max(best, worst)


@given(data=st.data(), buying=st.booleans(), tenths=st.integers(1, 500))
def test_an_independent_matching_engine_agrees(data, buying, tenths):
    levels = data.draw(books(buying=buying))
    engine = Book()
    make, take, worst = (ask, bid, 1000.0) if buying else (bid, ask, 0.01)
    for step in levels:
        engine.match(make("BTC", float(step.price.value), int(step.quantity.value * 10)))
    trades = engine.match(take("BTC", worst, tenths)).trades
    walk = walk_book(levels, buying=buying, lot=Decimal("0.1"), quantity=Quantity(Decimal(tenths) / 10))
    expected = [(trade.fill_price, Decimal(trade.fill_quantity) / 10) for trade in trades]
    assert [(fill.price.value, fill.quantity.value) for fill in walk.fills] == expected


def test_price_impact_is_rounded_up_and_never_negative():
    assert price_impact_bps(Price(Decimal("100.01")), Price(Decimal(100)), buying=True) == 1
    assert price_impact_bps(Price(Decimal("100.001")), Price(Decimal(100)), buying=True) == 1
    assert price_impact_bps(Price(Decimal(66)), Price(Decimal(90)), buying=False) == 2667
    assert price_impact_bps(Price(Decimal(99)), Price(Decimal(100)), buying=True) == 0
