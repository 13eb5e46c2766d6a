"""/portfolio: what a user has, what it is worth, with source and age of every price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.context import MENU_TTL, VENUE, BotContext, Effect, Request, reading
from bot.handlers.account import balance_rows
from bot.handlers.valuation import mids, read_books, value_rows
from core.db.unit_of_work import UnitOfWork
from core.market.types import OrderBook
from core.outbox.types import ButtonAction
from core.portfolio import rules as portfolio_rules
from core.portfolio import service as portfolio_service
from core.portfolio.types import Position
from core.risk.checks import plain


async def portfolio(context: BotContext, request: Request) -> Effect:
    """Reads everything first; the transaction only writes the message."""
    async with reading(context.edge.pool) as uow:
        balances = await balance_rows(uow, request.user.id)
        positions = await portfolio_service.positions(uow, request.user.id, VENUE)
    books = await read_books(context, [one.symbol for one in positions if one.is_open])
    data: dict[str, Any] = {
        "venue": VENUE,
        "balances": balances,
        "positions": value_rows(context, positions, books),
        "totals": _totals(positions, books),
    }

    async def effect(uow: UnitOfWork) -> str:
        actions = [ButtonAction("refresh_portfolio"), ButtonAction("account_value"), ButtonAction("account_flows")]
        data["refresh"], data["value"], data["flows"] = await request.buttons(uow, actions, MENU_TTL)
        await request.show(uow, "portfolio", data)
        return "toast-refreshed"

    return effect


def _totals(positions: Sequence[Position], books: dict[str, OrderBook]) -> list[dict[str, str]]:
    quotes = sorted({one.cost.asset for one in positions}, key=lambda asset: asset.code)
    totals = [(quote, portfolio_rules.value_portfolio(positions, mids(books), quote)) for quote in quotes]
    return [
        {"quote": quote.symbol, "value": plain(one.value), "unrealized": plain(one.unrealized_pnl), "realized": plain(one.realized_pnl)}
        for quote, one in totals
    ]


async def refresh_portfolio(context: BotContext, request: Request, _argument: Mapping[str, Any]) -> Effect:
    """The button under it."""
    return await portfolio(context, request)
