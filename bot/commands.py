"""Which handler runs which command: one line a feature. Called by the dispatcher."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.context import BotContext, Effect, Request, saying
from bot.grammar.account import Start
from bot.grammar.alerts import AlertWords
from bot.grammar.conditional import ConditionalWords
from bot.grammar.operation import Switch
from bot.grammar.operator import BroadcastWords, LookUp
from bot.grammar.orders import AskLimit, OrderWords
from bot.grammar.portfolio import HistoryWords, VerifyWords
from bot.grammar.settings import SettingWords
from bot.grammar.why import WhyWords
from bot.grammar.words import FreeText, Malformed, Plain, Words
from bot.handlers.about import about
from bot.handlers.account import start_again
from bot.handlers.alerts import alert
from bot.handlers.broadcast import broadcast
from bot.handlers.card import free_text
from bot.handlers.conditional import conditional
from bot.handlers.help import help_screen
from bot.handlers.history import history
from bot.handlers.limits import ask_limit
from bot.handlers.operation import status, switch
from bot.handlers.operator import fee_history, limits_in_force, parked, user
from bot.handlers.orders import orders
from bot.handlers.pnl_card import verify
from bot.handlers.portfolio import portfolio
from bot.handlers.positions import positions
from bot.handlers.settings import settings
from bot.handlers.trading import order
from bot.handlers.why import why

Handler = Callable[[BotContext, Request, Any], Awaitable[Effect]]

PLAIN = {
    "help": help_screen,
    "about": about,
    "portfolio": portfolio,
    "positions": positions,
    "orders": orders,
    "status": status,
    "parked": parked,
    "fees": fee_history,
    "limits": limits_in_force,
}


async def _malformed(_context: BotContext, request: Request, words: Malformed) -> Effect:
    return saying(request, words.message, **words.params)


async def _plain(context: BotContext, request: Request, words: Plain) -> Effect:
    return await PLAIN[words.name](context, request)


HANDLERS: Mapping[type[Words], Handler] = {
    Malformed: _malformed,
    Plain: _plain,
    FreeText: free_text,
    Start: start_again,
    OrderWords: order,
    AskLimit: ask_limit,
    ConditionalWords: conditional,
    WhyWords: why,
    Switch: switch,
    LookUp: user,
    BroadcastWords: broadcast,
    AlertWords: alert,
    SettingWords: settings,
    HistoryWords: history,
    VerifyWords: verify,
}


async def run_command(context: BotContext, request: Request, words: Words) -> Effect:
    """What the command does: reads now, writes in the effect."""
    return await HANDLERS[type(words)](context, request, words)
