"""What became of emitted orders, read from trading and applied to the conditional orders they came from.

Called by the evaluator while any order of a leg is at work, and after a restart: it is the same reconciliation always. Applying the same
word twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from core.db import leases
from core.db.leases import Lease
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.kernel.money import Amount
from core.market import service as market
from core.strategies import lifecycle, recording, repository
from core.strategies.context import StrategyContext
from core.strategies.lifecycle import Progress, spent_of
from core.strategies.types import Conditional, Leg, LegRole, LegState, Step
from core.trading.types import Order


async def follow(context: StrategyContext, lease: Lease | None, watched: Sequence[Conditional]) -> list[Conditional]:
    """Looks at the orders at work; the conditional orders that changed. Raises LeaseLost."""
    at_work = {leg.order_id: one.id for one in watched for leg in one.legs if leg.state is LegState.TRIGGERED and leg.order_id is not None}
    if not at_work:
        return []
    async with unit_of_work(context.pool) as uow:
        orders = await context.trading.order_summaries(uow, list(at_work))
    known = {one.id: one for one in watched}
    due = {at_work[order.id] for order in orders if _news(known[at_work[order.id]], order)}
    return [one for one in [await follow_one(context, lease, conditional_id) for conditional_id in sorted(due)] if one is not None]


def _news(conditional: Conditional, order: Order) -> bool:
    """Whether the order's row says something that may change its conditional order."""
    entry = any(leg.order_id == order.id and leg.role is LegRole.ENTRY for leg in conditional.legs)
    return _progress(order, None).ended or (entry and order.filled_quantity > (conditional.quantity or 0))


async def follow_one(context: StrategyContext, lease: Lease | None, conditional_id: UUID) -> Conditional | None:
    """Applies what its orders did, all of them, under the row's lock."""
    async with unit_of_work(context.pool) as uow:
        if lease is not None:
            await leases.require(uow, lease)
        found = await repository.lock(uow, conditional_id)
        if found is None:
            return None
        before = found
        step = await _apply(context, uow, found)
        return await recording.keep(context, uow, before, step)


async def _apply(context: StrategyContext, uow: UnitOfWork, conditional: Conditional) -> Step:
    instrument = await market.instrument(uow, conditional.venue, conditional.symbol)
    working = {leg.order_id: leg for leg in conditional.legs if leg.state is LegState.TRIGGERED and leg.order_id is not None}
    step = Step(conditional)
    if instrument is None:
        return step
    for order in await context.trading.order_summaries(uow, list(working)):
        leg: Leg = step.conditional.leg(working[order.id].number)
        progress = _progress(order, Amount(instrument.quote, order.venue_fee_units + order.platform_fee_units))
        told = lifecycle.followed(step.conditional, leg, progress, now=context.clock.now(), lot=instrument.lot)
        step = Step(told.conditional, (*step.events, *told.events))
    return step


def _progress(order: Order, fees: Amount | None) -> Progress:
    paid = order.filled_notional if fees is None else spent_of(order.side, order.filled_notional, fees.to_decimal())
    return Progress(order.state, order.filled_quantity, paid, order.reason)
