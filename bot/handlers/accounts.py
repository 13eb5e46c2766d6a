"""Under /portfolio: the account's value over time, and where each unit went (the waterfall)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.context import MENU_TTL, VENUE, BotContext, Effect, Request, reading
from core.db.unit_of_work import UnitOfWork
from core.outbox.types import ButtonAction
from core.portfolio import service as portfolio
from core.portfolio.growth import Snapshot, total_return
from core.portfolio.snapshots import value_history
from core.portfolio.waterfall import TAKEN, Item, Waterfall
from core.risk.checks import plain, text

PERIODS = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}
DEFAULT_PERIOD = "30d"
Argument = Mapping[str, Any]


async def account_value(context: BotContext, request: Request, _argument: Argument) -> Effect:
    """What the account was worth, hour by hour, and its growth without what came in and went out."""
    now = context.edge.clock.now()
    async with reading(context.edge.pool) as uow:
        history = await value_history(uow, request.user.id, VENUE, now - PERIODS[DEFAULT_PERIOD])
    data = {
        "periods": [_period(name, history, now - span) for name, span in PERIODS.items()],
        "newest": None if not history else _point(history[-1]),
    }
    return _shown(request, "account_value", data)


def _period(name: str, history: Sequence[Snapshot], since: datetime) -> dict[str, Any]:
    within = [one for one in history if one.taken_at >= since]
    growth = total_return(within)
    first = None if len(within) < 2 else _point(within[0])
    return {"name": name, "first": first, "growth_percent": None if growth is None else text(growth.scaleb(2))}


def _point(one: Snapshot) -> dict[str, Any]:
    return {"at": one.taken_at.isoformat(), "value": text(one.value), "quote": one.quote_symbol, "unpriced": list(one.unpriced)}


async def account_flows(context: BotContext, request: Request, argument: Argument) -> Effect:
    """Opening balance, everything that changed it, closing balance: by asset, adding up to the smallest unit."""
    period = argument.get("period", DEFAULT_PERIOD)
    now = context.edge.clock.now()
    async with reading(context.edge.pool) as uow:
        found = await portfolio.waterfall(uow, request.user.id, VENUE, now - PERIODS[period], now)
    return _shown(request, "account_flows", {"period": period, "assets": [_flows(one) for one in found]})


def _flows(one: Waterfall) -> dict[str, Any]:
    items = [(item, one.amount(item)) for item in Item]
    return {
        "asset": one.asset.symbol,
        "opening": plain(one.opening),
        "closing": plain(one.closing),
        "items": [{"item": item.value, "amount": plain(amount), "taken": item in TAKEN} for item, amount in items if amount.units],
    }


def _shown(request: Request, screen: str, data: dict[str, Any]) -> Effect:
    async def effect(uow: UnitOfWork) -> str:
        actions = [ButtonAction("account_flows", {"period": name}) for name in PERIODS]
        *periods, value, back = await request.buttons(
            uow, [*actions, ButtonAction("account_value"), ButtonAction("refresh_portfolio")], MENU_TTL
        )
        named = [{"name": name, "handle": handle} for name, handle in zip(PERIODS, periods, strict=True)]
        await request.show(uow, screen, {**data, "flows": named, "value": value, "back": back})
        return ""

    return effect
