"""/history: fills by pages with what each made, and all of them as a CSV file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.context import MENU_TTL, BotContext, Effect, Request, reading
from bot.grammar.portfolio import HistoryWords
from bot.handlers.trading import as_new_message
from core.db.unit_of_work import UnitOfWork
from core.outbox.types import ButtonAction
from core.portfolio.history import FillPage, HistoryFill, fill_history
from core.risk.checks import plain, text

PAGE = 8
Argument = Mapping[str, Any]


async def history(context: BotContext, request: Request, words: HistoryWords) -> Effect:
    """/history, /history csv."""
    if words.csv:
        return _file(context, request)
    return await _page(context, request, [])


async def history_page(context: BotContext, request: Request, argument: Argument) -> Effect:
    """Older or newer: `trail` is the cursors of the pages so far, the shown one's last."""
    return await _page(context, request, [str(cursor) for cursor in argument["trail"]])


async def history_csv(context: BotContext, request: Request, argument: Argument) -> Effect:
    """The file in a message of its own; the page gets fresh buttons."""
    shown = await history_page(context, request, argument)
    file = _file(context, as_new_message(request, request.idempotency_key))

    async def effect(uow: UnitOfWork) -> str:
        await file(uow)
        await shown(uow)
        return "toast-done"

    return effect


async def _page(context: BotContext, request: Request, trail: list[str]) -> Effect:
    async with reading(context.edge.pool) as uow:
        page = await fill_history(uow, request.user.id, before=trail[-1] if trail else None, limit=PAGE)
    data: dict[str, Any] = {"fills": [_row(fill) for fill in page.fills], "page": len(trail) + 1}

    async def effect(uow: UnitOfWork) -> str:
        names, trails = _ways(page, trail)
        handles = await request.buttons(uow, [_button(name, way) for name, way in zip(names, trails, strict=True)], MENU_TTL)
        await request.show(uow, "history", {**data, "buttons": dict(zip(names, handles, strict=True))})
        return ""

    return effect


def _button(name: str, trail: list[str]) -> ButtonAction:
    argument = {"trail": trail}
    return ButtonAction("history_csv", argument) if name == "csv" else ButtonAction("history_page", argument)


def _ways(page: FillPage, trail: list[str]) -> tuple[list[str], list[list[str]]]:
    """Which buttons the page has and where each leads."""
    ways = [("newer", trail[:-1])] if trail else []
    ways += [("older", [*trail, page.older])] if page.older else []
    ways += [("csv", trail)] if page.fills else []
    return [name for name, _ in ways], [way for _, way in ways]


def _file(context: BotContext, request: Request) -> Effect:
    """The row says whose fills up to when; the file is made when it is sent."""
    until = context.edge.clock.now().isoformat()

    async def effect(uow: UnitOfWork) -> str:
        await request.show(uow, "history_file", {"user_id": request.user.id, "until": until})
        return ""

    return effect


def _row(fill: HistoryFill) -> dict[str, Any]:
    return {
        "side": fill.side.value,
        "symbol": fill.symbol,
        "base": fill.symbol.partition("/")[0],
        "quote": fill.notional.asset.symbol,
        "quantity": text(fill.quantity),
        "price": text(fill.price),
        "fees": plain(fill.venue_fee + fill.platform_fee),
        "realized": None if fill.realized is None else plain(fill.realized),
        "venue": fill.venue,
        "at": fill.executed_at.isoformat(),
    }
