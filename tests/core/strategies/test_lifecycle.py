"""The life of a conditional order, step by step, without a database: what each word of trading means for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from core.kernel.errors import Denied
from core.strategies import lifecycle, rules
from core.strategies.lifecycle import MOST_ATTEMPTS, Progress, followed, pause_after
from core.strategies.types import (
    Conditional,
    ConditionalCommand,
    ConditionalKind,
    ConditionalState,
    Leg,
    LegRole,
    LegSpec,
    LegState,
    Step,
)
from core.trading.types import ChatTarget, OrderSize, OrderState, SizeKind
from core.venues.types import Side
from tests.support.conditionals import leaves_at, profit, stop, trail, wants

NOW = datetime(2024, 8, 5, tzinfo=UTC)
LOT = Decimal("0.1")
ORDER = UUID(int=7)


def armed(*legs: Leg, quantity: str | None = "10", budget: str | None = None, enters: bool = False) -> Conditional:
    return Conditional(
        UUID(int=1),
        1,
        "paper",
        "BTC/USDT",
        ConditionalKind.OCO,
        Side.BUY if budget else Side.SELL,
        enters,
        OrderSize(SizeKind.BASE_QUANTITY, Decimal(10)),
        None if quantity is None or budget else Decimal(quantity),
        None if budget is None else Decimal(budget),
        100,
        ConditionalState.ARMED,
        "",
        {},
        False,
        ChatTarget(1, "x"),
        "c",
        NOW,
        NOW + timedelta(days=90),
        legs,
    )


def at_work(one: Conditional, number: int = 1, size: str = "10") -> Conditional:
    return lifecycle.emitted(one, one.leg(number), ORDER, Decimal(size), {}).conditional


def told(one: Conditional, state: OrderState, filled: str = "0", reason: str = "", number: int = 1, spent: str = "0") -> Step:
    return followed(one, one.leg(number), Progress(state, Decimal(filled), Decimal(spent), reason), now=NOW, lot=LOT)


PAIR = (Leg(1, LegRole.TAKE_PROFIT, LegState.ARMED, Decimal(150)), Leg(2, LegRole.STOP, LegState.ARMED, Decimal(80)))


def test_an_order_at_work_says_nothing_until_it_ended() -> None:
    one = at_work(armed(*PAIR))
    assert told(one, OrderState.PARTIALLY_FILLED, "4") == Step(one)
    assert rules.due_size(one, one.leg(2), LOT) == 0


@pytest.mark.parametrize("reason", ["paused", "price_stale", "not_enough_depth", "too_many_orders", "duplicate"])
def test_what_passes_by_itself_arms_it_again(reason: str) -> None:
    step = told(at_work(armed(*PAIR)), OrderState.DENIED, reason=reason)
    assert (step.conditional.state, step.conditional.leg(1).state) == (ConditionalState.ARMED, LegState.ARMED)
    assert step.conditional.leg(1).not_before == NOW + timedelta(seconds=1)
    assert [event.check for event in step.events] == ["order", "armed_again"]


def test_a_leg_that_fails_for_good_leaves_the_others() -> None:
    step = told(at_work(armed(*PAIR)), OrderState.REJECTED, reason="no")
    assert (step.conditional.state, step.conditional.reason) == (ConditionalState.ARMED, "leg_failed")
    assert [leg.state for leg in step.conditional.legs] == [LegState.FAILED, LegState.ARMED]
    last = told(at_work(step.conditional, 2), OrderState.DENIED, reason="account_frozen", number=2)
    assert (last.conditional.state, last.conditional.reason) == (ConditionalState.FAILED, "account_frozen")


def test_it_gives_up_after_many_attempts() -> None:
    one = armed(replace(PAIR[1], number=1, attempts=MOST_ATTEMPTS - 1))
    step = told(at_work(one), OrderState.EXPIRED)
    assert (step.conditional.state, step.conditional.reason) == (ConditionalState.FAILED, "gave_up")
    assert pause_after(1) == timedelta(seconds=1)
    assert pause_after(50) == timedelta(minutes=1)


def test_an_order_the_user_canceled_ends_it() -> None:
    step = told(at_work(armed(*PAIR)), OrderState.CANCELED, "4")
    assert (step.conditional.state, step.conditional.reason) == (ConditionalState.CANCELED, "order_canceled")
    assert {leg.state for leg in step.conditional.legs} == {LegState.CANCELED}


def test_a_cancel_waits_for_the_last_order_at_work() -> None:
    one = at_work(at_work(armed(*PAIR), 1, "4"), 2, "6")
    asked = lifecycle.cancel(one).conditional
    first = told(asked, OrderState.CANCELED, number=1)
    assert first.conditional.state is ConditionalState.TRIGGERED
    last = told(first.conditional, OrderState.CANCELED, number=2)
    assert last.conditional.state is ConditionalState.CANCELED
    assert told(last.conditional, OrderState.FILLED, "6", number=2) == Step(last.conditional)


def test_a_limit_order_that_expired_ends_its_leg() -> None:
    one = armed(replace(PAIR[1], number=1, limit_price=Decimal(79)))
    step = told(at_work(one), OrderState.EXPIRED)
    assert (step.conditional.state, step.conditional.reason) == (ConditionalState.FAILED, "order_expired")


def test_a_limit_order_that_never_arrived_is_asked_for_again() -> None:
    one = armed(replace(PAIR[1], number=1, limit_price=Decimal(79)))
    step = told(at_work(one), OrderState.EXPIRED, reason="never_arrived")
    assert (step.conditional.state, step.conditional.leg(1).state) == (ConditionalState.ARMED, LegState.ARMED)
    assert step.conditional.reason_params == {"why": "never_arrived"}


def test_a_rest_too_small_for_an_order_is_done() -> None:
    one = at_work(armed(replace(PAIR[1], number=1)))
    partly = told(one, OrderState.EXPIRED, "9.9").conditional
    step = told(at_work(partly, 1, "0.1"), OrderState.DENIED, reason="below_minimum_notional")
    assert (step.conditional.state, step.conditional.leg(1).filled) == (ConditionalState.DONE, Decimal("9.9"))


def test_what_the_other_legs_left_is_done_when_it_is_too_small_for_an_order() -> None:
    one = at_work(armed(replace(PAIR[0], state=LegState.DONE, filled=Decimal("9.9")), PAIR[1]), 2, "0.1")
    step = told(one, OrderState.DENIED, reason="below_minimum_notional", number=2)
    assert (step.conditional.state, step.conditional.reason) == (ConditionalState.DONE, "")


def test_a_budget_is_spent_with_its_fees_and_its_dust_is_left() -> None:
    one = armed(replace(PAIR[0], number=1), budget="1000")
    partly = told(at_work(one, 1, "1000"), OrderState.EXPIRED, "4", spent="400")
    assert rules.due_size(partly.conditional, partly.conditional.leg(1), LOT) == 600
    done = told(at_work(partly.conditional, 1, "600"), OrderState.FILLED, "6", spent="599.5")
    assert done.conditional.state is ConditionalState.DONE
    assert lifecycle.cut(partly.conditional, Decimal(50)).budget == 450
    assert lifecycle.spent_of(Side.BUY, Decimal(10), Decimal(1)) == 11
    assert lifecycle.spent_of(Side.SELL, Decimal(10), Decimal(1)) == 10


ENTRY = Leg(0, LegRole.ENTRY, LegState.ARMED)
WAITING = tuple(replace(leg, state=LegState.WAITING) for leg in PAIR)


def test_an_entry_that_was_canceled_before_it_filled_protects_nothing_more() -> None:
    one = at_work(armed(ENTRY, *WAITING, quantity=None, enters=True), 0, "0")
    asked = lifecycle.cancel(one).conditional
    growing = told(asked, OrderState.PARTIALLY_FILLED, "2", number=0)
    assert (growing.conditional.quantity, growing.events) == (Decimal(2), ())
    ended = told(growing.conditional, OrderState.CANCELED, "2", number=0)
    assert (ended.conditional.state, ended.conditional.reason) == (ConditionalState.CANCELED, "canceled_by_user")
    assert told(one, OrderState.SUBMITTED, number=0) == Step(one)


def test_what_an_entry_fills_after_its_stop_was_done_is_protected_too() -> None:
    one = at_work(armed(ENTRY, *WAITING, quantity=None, enters=True), 0, "0")
    first = told(one, OrderState.PARTIALLY_FILLED, "4", number=0).conditional
    sold = told(at_work(first, 2, "4"), OrderState.FILLED, "4", number=2).conditional
    assert (sold.state, sold.leg(2).state) == (ConditionalState.ARMED, LegState.DONE)
    rest = told(sold, OrderState.FILLED, "10", number=0).conditional
    assert rest.leg(2).state is LegState.ARMED
    assert rules.due_size(rest, rest.leg(2), LOT) == 6


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (wants(1), "conditional_legs"),
        (wants(1, *[stop(80, share_bps=100)] * 9), "conditional_legs"),
        (wants(1, stop(80), enters=True), "conditional_entry"),
        (wants(1, stop(80), kind=SizeKind.INITIALS), "conditional_size"),
        (wants(1, stop(80), kind=SizeKind.QUOTE_AMOUNT), "conditional_size"),
        (wants(1, profit(120, 6000), profit(130, 6000)), "conditional_shares"),
        (wants(1, profit(120, 0)), "conditional_shares"),
        (wants(1, stop(0)), "conditional_price"),
        (wants(1, stop("NaN")), "conditional_price"),
        (wants(1, trail()), "conditional_price"),
        (wants(1, trail(bps=10_000)), "conditional_price"),
        (wants(1, trail(bps=100, amount=5)), "conditional_price"),
        (wants(1, LegSpec(LegRole.STOP)), "conditional_price"),
        (wants(1, LegSpec(LegRole.ENTRY)), "conditional_price"),
        (wants(1, leaves_at(NOW)), "conditional_time"),
        (wants(1, leaves_at(NOW + timedelta(days=91))), "conditional_time"),
        (wants(1, profit(80), stop(120)), "conditional_prices_crossed"),
        (wants(1, profit(120), stop(80), side=Side.BUY), "conditional_prices_crossed"),
    ],
)
def test_what_cannot_be_armed(command: ConditionalCommand, code: str) -> None:
    with pytest.raises(Denied, match=code):
        rules.require_sensible(command, NOW, timedelta(days=90))


def test_what_can_be_armed() -> None:
    for legs in ((stop(80), profit(120)), (trail(bps=100), profit(120, 5000), leaves_at(NOW + timedelta(days=90)))):
        rules.require_sensible(wants(1, *legs), NOW, timedelta(days=90))
    assert rules.kind_of((stop(80, limit=79),), enters=False) is ConditionalKind.STOP_LIMIT
    with pytest.raises(LookupError):
        armed(*PAIR).leg(9)
