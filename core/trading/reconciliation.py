"""Asks venues about open orders and applies reports that were left: the ordinary path of recovery, run every two seconds and at start.

An order is never sent from here. 'Not found' ends an order only when the venue's clock proves that it never arrived. What rests is asked
about seldom: its reports come by themselves. The venue ends what expires; an order it still has open well after that is canceled.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import asyncpg

from core.config.logging import bind_correlation, get_logger
from core.config.metrics import ORDERS, RECONCILIATIONS
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Unavailable
from core.market.types import Instrument
from core.trading import funds, report_rows, repository, settlement, views
from core.trading.cancellation import ask_to_cancel, cancel_expired
from core.trading.context import TradingContext
from core.trading.execution import take_outcome, take_report
from core.trading.lifecycle import after_not_found
from core.trading.request import append_message
from core.trading.types import FINAL_STATES, Order, OrderState
from core.venues.types import Accepted, NotFound, OrderReport

SIDE_BY_SIDE = 16
"""How many orders are asked about at the same time."""
LEFT_AFTER = timedelta(seconds=2)
"""A report recorded so long ago and not applied was left by a worker that ended."""
BEGIN_WITHIN_S = 8
"""A round begins with no further order after so long; those left have their turn in the next rounds, before the others."""
PUT_OFF = timedelta(minutes=1)
"""How long an order that could not be looked at is left alone."""
ASK_LATER = (
    Unavailable,
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
)
"""What passes by itself: the order is asked about again in its turn."""
_log = get_logger()


async def reconcile(context: TradingContext, limit: int = 100) -> int:
    """Asks about up to `limit` open orders that are due and applies what was left. How many orders were looked at.

    Takes no longer than BEGIN_WITHIN_S and what one order's venue takes for two answers.
    """
    begin_until = time.monotonic() + BEGIN_WITHIN_S
    now = context.clock.now()
    async with unit_of_work(context.pool) as uow:
        limits = context.limits
        due = await repository.claim_for_reconciliation(
            uow, now=now, again=now + limits.ask_again, limit=limit, seldom=limits.seldom, expiry_grace=limits.expiry_grace
        )
        left = await report_rows.claim_waiting_reports(uow, before=now - LEFT_AFTER, now=now, limit=limit)
    turns = asyncio.Semaphore(SIDE_BY_SIDE)

    async def one(order_id: UUID) -> bool:
        async with turns:
            if time.monotonic() >= begin_until:
                return False
            await _supervised(context, order_id)
            return True

    return _count(await asyncio.gather(*(one(order_id) for order_id in dict.fromkeys([*left, *due])), return_exceptions=True))


def _count(answers: Sequence[bool | BaseException]) -> int:
    """How many orders were looked at. What went wrong beyond `_supervised` is raised together, when the round is over: none is lost."""
    errors = [answer for answer in answers if isinstance(answer, BaseException)]
    if errors:
        raise BaseExceptionGroup("accounts could not be stopped", errors)
    return sum(map(bool, answers))


async def _supervised(context: TradingContext, order_id: UUID) -> None:
    """One order's trouble is no other's. What cannot be, whatever it is, stops the account, with an alarm; the reports stay."""
    try:
        await settlement.apply_reports(context, order_id)
        await reconcile_order(context, order_id)
    except ASK_LATER:
        RECONCILIATIONS.labels("unavailable").inc()
    except Exception as error:  # noqa: BLE001 - supervisor loop: the round goes on with the other orders
        RECONCILIATIONS.labels("violated").inc()
        _log.error("invariant_violated", order_id=str(order_id), error=type(error).__name__, exc_info=error)
        await _stop_account(context, order_id)


async def _stop_account(context: TradingContext, order_id: UUID) -> None:
    try:
        async with unit_of_work(context.pool) as uow:
            locked = await repository.lock_order(uow, order_id)
            if locked is not None:
                await funds.freeze(uow, locked[0], "invariant_violated")
                await repository.put_off(uow, order_id, context.clock.now() + PUT_OFF)
    except ASK_LATER as error:  # the next round finds the same
        _log.error("account_not_frozen", order_id=str(order_id), error=type(error).__name__)


async def reconcile_order(context: TradingContext, order_id: UUID) -> None:
    """Asks the order's venue and takes the answer. Raises Unavailable when it cannot be asked now."""
    async with unit_of_work(context.pool) as uow:
        locked = await repository.lock_order(uow, order_id)
    if locked is None or locked[1] is None or locked[0].client_order_id is None or locked[0].state in FINAL_STATES:
        return
    order, instrument = locked[0], locked[1]
    bind_correlation(order.correlation_id)
    answer = await _ask(context, order, instrument)
    if isinstance(answer, NotFound):
        RECONCILIATIONS.labels("not_found").inc()
        await take_not_found(context, order.id, answer)
        return
    RECONCILIATIONS.labels("found").inc()
    await take_report(context, order.id, answer)
    await cancel_expired(context, order.id)


async def take_not_found(context: TradingContext, order_id: UUID, answer: NotFound) -> None:
    """Ends the order if the answer proves that it never arrived: state, hold and message in one transaction. Else changes nothing."""
    async with unit_of_work(context.pool) as uow:
        locked = await repository.lock_order(uow, order_id)
        if locked is None:
            return
        order, instrument = locked
        state = after_not_found(order, answer.asked_at, context.limits.never_arrived_margin)
        if state is None:
            return
        now = context.clock.now()
        await funds.release(uow, order)
        await repository.set_state(uow, order_id, state, now=now, reason="never_arrived", reconcile_after=None)
        ended = replace(order, state=state, reason="never_arrived")
        await append_message(uow, ended, views.order_data(ended, instrument, now))
        ORDERS.labels(state.value).inc()
        _log.info("order_changed", order_id=str(order_id), previous_state=order.state.value, state=state.value, reason="never_arrived")


async def _ask(context: TradingContext, order: Order, instrument: Instrument) -> OrderReport | NotFound:
    """The venue's word; for an order whose cancel was asked, after asking to cancel once more."""
    if order.state is OrderState.PENDING_CANCEL:
        outcome = await ask_to_cancel(context, order, instrument)
        if isinstance(outcome, Accepted):
            await take_outcome(context, order.id, order.client_order_id or "", outcome)
    try:
        async with asyncio.timeout(context.limits.answer_within / timedelta(seconds=1)):
            return await context.venues[order.venue].lookup(order.client_order_id or "", instrument)
    except TimeoutError as error:
        raise Unavailable("the venue does not answer") from error
