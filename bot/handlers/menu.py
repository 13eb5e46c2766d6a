"""The menu's buttons: each opens its screen in a message of its own, and the menu gets fresh buttons."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.context import BotContext, Effect, Request
from bot.grammar.alerts import AlertWords
from bot.grammar.orders import OrderWords
from bot.grammar.portfolio import HistoryWords
from bot.grammar.settings import SettingWords
from bot.handlers.account import show_start
from bot.handlers.alerts import alert
from bot.handlers.help import help_screen
from bot.handlers.history import history
from bot.handlers.orders import orders
from bot.handlers.portfolio import portfolio
from bot.handlers.positions import positions
from bot.handlers.settings import settings
from bot.handlers.trading import as_new_message, order
from core.db.unit_of_work import UnitOfWork
from core.venues.types import Side


async def menu(context: BotContext, request: Request, argument: Mapping[str, Any]) -> Effect:
    """What the pressed button opens."""
    opened = await _OPENED[argument["to"]](context, as_new_message(request, request.idempotency_key))

    async def effect(uow: UnitOfWork) -> str:
        await opened(uow)
        await show_start(uow, request)
        return ""

    return effect


async def _buy(context: BotContext, request: Request) -> Effect:
    return await order(context, request, OrderWords(Side.BUY))


async def _sell(context: BotContext, request: Request) -> Effect:
    return await order(context, request, OrderWords(Side.SELL))


async def _history(context: BotContext, request: Request) -> Effect:
    return await history(context, request, HistoryWords())


async def _alerts(context: BotContext, request: Request) -> Effect:
    return await alert(context, request, AlertWords())


async def _settings(context: BotContext, request: Request) -> Effect:
    return await settings(context, request, SettingWords())


_OPENED: Mapping[str, Callable[[BotContext, Request], Awaitable[Effect]]] = {
    "buy": _buy,
    "sell": _sell,
    "positions": positions,
    "orders": orders,
    "portfolio": portfolio,
    "history": _history,
    "alerts": _alerts,
    "settings": _settings,
    "help": help_screen,
}
