"""The life of an order as a pure state machine. Decides, changes nothing; called by the modules of `core/trading` only.

States as FIX: DENIED by us, REJECTED by the venue. Only positive evidence ends an order: a venue's final word with every fill told,
our own denial, a cancel before anything was sent, or a venue that does not know the order once it could not arrive any more. Silence
and errors end nothing. Reports may be repeated, late, out of order and incomplete.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from core.kernel.errors import Denied, InvariantViolated
from core.kernel.money import EXACT
from core.trading.types import FINAL_STATES, Order, OrderState
from core.venues.types import Fill, OrderReport, VenueOrderState

ZERO = Decimal(0)
NEVER_SENT = frozenset({OrderState.INITIALIZED, OrderState.DENIED})
_VENUE_FINAL = {
    VenueOrderState.FILLED: OrderState.FILLED,
    VenueOrderState.CANCELED: OrderState.CANCELED,
    VenueOrderState.EXPIRED: OrderState.EXPIRED,
}


@dataclass(frozen=True, slots=True)
class Transition:
    """What a report means: the state afterwards, the fills not known before, and whether all fills the venue counts are known now."""

    state: OrderState
    new_fills: tuple[Fill, ...]
    complete: bool


def apply(order: Order, known_fills: Collection[str], report: OrderReport) -> Transition:
    """What `report` changes, given the ids of the fills already booked.

    A final order keeps its state; fills that surface later are still new fills, because they happened. Raises InvariantViolated for
    what cannot be: a report on an order never sent, another order's report, more filled than ordered, fills of a rejected order.
    """
    if order.state in NEVER_SENT:
        raise InvariantViolated(f"a report on an order that was never sent ({order.state})")
    if report.client_order_id != order.client_order_id:
        raise InvariantViolated("a report on another order")
    new = _unknown(report.fills, known_fills)
    told = order.filled_quantity
    for fill in new:
        told = EXACT.add(told, fill.quantity.value)
    _require_possible(order, report, new, told)
    complete = told >= report.filled_quantity.value
    return Transition(_next_state(order.state, report, told, complete=complete), new, complete)


def _unknown(fills: Collection[Fill], known: Collection[str]) -> tuple[Fill, ...]:
    found: dict[str, Fill] = {}
    for fill in fills:
        if fill.venue_fill_id in known:
            continue
        if found.setdefault(fill.venue_fill_id, fill) != fill:
            raise InvariantViolated(f"two different fills are called {fill.venue_fill_id}")
    return tuple(found.values())


def _require_possible(order: Order, report: OrderReport, new: Collection[Fill], told: Decimal) -> None:
    if order.quantity is not None and max(told, report.filled_quantity.value) > order.quantity:
        raise InvariantViolated("more was filled than was ordered")
    if new and order.state in {OrderState.FILLED, OrderState.REJECTED}:
        raise InvariantViolated(f"a new fill of an order that is {order.state}")
    if report.state is VenueOrderState.REJECTED and max(told, report.filled_quantity.value) > 0:
        raise InvariantViolated("a rejected order has fills")


def _next_state(state: OrderState, report: OrderReport, told: Decimal, *, complete: bool) -> OrderState:
    if state in FINAL_STATES:
        return state
    if report.state is VenueOrderState.REJECTED:
        return OrderState.REJECTED
    if report.state in _VENUE_FINAL and complete:
        return _VENUE_FINAL[report.state]
    if state is OrderState.PENDING_CANCEL:
        return state
    if told > 0 or report.filled_quantity.value > 0 or state is OrderState.PARTIALLY_FILLED:
        return OrderState.PARTIALLY_FILLED
    return OrderState.ACCEPTED


def after_decision(state: OrderState, *, denied: bool) -> OrderState:
    """INITIALIZED becomes DENIED or SUBMITTED; from any other state InvariantViolated, because it was decided before."""
    if state is not OrderState.INITIALIZED:
        raise InvariantViolated(f"an order that is {state} is not decided again")
    return OrderState.DENIED if denied else OrderState.SUBMITTED


def after_cancel_request(state: OrderState) -> OrderState:
    """CANCELED at once when nothing was sent, else PENDING_CANCEL. Raises Denied('order_final')."""
    if state in FINAL_STATES:
        raise Denied("order_final", state=state.value)
    return OrderState.CANCELED if state is OrderState.INITIALIZED else OrderState.PENDING_CANCEL


def is_overdue(order: Order, now: datetime, grace: timedelta) -> bool:
    """Whether the venue has the order open although it should have ended it `grace` ago."""
    open_there = order.state in {OrderState.ACCEPTED, OrderState.PARTIALLY_FILLED}
    return open_there and order.expires_at is not None and now > order.expires_at + grace


def after_not_found(order: Order, asked_at: datetime, margin: timedelta) -> OrderState | None:
    """The final state when 'not found' proves that the order never arrived, else None.

    It is proof only when the venue's own clock is past `send_until` (it refuses the order from then on) plus `margin`, and nothing
    ever said that the venue had it.
    """
    waiting = order.state in {OrderState.SUBMITTED, OrderState.PENDING_CANCEL}
    seen = order.venue_order_id is not None or order.filled_quantity > ZERO
    if not waiting or seen or order.send_until is None or asked_at <= order.send_until + margin:
        return None
    return OrderState.CANCELED if order.state is OrderState.PENDING_CANCEL else OrderState.EXPIRED
