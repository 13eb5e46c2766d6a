"""The life of a conditional order as a pure state machine. Decides, changes nothing; called by the modules of `core/strategies`.

Every step that changes a state carries the events that explain it. What an emitted order did is taken from trading: only an order that
ended frees what it did not fill, so that the legs together never sell more than was armed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.kernel.money import EXACT
from core.risk.checks import text
from core.strategies.rules import due_size, remaining
from core.strategies.types import (
    FINAL,
    LIVE_LEGS,
    ZERO,
    Conditional,
    ConditionalState,
    Event,
    Leg,
    LegRole,
    LegState,
    Step,
)
from core.trading.types import FINAL_STATES, OrderState
from core.venues.types import Side

TRY_AGAIN = frozenset(
    {
        "paused",
        "no_price",
        "price_stale",
        "duplicate",
        "not_enough_depth",
        "insufficient_funds",
        "too_many_orders",
        "too_many_open_orders",
        "price_band",
        "protection_band",
        "price_impact",
        "depth_share",
        "too_late",
        "never_arrived",
        "venue_away",
    }
)
"""Reasons that pass by themselves: the leg is armed again, after a pause that grows. Any other reason fails it."""
MOST_ATTEMPTS = 30
LONGEST_PAUSE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Progress:
    """What trading says of an emitted order: `spent` in quote coins, fees in it."""

    state: OrderState
    filled: Decimal
    spent: Decimal
    reason: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will be filled."""
        return self.state in FINAL_STATES


def emitted(conditional: Conditional, leg: Leg, order_id: UUID, size: Decimal, inputs: dict[str, Any]) -> Step:
    """The leg's trigger was met and its order is on its way. `size` in the conditional's measure."""
    sent = replace(leg, state=LegState.TRIGGERED, order_id=order_id, attempts=leg.attempts + 1, sent=size, not_before=None)
    changed = replace(_with(conditional, sent), state=ConditionalState.TRIGGERED, reason="", reason_params={})
    return Step(changed, (Event("triggered", inputs={"leg": leg.number, "order_id": str(order_id), "size": text(size), **inputs}),))


def cut(conditional: Conditional, size: Decimal) -> Conditional:
    """The whole becomes what is done or at work plus `size`: there is nothing else to sell (or to spend)."""
    whole = conditional.budget if conditional.by_budget else conditional.quantity
    used = EXACT.subtract(whole or ZERO, remaining(conditional))
    if conditional.by_budget:
        return replace(conditional, budget=EXACT.add(used, size))
    return replace(conditional, quantity=EXACT.add(used, size))


def with_less(step: Step, leg: Leg, due: Decimal, size: Decimal) -> Step:
    """Says that less than was armed goes out, because no more was there."""
    params = {"wanted": text(due), "size": text(size)}
    told = replace(step.conditional, reason="less_available", reason_params=params)
    return Step(told, (*step.events, Event("cut", "scaled", "less_available", {"leg": leg.number, **params})))


def followed(conditional: Conditional, leg: Leg, progress: Progress, *, now: datetime, lot: Decimal) -> Step:
    """What became of a leg's order. No events when it changes nothing."""
    if leg.state is not LegState.TRIGGERED or conditional.state in FINAL:
        return Step(conditional)
    if leg.role is LegRole.ENTRY:
        return _entry(conditional, leg, progress, lot)
    return _exit(conditional, leg, progress, now, lot) if progress.ended else Step(conditional)


def _entry(conditional: Conditional, leg: Leg, progress: Progress, lot: Decimal) -> Step:
    """What is filled is protected at once; the rest follows as it is filled."""
    grown = conditional.quantity is None or progress.filled > conditional.quantity
    if not progress.ended and not (grown and progress.filled > 0):
        return Step(conditional)
    state = LegState.DONE if progress.ended else leg.state
    leg = replace(leg, state=state, filled=progress.filled, spent=progress.spent)
    changed = replace(_with(conditional, leg), quantity=progress.filled)
    inputs = {"leg": leg.number, "order_state": progress.state.value, "filled": text(progress.filled), "reason": progress.reason}
    if progress.ended and progress.filled == 0:
        return _end(changed, ConditionalState.FAILED, progress.reason or "entry_not_filled", Event("entry", "denied", inputs=inputs))
    if conditional.cancel_requested:
        if progress.ended:
            return _end(changed, ConditionalState.CANCELED, "canceled_by_user", Event("entry", inputs=inputs))
        return Step(changed)
    behind = [one for one in changed.exits if one.state is LegState.DONE and due_size(changed, one, lot) > 0]
    exits = [replace(one, state=LegState.ARMED) for one in changed.exits if one.state is LegState.WAITING or one in behind]
    return Step(_resume(_with(changed, *exits)), (Event("entry", inputs=inputs),))


