"""The state machine: every pair of states, and any telling of any history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kernel.errors import Denied, InvariantViolated
from core.kernel.money import Price, Quantity
from core.trading import lifecycle
from core.trading.settlement import fold
from core.trading.types import FINAL_STATES, ChatTarget, Order, OrderSize, OrderState, SizeKind
from core.venues.types import Fill, OrderReport, Side, VenueOrderState

S, V = OrderState, VenueOrderState
NOW = datetime(2026, 1, 1, tzinfo=UTC)
OPEN = frozenset(S) - FINAL_STATES


def order(state: OrderState = S.SUBMITTED, **changes: object) -> Order:
    plain = Order(
        id=UUID(int=7),
        user_id=1,
        venue="paper",
        symbol="BTC/USDT",
        side=Side.BUY,
        size=OrderSize(SizeKind.BASE_QUANTITY, Decimal(10)),
        slippage_bps=100,
        state=state,
        quantity=Decimal(10),
        limit_price=Decimal(100),
        client_order_id="sr7",
        venue_order_id=None,
        hold_id=UUID(int=8),
        send_until=NOW + timedelta(seconds=5),
        filled_quantity=Decimal(0),
        filled_notional=Decimal(0),
        venue_fee_units=0,
        platform_fee_units=0,
        platform_fee_bps=0,
        reason="",
        reason_params={},
        chat=ChatTarget(1, "m"),
        correlation_id="c",
        created_at=NOW,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def fill(number: int, quantity: str = "1") -> Fill:
    return Fill(f"f{number}", Price(Decimal(100)), Quantity(Decimal(quantity)), Decimal("0.1"), NOW)


def report(state: VenueOrderState, filled: str | int = 0, *fills: Fill) -> OrderReport:
    return OrderReport("sr7", "v7", state, Quantity(Decimal(filled)), fills, NOW)


EXPECTED = {
    (S.SUBMITTED, V.ACCEPTED): S.ACCEPTED,
    (S.SUBMITTED, V.PARTIALLY_FILLED): S.PARTIALLY_FILLED,
    (S.SUBMITTED, V.FILLED): S.FILLED,
    (S.SUBMITTED, V.CANCELED): S.CANCELED,
    (S.SUBMITTED, V.EXPIRED): S.EXPIRED,
    (S.ACCEPTED, V.ACCEPTED): S.ACCEPTED,
    (S.ACCEPTED, V.PARTIALLY_FILLED): S.PARTIALLY_FILLED,
    (S.ACCEPTED, V.FILLED): S.FILLED,
    (S.ACCEPTED, V.CANCELED): S.CANCELED,
    (S.ACCEPTED, V.EXPIRED): S.EXPIRED,
    (S.PARTIALLY_FILLED, V.ACCEPTED): S.PARTIALLY_FILLED,
    (S.PARTIALLY_FILLED, V.PARTIALLY_FILLED): S.PARTIALLY_FILLED,
    (S.PARTIALLY_FILLED, V.FILLED): S.FILLED,
    (S.PARTIALLY_FILLED, V.CANCELED): S.CANCELED,
    (S.PARTIALLY_FILLED, V.EXPIRED): S.EXPIRED,
    (S.PENDING_CANCEL, V.ACCEPTED): S.PENDING_CANCEL,
    (S.PENDING_CANCEL, V.PARTIALLY_FILLED): S.PENDING_CANCEL,
    (S.PENDING_CANCEL, V.FILLED): S.FILLED,
    (S.PENDING_CANCEL, V.CANCELED): S.CANCELED,
    (S.PENDING_CANCEL, V.EXPIRED): S.EXPIRED,
}


@pytest.mark.parametrize(("state", "word"), [pair for pair in product(S, V) if pair[1] is not V.REJECTED])
def test_a_complete_report_leads_where_it_should(state: OrderState, word: VenueOrderState) -> None:
    fills = (fill(1),) if word in {V.PARTIALLY_FILLED, V.FILLED} else ()
    before = order(state)
    if state in {S.INITIALIZED, S.DENIED} or (state in {S.FILLED, S.REJECTED} and fills):
        with pytest.raises(InvariantViolated):
            lifecycle.apply(before, (), report(word, len(fills), *fills))
        return
    transition = lifecycle.apply(before, (), report(word, len(fills), *fills))
    assert transition.state is EXPECTED.get((state, word), state)
    assert transition.complete
    if state in FINAL_STATES:
        assert transition.state is state


@pytest.mark.parametrize("state", sorted(S))
def test_a_rejection_ends_an_open_order_and_changes_no_final_one(state: OrderState) -> None:
    if state in {S.INITIALIZED, S.DENIED}:
        with pytest.raises(InvariantViolated):
            lifecycle.apply(order(state), (), report(V.REJECTED))
        return
    assert lifecycle.apply(order(state), (), report(V.REJECTED)).state is (S.REJECTED if state in OPEN else state)


@pytest.mark.parametrize("word", [V.FILLED, V.CANCELED, V.EXPIRED])
@pytest.mark.parametrize("state", [S.SUBMITTED, S.ACCEPTED, S.PARTIALLY_FILLED, S.PENDING_CANCEL])
def test_a_gap_keeps_the_order_open_until_every_fill_is_told(state: OrderState, word: VenueOrderState) -> None:
    gap = lifecycle.apply(order(state), (), report(word, 3, fill(1), fill(3)))
    assert gap.state is (S.PENDING_CANCEL if state is S.PENDING_CANCEL else S.PARTIALLY_FILLED)
    assert not gap.complete
    assert [one.venue_fill_id for one in gap.new_fills] == ["f1", "f3"]

    rest = lifecycle.apply(order(gap.state, filled_quantity=Decimal(2)), {"f1", "f3"}, report(word, 3, fill(1), fill(2), fill(3)))
    assert (rest.state, [one.venue_fill_id for one in rest.new_fills]) == (S(word.value), ["f2"])


def test_known_and_repeated_fills_are_not_new() -> None:
    transition = lifecycle.apply(
        order(S.PARTIALLY_FILLED, filled_quantity=Decimal(1)), {"f1"}, report(V.FILLED, 2, fill(2), fill(1), fill(2))
    )
    assert [one.venue_fill_id for one in transition.new_fills] == ["f2"]


@pytest.mark.parametrize("state", [S.CANCELED, S.EXPIRED])
def test_a_late_fill_of_an_ended_order_is_booked_and_the_end_stands(state: OrderState) -> None:
    transition = lifecycle.apply(order(state), (), report(V.FILLED, 1, fill(1)))
    assert transition.state is state
    assert len(transition.new_fills) == 1


def test_what_cannot_be_is_refused() -> None:
    for broken, known, told in (
        (order(), (), replace(report(V.FILLED, 1, fill(1)), client_order_id="another")),
        (order(), (), report(V.FILLED, 11, fill(1))),
        (order(), (), report(V.FILLED, 10, *(fill(number, "6") for number in range(2)))),
        (order(), (), report(V.FILLED, 2, fill(1), fill(1, "2"))),
        (order(), (), report(V.REJECTED, 1, fill(1))),
        (order(S.PARTIALLY_FILLED, filled_quantity=Decimal(1)), {"f1"}, report(V.REJECTED)),
        (order(S.REJECTED), (), report(V.FILLED, 1, fill(1))),
        (order(S.FILLED, filled_quantity=Decimal(1)), {"f1"}, report(V.FILLED, 2, fill(1), fill(2))),
    ):
        with pytest.raises(InvariantViolated):
            lifecycle.apply(broken, known, told)


@st.composite
def tellings(draw: st.DrawFn) -> tuple[list[Fill], list[OrderReport]]:
    """Fills that happened, and reports about them in any order, repeated, with gaps; the last report tells everything."""
    fills = [fill(number, str(draw(st.integers(1, 3)))) for number in range(draw(st.integers(1, 3)))]
    total = sum((one.quantity.value for one in fills), Decimal(0))
    final = draw(st.sampled_from([V.FILLED, V.CANCELED, V.EXPIRED]))
    reports = [report(V.ACCEPTED)]
    for upto in range(1, len(fills) + 1):
        filled = sum((one.quantity.value for one in fills[:upto]), Decimal(0))
        told = draw(st.lists(st.sampled_from(fills[:upto]), max_size=5))
        reports.append(report(V.PARTIALLY_FILLED, str(filled), *told))
    reports += [report(final, str(total), *draw(st.lists(st.sampled_from(fills), max_size=5))) for _ in range(2)]
    told_in = draw(st.permutations(reports + draw(st.lists(st.sampled_from(reports), max_size=4))))
    return fills, [*told_in, report(final, str(total), *fills)]


@given(tellings())
def test_however_a_history_is_told_it_ends_the_same(telling: tuple[list[Fill], list[OrderReport]]) -> None:
    fills, reports = telling
    folded = fold(order(), set(), reports)

    assert folded.order.state is S(reports[-1].state.value)
    assert {one.venue_fill_id for one in folded.fills} == {one.venue_fill_id for one in fills}
    assert len(folded.fills) == len(fills)
    assert folded.order.filled_quantity == sum((one.quantity.value for one in fills), Decimal(0))
    assert folded.complete


@given(tellings())
def test_no_telling_ever_leaves_a_final_state_or_unbooks_a_fill(telling: tuple[list[Fill], list[OrderReport]]) -> None:
    current, known = order(), set[str]()
    for told in telling[1]:
        step = fold(current, known, [told])
        if current.state in FINAL_STATES:
            assert step.order.state is current.state
        assert not known & {one.venue_fill_id for one in step.fills}
        assert step.order.filled_quantity >= current.filled_quantity
        known |= {one.venue_fill_id for one in step.fills}
        current = step.order


MARGIN = timedelta(seconds=1)


def test_not_found_proves_nothing_before_the_venue_refuses_the_order() -> None:
    sent = order(S.SUBMITTED)
    assert sent.send_until is not None
    for asked_at in (NOW, sent.send_until, sent.send_until + MARGIN):
        assert lifecycle.after_not_found(sent, asked_at, MARGIN) is None


def test_not_found_later_ends_an_order_that_nobody_ever_saw() -> None:
    late = NOW + timedelta(seconds=7)
    assert lifecycle.after_not_found(order(S.SUBMITTED), late, MARGIN) is S.EXPIRED
    assert lifecycle.after_not_found(order(S.PENDING_CANCEL), late, MARGIN) is S.CANCELED


@pytest.mark.parametrize("state", sorted(set(S) - {S.SUBMITTED, S.PENDING_CANCEL}))
def test_not_found_ends_nothing_else(state: OrderState) -> None:
    late = NOW + timedelta(days=7)
    assert lifecycle.after_not_found(order(state), late, MARGIN) is None
    assert lifecycle.after_not_found(order(S.SUBMITTED, venue_order_id="v7"), late, MARGIN) is None
    assert lifecycle.after_not_found(order(S.PENDING_CANCEL, filled_quantity=Decimal(1)), late, MARGIN) is None


@pytest.mark.parametrize("state", sorted(S))
def test_cancel_requests(state: OrderState) -> None:
    if state in FINAL_STATES:
        with pytest.raises(Denied) as refusal:
            lifecycle.after_cancel_request(state)
        assert refusal.value.code == "order_final"
    else:
        assert lifecycle.after_cancel_request(state) is (S.CANCELED if state is S.INITIALIZED else S.PENDING_CANCEL)


@pytest.mark.parametrize("state", sorted(S))
def test_only_an_undecided_order_is_decided(state: OrderState) -> None:
    if state is S.INITIALIZED:
        assert lifecycle.after_decision(state, denied=True) is S.DENIED
        assert lifecycle.after_decision(state, denied=False) is S.SUBMITTED
    else:
        with pytest.raises(InvariantViolated):
            lifecycle.after_decision(state, denied=False)
