"""The menu's buttons: each opens its screen in a message of its own, and the menu gets fresh buttons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.context import BotContext, Effect, Request
from bot.grammar.orders import OrderWords
from bot.handlers.account import show_start
from bot.handlers.help import help_screen
from bot.handlers.orders import orders
from bot.handlers.portfolio import portfolio
from bot.handlers.trading import as_new_message, order
from core.db.unit_of_work import UnitOfWork
from core.venues.types import Side


async def menu(context: BotContext, request: Request, argument: Mapping[str, Any]) -> Effect:
    """What the pressed button opens."""
    opened = await _open(context, as_new_message(request, request.idempotency_key), argument["to"])

    async def effect(uow: UnitOfWork) -> str:
        await opened(uow)
        await show_start(uow, request)
        return ""

    return effect


async def _open(context: BotContext, request: Request, name: str) -> Effect:
    match name:
        case "buy":
            return await order(context, request, OrderWords(Side.BUY))
        case "sell":
            return await order(context, request, OrderWords(Side.SELL))
        case "portfolio":
            return await portfolio(context, request)
        case "orders":
            return await orders(context, request)
    return await help_screen(context, request)