def _exit(conditional: Conditional, leg: Leg, progress: Progress, now: datetime, lot: Decimal) -> Step:
    filled, spent = EXACT.add(leg.filled, progress.filled), EXACT.add(leg.spent, progress.spent)
    booked = replace(leg, state=LegState.ARMED, sent=ZERO, filled=filled, spent=spent)
    changed = _with(conditional, booked)
    event = _told(booked, progress, changed)
    if due_size(changed, booked, lot) <= _dust(changed, lot):
        return _settle(_with(changed, replace(booked, state=LegState.DONE)), lot, event)
    if conditional.cancel_requested:
        return _cease(changed, booked, "canceled_by_user", event)
    return _unfilled(changed, booked, progress, now, lot, event)


def _told(leg: Leg, progress: Progress, after: Conditional) -> Event:
    inputs = {
        "leg": leg.number,
        "order_id": str(leg.order_id),
        "order_state": progress.state.value,
        "filled": text(progress.filled),
        "remaining": text(remaining(after)),
    }
    verdict = "denied" if progress.state in (OrderState.DENIED, OrderState.REJECTED) else "passed"
    return Event("order", verdict, progress.reason if verdict == "denied" else "", inputs)


def _unfilled(conditional: Conditional, leg: Leg, progress: Progress, now: datetime, lot: Decimal, event: Event) -> Step:
    """The order ended and left something: the leg is armed again for it, or ends."""
    reason = progress.reason
    if progress.state is OrderState.CANCELED:
        return _cease(conditional, leg, "order_canceled", event)
    if reason == "below_minimum_notional" and any(one.filled > 0 for one in conditional.exits):  # what the other legs left
        return _settle(_with(conditional, replace(leg, state=LegState.DONE)), lot, event)
    if progress.state is OrderState.EXPIRED and leg.limit_price is not None and reason not in TRY_AGAIN:
        return _fail(conditional, leg, "order_expired", event)
    if progress.state in (OrderState.DENIED, OrderState.REJECTED) and reason not in TRY_AGAIN:
        return _fail(conditional, leg, reason or "rejected", event)
    if leg.attempts >= MOST_ATTEMPTS:
        return _fail(conditional, leg, "gave_up", event)
    again = replace(leg, not_before=now + pause_after(leg.attempts))
    inputs = {"leg": leg.number, "remaining": text(remaining(conditional)), "not_before": str(again.not_before), "attempts": leg.attempts}
    rearmed = Event("armed_again", "scaled" if progress.filled > 0 else "passed", reason, inputs)
    told = replace(conditional, reason="armed_again", reason_params={"why": reason or progress.state.value.lower()})
    return Step(_resume(_with(told, again)), (event, rearmed))


def _cease(conditional: Conditional, leg: Leg, reason: str, event: Event) -> Step:
    """The user canceled: it ends with the last order that is at work; until then nothing new is emitted."""
    dead = [replace(one, state=LegState.CANCELED) for one in conditional.legs if one.state in (LegState.ARMED, LegState.WAITING)]
    changed = _with(conditional, *dead, replace(leg, state=LegState.CANCELED))
    if any(one.state is LegState.TRIGGERED for one in changed.legs):
        return Step(replace(changed, cancel_requested=True), (event,))
    return _end(changed, ConditionalState.CANCELED, reason, event)


def pause_after(attempts: int) -> timedelta:
    """How long a leg waits before its next order: 1, 2, 4 … seconds, at most a minute."""
    return min(timedelta(seconds=2 ** min(attempts - 1, 10)), LONGEST_PAUSE)


def _fail(conditional: Conditional, leg: Leg, reason: str, event: Event) -> Step:
    """The leg ends; the others go on where there are any."""
    changed = _with(conditional, replace(leg, state=LegState.FAILED))
    failed = Event("leg_failed", "denied", reason, {"leg": leg.number})
    if any(one.state in LIVE_LEGS for one in changed.exits):
        changed = replace(changed, reason="leg_failed", reason_params={"why": reason, "leg": leg.number})
        return Step(_resume(changed), (event, failed))
    return _end(changed, ConditionalState.FAILED, reason, event, failed)


