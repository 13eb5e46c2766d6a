"""Canceling: the request in the edge's transaction, the question to the venue in the worker's task.

An order that was never sent is canceled at once. One that was sent becomes PENDING_CANCEL: only the venue's word ends it, and a
refusal to cancel ends nothing, because the order may still be on its way.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from core.config.logging import bind_correlation, get_logger
from core.config.metrics import ORDERS
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.kernel.errors import Denied
from core.market.types import Instrument
from core.trading import repository, views
from core.trading.context import TradingContext
from core.trading.execution import take_outcome
from core.trading.lifecycle import after_cancel_request, is_overdue
from core.trading.request import append_message
from core.trading.types import Order, OrderState
from core.venues.types import Accepted, Outcome, Unknown

CANCEL_ORDER = "trading.cancel_order"
_log = get_logger()


async def request_cancel(context: TradingContext, uow: UnitOfWork, *, user_id: int, order_id: UUID) -> Order:
    """The order afterwards. Asking twice changes nothing. Raises Denied('order_final' | 'order_not_found')."""
    locked = await repository.lock_order(uow, order_id)
    if locked is None or locked[0].user_id != user_id:
        raise Denied("order_not_found")
    order, _ = locked
    state = after_cancel_request(order.state)
    if state is order.state:
        return order
    now = context.clock.now()
    again = None if state is OrderState.CANCELED else now
    await repository.set_state(uow, order_id, state, now=now, reason=order.reason, reconcile_after=again)
    changed = replace(order, state=state)
    if state is OrderState.PENDING_CANCEL:
        await context.hand_off.append(uow, CANCEL_ORDER, str(order_id))
    await append_message(uow, changed, views.order_data(changed, locked[1], now))
    ORDERS.labels(state.value).inc()
    return changed


async def cancel_order(context: TradingContext, order_id: UUID) -> None:
    """Asks the venue to cancel an order in PENDING_CANCEL; otherwise does nothing. Reconciliation looks at it afterwards."""
    async with unit_of_work(context.pool) as uow:
        locked = await repository.lock_order(uow, order_id)
    if locked is None or locked[0].state is not OrderState.PENDING_CANCEL or locked[1] is None:
        return
    order, instrument = locked[0], locked[1]
    bind_correlation(order.correlation_id)
    outcome = await ask_to_cancel(context, order, instrument)
    if isinstance(outcome, Accepted):
        await take_outcome(context, order.id, order.client_order_id or "", outcome)


async def cancel_expired(context: TradingContext, order_id: UUID) -> None:
    """Cancels an order that should have expired and that the venue still has open; otherwise does nothing. Our guard, not the rule."""
    now = context.clock.now()
    async with unit_of_work(context.pool) as uow:
        locked = await repository.lock_order(uow, order_id)
        if locked is None or not is_overdue(locked[0], now, context.limits.expiry_grace):
            return
        order, instrument = locked
        await repository.set_state(uow, order_id, OrderState.PENDING_CANCEL, now=now, reason="expired", reconcile_after=now)
        changed = replace(order, state=OrderState.PENDING_CANCEL, reason="expired")
        await append_message(uow, changed, views.order_data(changed, instrument, now))
        ORDERS.labels(changed.state.value).inc()
    await cancel_order(context, order_id)


async def ask_to_cancel(context: TradingContext, order: Order, instrument: Instrument) -> Outcome:
    """The venue's answer; Unknown when it does not answer in time."""
    try:
        async with asyncio.timeout(context.limits.answer_within / timedelta(seconds=1)):
            outcome = await context.venues[order.venue].cancel(order.client_order_id or "", instrument)
    except TimeoutError:
        outcome = Unknown("no answer in time")
    _log.info("cancel_asked", order_id=str(order.id), outcome=type(outcome).__name__.lower())
    return outcome
