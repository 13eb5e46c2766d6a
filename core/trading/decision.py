"""The decision on an order, at fresh prices and balances: one transaction that denies it, or holds the funds and lets it be sent.

Called by `execution` for orders and by `previewing`, which runs the same functions and writes nothing. Must never make a network call:
the book is read before.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from core.config.metrics import ORDERS
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.kernel.errors import Denied, InvariantViolated
from core.kernel.ids import client_order_id, new_id
from core.ledger import service as ledger
from core.market.types import OrderBook
from core.risk import service as risk
from core.risk.chain import trips
from core.risk.types import SizedOrder
from core.trading import decision_rows, views
from core.trading.context import TradingContext
from core.trading.decision_rows import Asking, DecisionFacts, Submission
from core.trading.judgment import Judgment, count, judge, rows, short_of_funds
from core.trading.lifecycle import after_decision
from core.trading.request import append_message
from core.trading.types import Order, OrderCommand, OrderState
from core.venues.types import RESTING, OrderRequest, OrderType


def command_of(order: Order) -> OrderCommand:
    """The intent an order came from."""
    limit = order.order_type is OrderType.LIMIT
    return OrderCommand(
        order.user_id,
        order.venue,
        order.symbol,
        order.side,
        order.size,
        order.slippage_bps,
        order.order_type,
        order.limit_price if limit else None,
        order.time_in_force,
        order.post_only,
        order.expires_at,
        order.origin,
        order.parent,
        order.risk,
    )


async def decide(context: TradingContext, order: Order, book: OrderBook | None) -> OrderRequest | None:
    """Decides an INITIALIZED order in one transaction. The request to send, once it is committed; None when denied or decided before.

    Of many calls for one order at most one ever returns a request: the row is locked and its state is checked under the lock.
    """
    async with unit_of_work(context.pool) as uow:
        command = command_of(order)
        asking = Asking(context.clock.now(), context.limits.duplicate_window, context.volatility, book, order.id)
        facts = await decision_rows.decision_facts(uow, command, asking)
        if facts is None or facts.state is not OrderState.INITIALIZED:
            return None
        now = context.clock.now()
        judgment = judge(context, command, facts, book, now)
        count(judgment)
        if trips(judgment.verdicts):
            await risk.open_breaker(uow, user_id=order.user_id, venue=order.venue, facts=facts.risk, now=now)
        hold_id = new_id()
        judgment = await hold_funds(uow, order.user_id, order.id, hold_id, judgment)
        if judgment.denied is None and book is not None:
            return await _submit(context, uow, order, facts, judgment, book, hold_id, now)
        await _deny(uow, order, judgment, book, now)
        return None


async def hold_funds(uow: UnitOfWork, user_id: int, order_id: UUID, hold_id: UUID, judgment: Judgment) -> Judgment:
    """Holds the funds of an order that passed; the judgment afterwards, denied where another order has spent them meanwhile."""
    if judgment.denied is not None or judgment.sized is None:
        return judgment
    amount = judgment.sized.hold
    try:
        await ledger.hold(uow, key=f"hold:{order_id}", hold_id=hold_id, user_id=user_id, amount=amount, reference=f"order:{order_id}")
    except Denied as refusal:
        return short_of_funds(judgment, refusal)
    return judgment


async def _submit(
    context: TradingContext,
    uow: UnitOfWork,
    order: Order,
    facts: DecisionFacts,
    judgment: Judgment,
    book: OrderBook,
    hold_id: UUID,
    now: datetime,
) -> OrderRequest:
    sized, instrument = judgment.sized, facts.instrument
    if sized is None or instrument is None:
        raise ValueError("only an order with figures is sent")
    submission = _submission(context, order, facts, sized, book, hold_id, now)
    if not await decision_rows.submit(uow, order.id, submission, rows(judgment)):
        raise InvariantViolated("an order was decided twice")
    sent = replace(
        order,
        state=after_decision(order.state, denied=False),
        quantity=submission.quantity,
        limit_price=submission.limit_price,
        expires_at=submission.expires_at,
        price_source=book.source,
        price_at=book.observed_at,
    )
    await append_message(uow, sent, views.order_data(sent, instrument, now))
    ORDERS.labels(sent.state.value).inc()
    return OrderRequest(
        submission.client_order_id,
        instrument,
        order.side,
        sized.limit_price,
        submission.send_until,
        sized.quantity,
        sized.quote_budget,
        order.order_type,
        order.time_in_force,
        order.post_only,
        submission.expires_at,
    )


def _submission(
    context: TradingContext, order: Order, facts: DecisionFacts, sized: SizedOrder, book: OrderBook, hold_id: UUID, now: datetime
) -> Submission:
    send_until, rests = now + context.limits.send_window, order.time_in_force in RESTING
    return Submission(
        quantity=None if sized.quantity is None else sized.quantity.value,
        quote_budget=sized.quote_budget,
        limit_price=sized.limit_price.value,
        held_units=sized.hold.units,
        client_order_id=client_order_id(order.id),
        hold_id=hold_id,
        now=now,
        send_until=send_until,
        reconcile_after=send_until + context.limits.never_arrived_margin,
        platform_fee_bps=facts.platform_fee_bps,
        source=book.source,
        price_at=book.observed_at,
        expires_at=now + context.limits.rests_for if rests and order.expires_at is None else order.expires_at,
    )


async def _deny(uow: UnitOfWork, order: Order, judgment: Judgment, book: OrderBook | None, now: datetime) -> None:
    verdict = judgment.denied
    if verdict is None:
        raise ValueError("a denial needs a verdict")
    source, price_at = (None, None) if book is None else (book.source, book.observed_at)
    await decision_rows.deny(
        uow, order.id, now=now, reason=verdict.reason, params=verdict.params, source=source, price_at=price_at, verdicts=rows(judgment)
    )
    denied = replace(
        order,
        state=after_decision(order.state, denied=True),
        reason=verdict.reason,
        reason_params=verdict.params,
        price_source=source,
        price_at=price_at,
    )
    await append_message(uow, denied, views.order_data(denied, None, now))
    ORDERS.labels(denied.state.value).inc()