def _settle(conditional: Conditional, lot: Decimal, event: Event) -> Step:
    """A leg is done: the others keep what remains, and where nothing remains or nobody waits it is over."""
    left = remaining(conditional)
    live = [one for one in conditional.exits if one.state in LIVE_LEGS]
    useful = [one for one in live if one.state is LegState.TRIGGERED or due_size(conditional, one, lot) > _dust(conditional, lot)]
    entering = any(one.role is LegRole.ENTRY and one.state is LegState.TRIGGERED for one in conditional.legs)
    if not useful and not entering:
        short = conditional.reason == "less_available"
        return _end(conditional, ConditionalState.DONE, "less_available" if short else "", event)
    reduced = Event("reduced", "scaled", "", {"remaining": text(left), "legs": [one.number for one in live]})
    return Step(_resume(conditional), (event, reduced))


def _dust(conditional: Conditional, lot: Decimal) -> Decimal:
    """What is too little for another order: less than a lot, or a hundredth of a budget that nearly all was spent of."""
    if not conditional.by_budget or conditional.budget is None:
        return ZERO
    _ = lot
    return EXACT.multiply(conditional.budget, Decimal("0.01"))


def cancel(conditional: Conditional) -> Step:
    """The user takes it back. Where an order is at work it ends when that order does."""
    if any(leg.state is LegState.TRIGGERED for leg in conditional.legs):
        waiting = [replace(leg, state=LegState.CANCELED) for leg in conditional.legs if leg.state in (LegState.ARMED, LegState.WAITING)]
        changed = replace(_with(conditional, *waiting), cancel_requested=True, reason="cancel_requested", reason_params={})
        return Step(changed, (Event("cancel_requested"),))
    return _end(conditional, ConditionalState.CANCELED, "canceled_by_user", Event("canceled"))


def expire(conditional: Conditional) -> Step:
    """Its time is over before anything triggered."""
    inputs = {"expires_at": conditional.expires_at.isoformat()}
    return _end(conditional, ConditionalState.EXPIRED, "expired", Event("expired", inputs=inputs))


def fail_leg(conditional: Conditional, leg: Leg, reason: str, inputs: dict[str, Any]) -> Step:
    """The trigger was met and nothing can be emitted."""
    return _fail(conditional, leg, reason, Event("triggered", "denied", reason, {"leg": leg.number, **inputs}))


def nothing_left(conditional: Conditional, leg: Leg, due: Decimal, lot: Decimal, inputs: dict[str, Any]) -> Step:
    """The trigger was met, the leg has acted before, and the rest is gone (or spent): it is done, with less than was armed."""
    event = Event("triggered", "scaled", "less_available", {"leg": leg.number, **inputs})
    told = replace(cut(conditional, ZERO), reason="less_available", reason_params={"wanted": text(due), "size": text(ZERO)})
    return _settle(_with(told, replace(leg, state=LegState.DONE)), lot, event)


def hold_back(conditional: Conditional, leg: Leg, reason: str, inputs: dict[str, Any], *, until: datetime) -> Step:
    """The trigger was met and nothing may be emitted now: it stays armed and says so, once."""
    changed = _with(conditional, replace(leg, not_before=until))
    if conditional.reason == "held_back" and conditional.reason_params.get("why") == reason:
        return Step(changed)
    changed = replace(changed, reason="held_back", reason_params={"why": reason, **inputs})
    return Step(changed, (Event("triggered", "denied", reason, {"leg": leg.number, **inputs}),))


def _end(conditional: Conditional, state: ConditionalState, reason: str, *events: Event) -> Step:
    closed = [replace(leg, state=LegState.CANCELED) for leg in conditional.legs if leg.state in LIVE_LEGS]
    params = conditional.reason_params if reason == conditional.reason else {}
    ended = replace(_with(conditional, *closed), state=state, reason=reason, reason_params=params)
    verdict = "denied" if state is ConditionalState.FAILED else "passed"
    closing = Event("ended", verdict, reason, {"state": state.value, "remaining": text(remaining(ended))})
    return Step(ended, (*events, closing))


def _resume(conditional: Conditional) -> Conditional:
    at_work = any(leg.state is LegState.TRIGGERED and leg.role is not LegRole.ENTRY for leg in conditional.legs)
    armed = any(leg.state is LegState.ARMED for leg in conditional.exits)
    return replace(conditional, state=ConditionalState.TRIGGERED if at_work or not armed else ConditionalState.ARMED)


def _with(conditional: Conditional, *changed: Leg) -> Conditional:
    by_number = {leg.number: leg for leg in changed}
    return replace(conditional, legs=tuple(by_number.get(leg.number, leg) for leg in conditional.legs))


def spent_of(side: Side, notional: Decimal, fees: Decimal) -> Decimal:
    """Quote coins an order took from a budget: the fees count on a purchase."""
    return EXACT.add(notional, fees) if side is Side.BUY else notional
