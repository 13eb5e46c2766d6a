"""The index never misses: what the exact evaluation of every leg would find is among its candidates."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from core.market.types import OrderBook
from core.strategies import rules
from core.strategies.rules import Sight
from core.strategies.types import Conditional, ConditionalKind, ConditionalState, Leg, LegRole, LegState, Outcome
from core.strategies.watch import SymbolWatch
from core.trading.types import ChatTarget, OrderSize, SizeKind
from core.venues.types import Side
from tests.support.books import TEST_SOURCE, levels

NOW = datetime(2024, 8, 5, tzinfo=UTC)
LOT = Decimal("0.1")
SIGHT = Sight(NOW, timedelta(seconds=5), LOT)


def conditional(number: int, side: Side, size: Decimal, *, by_budget: bool, legs: tuple[Leg, ...]) -> Conditional:
    return Conditional(
        UUID(int=number),
        1,
        "paper",
        "BTC/USDT",
        ConditionalKind.STOP,
        side,
        False,
        OrderSize(SizeKind.BASE_QUANTITY, size),
        None if by_budget else size,
        size if by_budget else None,
        100,
        ConditionalState.ARMED,
        "",
        {},
        False,
        ChatTarget(1, "x"),
        "c",
        NOW,
        NOW + timedelta(days=1),
        legs,
    )


prices = st.integers(50, 150).map(Decimal)
sizes = st.integers(1, 400).map(lambda tenths: Decimal(tenths) * LOT)


@st.composite
def a_leg(draw, number=1) -> Leg:
    role = draw(st.sampled_from([LegRole.STOP, LegRole.TAKE_PROFIT, LegRole.TRAILING_STOP]))
    if role is LegRole.TRAILING_STOP:
        best = draw(st.none() | prices)
        return Leg(number, role, LegState.ARMED, trail_bps=draw(st.integers(1, 3000)), best_price=best)
    return Leg(number, role, LegState.ARMED, trigger_price=draw(prices))


@st.composite
def conditionals(draw) -> list[Conditional]:
    found = []
    for number in range(1, draw(st.integers(1, 30)) + 1):
        side = draw(st.sampled_from(Side))
        by_budget = side is Side.BUY and draw(st.booleans())
        size = draw(sizes) * (100 if by_budget else 1)
        found.append(conditional(number, side, size, by_budget=by_budget, legs=(draw(a_leg()),)))
    return found


@st.composite
def books(draw) -> OrderBook:
    middle = draw(st.integers(60, 140))
    bids = [(middle - gap, draw(sizes)) for gap in sorted(draw(st.sets(st.integers(0, 20), max_size=6)))]
    asks = [(middle + 1 + gap, draw(sizes)) for gap in sorted(draw(st.sets(st.integers(0, 20), max_size=6)))]
    return OrderBook("BTC/USDT", levels(bids), levels(asks), 1, NOW, TEST_SOURCE)


@settings(max_examples=300, deadline=None)
@given(conditionals(), st.lists(books(), min_size=1, max_size=3))
def test_whatever_is_met_or_better_is_a_candidate(armed: list[Conditional], seen: list[OrderBook]) -> None:
    watch = SymbolWatch(LOT)
    known = {one.id: one for one in armed}
    for one in armed:
        watch.put(one, one.legs[0])
    for book in seen:
        candidates = watch.candidates(book)
        for one in list(known.values()):
            leg = one.legs[0]
            found = rules.evaluate(one, leg, book, SIGHT)
            if found.outcome is Outcome.MET or found.best != leg.best_price:
                assert (one.id, 1) in candidates, (found, leg)
            if found.best != leg.best_price:
                known[one.id] = replace(one, legs=(replace(leg, best_price=found.best),))
                watch.put(known[one.id], known[one.id].legs[0])


def test_far_triggers_are_not_looked_at() -> None:
    watch = SymbolWatch(LOT)
    for number in range(1, 1001):
        trigger = Leg(1, LegRole.STOP, LegState.ARMED, trigger_price=Decimal(number) / 100)
        watch.put(conditional(number, Side.SELL, Decimal(1), by_budget=False, legs=(trigger,)), trigger)
    book = OrderBook("BTC/USDT", levels([(100, "0.4"), (99, 5)]), levels([(101, 5)]), 1, NOW, TEST_SOURCE)

    assert watch.candidates(book) == set()
    assert len(watch) == 1000


def test_what_is_no_longer_armed_is_forgotten() -> None:
    watch = SymbolWatch(LOT)
    for role in (LegRole.STOP, LegRole.TAKE_PROFIT, LegRole.TRAILING_STOP, LegRole.TIME_EXIT):
        leg = Leg(1, role, LegState.ARMED, trigger_price=Decimal(90), trail_bps=10, act_at=NOW)
        one = conditional(1, Side.SELL, Decimal(1), by_budget=False, legs=(leg,))
        watch.put(one, leg)
        assert len(watch) == 1
        watch.put(one, replace(leg, state=LegState.DONE))
        assert len(watch) == 0
