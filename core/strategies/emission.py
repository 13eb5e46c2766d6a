"""From a met trigger to an order: one transaction holds the emission and the change of state, so that each happens once or not at all.

Called by the evaluator, under its lease. The row is locked and everything is looked at again: what another evaluation, a cancel or a
fill changed meanwhile wins. Emits through TradingService.request_order and nothing else; the order itself is decided by the worker at
its own fresh prices.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.controls import service as controls
from core.db import leases
from core.db.leases import Lease
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.kernel.money import Rounding, multiply, round_to_step
from core.ledger import service as ledger
from core.market import service as market
from core.market.types import Instrument
from core.risk.checks import text
from core.strategies import lifecycle, recording, repository, views
from core.strategies.arming import ORIGIN, available, emission_key, order_chat
from core.strategies.context import StrategyContext
from core.strategies.rules import due_size
from core.strategies.types import FINAL, Conditional, ConditionalState, Evaluation, Leg, LegState, Step
from core.trading.types import OrderCommand, OrderSize, SizeKind
from core.venues.types import OrderType, Side, TimeInForce


@dataclass(frozen=True, slots=True)
class Trigger:
    """A leg whose condition was met, and what was seen."""

    conditional_id: UUID
    number: int
    evaluation: Evaluation


async def emit(context: StrategyContext, lease: Lease | None, trigger: Trigger) -> Conditional | None:
    """Emits the leg's order, or says why not; the conditional order afterwards, None where it is gone. Raises LeaseLost."""
    async with unit_of_work(context.pool) as uow:
        if lease is not None:
            await leases.require(uow, lease)
        found = await repository.lock(uow, trigger.conditional_id)
        if found is None or not _still_met(found, trigger):
            return found
        instrument = await market.instrument(uow, found.venue, found.symbol)
        if instrument is None:
            step = lifecycle.fail_leg(found, found.leg(trigger.number), "unknown_instrument", _inputs(trigger.evaluation))
        else:
            step = await _act(context, uow, found, found.leg(trigger.number), instrument, trigger.evaluation)
        return await recording.keep(context, uow, found, step)


def _still_met(conditional: Conditional, trigger: Trigger) -> bool:
    """Nothing newer was seen, and nobody acted meanwhile."""
    leg = conditional.leg(trigger.number)
    if conditional.state in FINAL or conditional.cancel_requested or leg.state is not LegState.ARMED:
        return False
    seen, now = trigger.evaluation.book_at, trigger.evaluation.at
    newer = leg.book_at is not None and seen is not None and leg.book_at > seen
    return not newer and (leg.not_before is None or leg.not_before <= now)


async def _act(
    context: StrategyContext, uow: UnitOfWork, conditional: Conditional, leg: Leg, instrument: Instrument, evaluation: Evaluation
) -> Step:
    inputs = _inputs(evaluation)
    until = context.clock.now() + context.limits.hold_back
    scope = await _paused(uow, conditional)
    if scope:
        return lifecycle.hold_back(conditional, leg, "paused", {**inputs, "scope": scope}, until=until)
    due = due_size(conditional, leg, instrument.lot)
    if due <= 0:
        return Step(conditional)
    free = await available(uow, conditional.user_id, instrument.base if conditional.side is Side.SELL else instrument.quote)
    size = _affordable(conditional, due, free, instrument)
    inputs |= {"due": text(due), "available": text(free)}
    waits = size < due and await _held_elsewhere(uow, conditional, instrument)
    if waits and (size <= 0 or _too_small(conditional, size, evaluation, instrument)):
        return lifecycle.hold_back(conditional, leg, "held_by_orders", inputs, until=until)
    if size <= 0:
        return _gone(conditional, leg, due, instrument, inputs)
    order = await context.trading.request_order(
        uow,
        _order(conditional, leg, size),
        idempotency_key=emission_key(conditional.id, leg),
        chat=order_chat(conditional, leg),
        correlation_id=conditional.correlation_id,
    )
    cut = conditional if size == due or waits else lifecycle.cut(conditional, size)  # what others hold may come free
    step = lifecycle.emitted(cut, leg, order.id, size, inputs)
    return step if size == due else lifecycle.with_less(step, leg, due, size)


