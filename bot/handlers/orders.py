"""/orders: open orders, each with a cancel button, and the latest finished ones."""

from __future__ import annotations

from typing import Any

from bot.context import MENU_TTL, BotContext, Effect, Request
from bot.handlers.conditional import conditional_row
from core.db.unit_of_work import UnitOfWork
from core.kernel.ids import short_code
from core.outbox.types import ButtonAction
from core.risk.checks import text
from core.trading.types import Order
from core.venues.types import OrderType

MOST_OPEN = 20
MOST_FINISHED = 5


async def orders(context: BotContext, request: Request) -> Effect:
    """Reads and writes in one transaction, so that a cancel button is of an order that was open then."""

    async def effect(uow: UnitOfWork) -> str:
        trading = context.edge.trading
        waiting = (await trading.open_orders(uow, request.user.id))[:MOST_OPEN]
        finished = await trading.finished_orders(uow, request.user.id, MOST_FINISHED)
        rows = []
        for one in waiting:
            [handle] = await request.buttons(uow, [ButtonAction("cancel_order", {"order_id": str(one.id)})], MENU_TTL)
            rows.append({**_row(one), "cancel": handle})
        armed = [
            await conditional_row(context, request, uow, one) for one in await context.edge.conditional.open_ones(uow, request.user.id)
        ]
        await request.show(uow, "orders", {"open": rows, "conditional": armed[:MOST_OPEN], "finished": [_row(one) for one in finished]})
        return ""

    return effect


def _row(order: Order) -> dict[str, Any]:
    return {
        "code": short_code(order.id),
        "side": order.side.value,
        "symbol": order.symbol,
        "state": order.state.value,
        "filled": text(order.filled_quantity),
        "quantity": None if order.quantity is None else text(order.quantity),
        "limit_price": None if order.order_type is not OrderType.LIMIT or order.limit_price is None else text(order.limit_price),
        "at": order.created_at.isoformat(),
    }
