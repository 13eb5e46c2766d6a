"""/why: the reason of any order, and of silence: what was looked at last, and how far a trigger still is.

Reads only: rows of `decisions`, orders and conditional orders of the user who asks, never another's.
"""

from __future__ import annotations

from typing import Any

from bot.context import BotContext, Effect, Request
from bot.grammar.why import WhyWords
from core.db.unit_of_work import UnitOfWork
from core.decisions import service as decisions
from core.decisions.service import Reason
from core.strategies.types import FINAL, Conditional
from core.strategies.views import conditional_data
from core.trading.types import Order
from core.trading.views import order_data

MOST = 5
MOST_STEPS = 12


async def why(context: BotContext, request: Request, words: WhyWords) -> Effect:
    """/why CODE of one; /why alone of the latest of everything."""

    async def effect(uow: UnitOfWork) -> str:
        if words.code:
            await _one(context, request, uow, words.code)
        else:
            await _latest(context, request, uow)
        return ""

    return effect


async def _one(context: BotContext, request: Request, uow: UnitOfWork, code: str) -> None:
    conditional = await context.edge.conditional.find(uow, request.user.id, code)
    if conditional is not None:
        await request.show(uow, "why_conditional", await _conditional(context, uow, conditional, MOST_STEPS))
        return
    order = await context.edge.trading.find_order(uow, request.user.id, code)
    if order is None:
        await request.say(uow, "why-unknown", code=code)
        return
    await request.show(uow, "why_order", await _order(context, uow, order))


async def _latest(context: BotContext, request: Request, uow: UnitOfWork) -> None:
    """What waits, with the last evaluation of each; then what was decided lately."""
    recent = await context.edge.conditional.recent(uow, request.user.id, MOST * 2)
    armed = [one for one in recent if one.state not in FINAL][:MOST]
    ended = [one for one in recent if one.state in FINAL][:MOST]
    orders = await context.edge.trading.finished_orders(uow, request.user.id, MOST)
    data = {
        "armed": [await _conditional(context, uow, one, 0) for one in armed],
        "ended": [await _conditional(context, uow, one, 1) for one in ended],
        "orders": [await _order(context, uow, one) for one in orders],
    }
    await request.show(uow, "why", data)


async def _conditional(context: BotContext, uow: UnitOfWork, conditional: Conditional, steps: int) -> dict[str, Any]:
    rows = await decisions.reasons(uow, "conditional", str(conditional.id)) if steps else []
    return {**conditional_data(conditional, context.edge.clock.now()), "steps": [_step(one) for one in rows[-steps:]] if steps else []}


async def _order(context: BotContext, uow: UnitOfWork, order: Order) -> dict[str, Any]:
    rows = await decisions.reasons(uow, "order", str(order.id))
    return {**order_data(order, None, context.edge.clock.now()), "steps": [_step(one) for one in rows]}


def _step(reason: Reason) -> dict[str, Any]:
    plain = {name: value for name, value in reason.inputs.items() if isinstance(value, str | int | bool) or value is None}
    return {
        "check": reason.check,
        "verdict": reason.verdict,
        "reason": reason.reason,
        "inputs": plain,
        "at": reason.decided_at.isoformat(),
    }