def _gone(conditional: Conditional, leg: Leg, due: Decimal, instrument: Instrument, inputs: dict[str, Any]) -> Step:
    """There is nothing to sell (or to spend), and nothing will come free by itself."""
    if leg.filled > 0:
        return lifecycle.nothing_left(conditional, leg, due, instrument.lot, inputs)
    return lifecycle.fail_leg(conditional, leg, "nothing_to_sell" if conditional.side is Side.SELL else "insufficient_funds", inputs)


def _too_small(conditional: Conditional, size: Decimal, evaluation: Evaluation, instrument: Instrument) -> bool:
    """Whether so little would be denied, by the price that was seen."""
    if conditional.by_budget or evaluation.price is None:
        return conditional.by_budget and size < instrument.minimum_notional
    return multiply(size, evaluation.price) < instrument.minimum_notional


def _affordable(conditional: Conditional, due: Decimal, free: Decimal, instrument: Instrument) -> Decimal:
    """A sale protects what is there; a purchase by budget spends what is there. A quantity to buy is for the risk chain to judge."""
    if conditional.side is Side.SELL:
        return round_to_step(min(due, free), instrument.lot, Rounding.DOWN)
    return min(due, free) if conditional.by_budget else due


def _order(conditional: Conditional, leg: Leg, size: Decimal) -> OrderCommand:
    """A market order; with a limit price one that rests in the book until canceled."""
    kind = SizeKind.QUOTE_AMOUNT if conditional.by_budget else SizeKind.BASE_QUANTITY
    limited = leg.limit_price is not None
    return OrderCommand(
        conditional.user_id,
        conditional.venue,
        conditional.symbol,
        conditional.side,
        OrderSize(kind, size),
        conditional.slippage_bps,
        order_type=OrderType.LIMIT if limited else OrderType.MARKET,
        limit_price=leg.limit_price,
        time_in_force=TimeInForce.GTC if limited else TimeInForce.IOC,
        origin=ORIGIN,
        parent=conditional.id,
    )


async def _paused(uow: UnitOfWork, conditional: Conditional) -> str:
    """The scope of an open pause that covers it, or ''."""
    covering = ("global", f"venue:{conditional.venue}", f"instrument:{conditional.symbol}", f"user:{conditional.user_id}")
    return next((pause.scope for pause in await controls.open_pauses(uow) if pause.scope in covering), "")


async def _held_elsewhere(uow: UnitOfWork, conditional: Conditional, instrument: Instrument) -> bool:
    """Whether other open orders of the user hold the asset now: it may come free."""
    asset = instrument.base if conditional.side is Side.SELL else instrument.quote
    found = (await ledger.balances(uow, conditional.user_id, asset.place)).get(asset.code)
    return found is not None and found.held.units > 0


def _inputs(evaluation: Evaluation) -> dict[str, Any]:
    return {name: value for name, value in views.encode_evaluation(evaluation).items() if value not in (None, "")}


async def expire(context: StrategyContext, lease: Lease | None, conditional_id: UUID) -> Conditional | None:
    """Ends an armed conditional order whose time is over."""
    async with unit_of_work(context.pool) as uow:
        if lease is not None:
            await leases.require(uow, lease)
        found = await repository.lock(uow, conditional_id)
        if found is None or found.state is not ConditionalState.ARMED or found.expires_at > context.clock.now():
            return found
        if any(leg.state is LegState.TRIGGERED for leg in found.legs):
            return found
        return await recording.keep(context, uow, found, lifecycle.expire(found))


async def refuse(context: StrategyContext, lease: Lease | None, trigger: Trigger, reason: str) -> Conditional | None:
    """Fails a leg whose order trading would not take: nothing was emitted."""
    async with unit_of_work(context.pool) as uow:
        if lease is not None:
            await leases.require(uow, lease)
        found = await repository.lock(uow, trigger.conditional_id)
        if found is None or not _still_met(found, trigger):
            return found
        step = lifecycle.fail_leg(found, found.leg(trigger.number), reason, _inputs(trigger.evaluation))
        return await recording.keep(context, uow, found, step)
