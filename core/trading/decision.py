"""The decision on an order, at fresh prices and balances: one transaction that denies it, or holds the funds and lets it be sent.

Called by `execution` for orders and by `previewing`, which runs the same functions and writes nothing. Must never make a network call:
the book is read before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from core.config.metrics import ORDERS, RISK_VERDICTS
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.kernel.errors import Denied, InvariantViolated
from core.kernel.ids import client_order_id, new_id
from core.ledger import service as ledger
from core.market.types import OrderBook
from core.risk.chain import denial, run_chain
from core.risk.types import RiskContext, SizedOrder, SizeProblem, Verdict
from core.trading import decision_rows, views
from core.trading.context import TradingContext
from core.trading.decision_rows import DecisionFacts, Submission
from core.trading.lifecycle import after_decision
from core.trading.limit_sizing import LimitTerms, size_limit_order
from core.trading.request import append_message
from core.trading.sizing import Sizing, size_order
from core.trading.types import Order, OrderCommand, OrderState
from core.venues.types import RESTING, OrderRequest, OrderType, Side


@dataclass(frozen=True, slots=True)
class Judgment:
    """What the chain said, and the order with figures when it passed."""

    verdicts: tuple[Verdict, ...]
    sized: SizedOrder | None

    @property
    def denied(self) -> Verdict | None:
        """The verdict that denies, or None."""
        return denial(self.verdicts)


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
    )


def terms_of(command: OrderCommand) -> LimitTerms | None:
    """What makes the command a limit order; None for a market order."""
    if command.limit_price is None:
        return None
    return LimitTerms(command.limit_price, command.time_in_force, command.post_only)


def _expiry_problem(context: TradingContext, command: OrderCommand, now: datetime) -> SizeProblem | None:
    if command.expires_at is None:
        return None
    if command.expires_at <= now:
        return SizeProblem("expiry_passed", {"expires_at": command.expires_at.isoformat()})
    longest = context.limits.rests_at_most
    return SizeProblem("expiry_too_far", {"days": str(longest.days)}) if command.expires_at > now + longest else None


def judge(context: TradingContext, command: OrderCommand, facts: DecisionFacts, book: OrderBook | None, now: datetime) -> Judgment:
    """Sizes the order and runs the risk chain. Pure."""
    sized: SizedOrder | None = None
    problem: SizeProblem | None = None
    if facts.instrument is not None and book is not None:
        base, quote, cost = decision_rows.amounts(facts, facts.instrument)
        sizing = Sizing(command.side, command.size, command.slippage_bps, facts.instrument, book, base, quote, cost, facts.platform_fee_bps)
        terms = terms_of(command)
        result = _expiry_problem(context, command, now) or (size_order(sizing) if terms is None else size_limit_order(sizing, terms))
        sized, problem = (result, None) if isinstance(result, SizedOrder) else (None, result)
    verdicts = run_chain(_risk_context(context, command, facts, book, now, sized, problem))
    return Judgment(tuple(verdicts), sized)


async def decide(context: TradingContext, order: Order, book: OrderBook | None) -> OrderRequest | None:
    """Decides an INITIALIZED order in one transaction. The request to send, once it is committed; None when denied or decided before.

    Of many calls for one order at most one ever returns a request: the row is locked and its state is checked under the lock.
    """
    async with unit_of_work(context.pool) as uow:
        command = command_of(order)
        facts = await decision_rows.decision_facts(uow, command, order_id=order.id, duplicate_window=context.limits.duplicate_window)
        if facts is None or facts.state is not OrderState.INITIALIZED:
            return None
        now = context.clock.now()
        judgment = judge(context, command, facts, book, now)
        _count(judgment)
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
        return _short_of_funds(judgment, refusal)
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
    if not await decision_rows.submit(uow, order.id, submission, _rows(judgment)):
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
        uow, order.id, now=now, reason=verdict.reason, params=verdict.params, source=source, price_at=price_at, verdicts=_rows(judgment)
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


def _risk_context(
    context: TradingContext,
    command: OrderCommand,
    facts: DecisionFacts,
    book: OrderBook | None,
    now: datetime,
    sized: SizedOrder | None,
    problem: SizeProblem | None,
) -> RiskContext:
    available = None
    if facts.instrument is not None:
        base, quote, _ = decision_rows.amounts(facts, facts.instrument)
        available = quote if command.side is Side.BUY else base
    return RiskContext(
        now=now,
        user_id=command.user_id,
        standing=facts.standing,
        venue=command.venue,
        tradable=command.venue in context.tradable,
        symbol=command.symbol,
        side=command.side,
        pauses=facts.pauses,
        instrument=facts.instrument,
        book=book,
        price_max_age=context.limits.price_max_age,
        duplicate_of=None if facts.duplicate_of is None else str(facts.duplicate_of),
        duplicate_window=context.limits.duplicate_window,
        sized=sized,
        problem=problem,
        available=available,
    )


def _short_of_funds(judgment: Judgment, refusal: Denied) -> Judgment:
    """The ledger's answer in place of the last verdict."""
    params = {name: str(value) for name, value in refusal.params.items()}
    if "asset" in params:
        params["asset"] = params["asset"].partition(":")[2] or params["asset"]
    return Judgment((*judgment.verdicts[:-1], Verdict("funds", params, refusal.code, params)), judgment.sized)


def _rows(judgment: Judgment) -> list[Mapping[str, Any]]:
    return [
        {
            "check": verdict.check,
            "verdict": "passed" if verdict.passed else "denied",
            "reason": verdict.reason,
            "inputs": dict(verdict.inputs),
        }
        for verdict in judgment.verdicts
    ]


def _count(judgment: Judgment) -> None:
    for verdict in judgment.verdicts:
        RISK_VERDICTS.labels(verdict.check, "passed" if verdict.passed else "denied").inc()
