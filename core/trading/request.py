"""Accepting an intent: one row in INITIALIZED, one task, one message. Called by the edges through TradingService, in their unit of work.

Nothing is checked here but idempotency: the worker decides at fresh prices and balances.
"""

from __future__ import annotations

import hashlib
from datetime import UTC

import orjson

from core.config.metrics import ORDERS
from core.db.unit_of_work import UnitOfWork
from core.kernel.errors import IdempotencyConflict, InvariantViolated
from core.kernel.ids import new_id
from core.outbox import service as outbox
from core.risk.facts import NO_TERMS
from core.trading import repository, views
from core.trading.context import TradingContext
from core.trading.types import ChatTarget, Order, OrderCommand
from core.venues.types import OrderType

PLACE_ORDER = "trading.place_order"


async def request_order(
    context: TradingContext, uow: UnitOfWork, command: OrderCommand, *, idempotency_key: str, chat: ChatTarget, correlation_id: str
) -> Order:
    """The new order, or the one this key made before (then nothing is appended). Raises IdempotencyConflict for another request."""
    order_id = new_id()
    wanted = request_hash(command)
    fresh = await repository.insert_order(
        uow, order_id, command, key=idempotency_key, request_hash=wanted, chat=chat, correlation_id=correlation_id
    )
    if not fresh:
        existing, known = await repository.order_by_key(uow, command.user_id, idempotency_key)
        if known != wanted:
            raise IdempotencyConflict(f"the key {idempotency_key} belongs to another request")
        return existing
    order = await repository.read_order(uow, order_id)
    if order is None:
        raise InvariantViolated("an order just inserted is not there")
    await context.hand_off.append(uow, PLACE_ORDER, str(order_id))
    await append_message(uow, order, views.order_data(order, None, context.clock.now()))
    ORDERS.labels(order.state.value).inc()
    return order


async def append_message(uow: UnitOfWork, order: Order, data: dict[str, object]) -> None:
    """Tells the order's chat, by editing the order's one message."""
    await outbox.append_chat(
        uow,
        chat_id=order.chat.chat_id,
        message_key=order.chat.message_key,
        screen=views.SCREEN,
        data=data,
        language=order.chat.language,
        priority=views.PRIORITY,
        correlation_id=order.correlation_id,
    )


def request_hash(command: OrderCommand) -> bytes:
    """SHA-256 over everything a command says. Numbers that are equal hash equally."""
    content: list[str | int | bool | None] = [
        command.user_id,
        command.venue,
        command.symbol,
        command.side.value,
        command.size.kind.value,
        format(command.size.value.normalize(), "f"),
        command.slippage_bps,
    ]
    if command.order_type is not OrderType.MARKET or command.origin != "user" or command.parent is not None:
        content += _further(command)  # left out where there is nothing to say, so that requests of before keep their hash
    if command.risk != NO_TERMS:
        content.append(orjson.dumps(command.risk.encode(), option=orjson.OPT_SORT_KEYS).decode())
    return hashlib.sha256(orjson.dumps(content)).digest()


def _further(command: OrderCommand) -> list[str | bool | None]:
    return [
        command.order_type.value,
        None if command.limit_price is None else format(command.limit_price.normalize(), "f"),
        command.time_in_force.value,
        command.post_only,
        None if command.expires_at is None else command.expires_at.astimezone(UTC).isoformat(),
        command.origin,
        None if command.parent is None else str(command.parent),
    ]
