"""Bare commands: asking with buttons what to buy or sell, and how much. Every answer edits the same message."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot.context import MENU_TTL, VENUE, BotContext, Effect, Request, reading, saying
from bot.handlers.settings import presets_of
from bot.handlers.valuation import open_positions, valued
from core.db.unit_of_work import UnitOfWork
from core.ledger import service as ledger
from core.market.types import Instrument
from core.outbox.types import ButtonAction
from core.risk.checks import plain

MOST_CHOICES = 24

Argument = Mapping[str, Any]


async def choose_pair(context: BotContext, request: Request) -> Effect:
    """/buy: which pair."""
    symbols = [one.symbol for one in await context.instruments.all()][:MOST_CHOICES]

    async def effect(uow: UnitOfWork) -> str:
        handles = await request.buttons(uow, [ButtonAction("buy_pair", {"symbol": symbol}) for symbol in symbols], MENU_TTL)
        choices = [{"symbol": symbol, "handle": handle} for symbol, handle in zip(symbols, handles, strict=True)]
        await request.show(uow, "choose_pair", {"choices": choices})
        return ""

    return effect


async def choose_amount(context: BotContext, request: Request, instrument: Instrument) -> Effect:
    """/buy BTC: how much to spend; the user's own presets."""
    symbol, quote = instrument.symbol, instrument.quote
    amounts = [format(preset, "f") for preset in (await presets_of(context, request.user.id)).buy_presets]

    async def effect(uow: UnitOfWork) -> str:
        arguments: list[dict[str, Any]] = [{"symbol": symbol, "kind": "quote_amount", "value": amount} for amount in amounts]
        handles = await request.buttons(uow, [ButtonAction("buy_amount", argument) for argument in arguments], MENU_TTL)
        choices = [{"amount": amount, "handle": handle} for amount, handle in zip(amounts, handles, strict=True)]
        found = (await ledger.balances(uow, request.user.id, VENUE)).get(quote.code)
        available = "0" if found is None else plain(found.available)
        data = {"symbol": symbol, "quote": quote.symbol, "available": available, "choices": choices}
        await request.show(uow, "choose_amount", data)
        return ""

    return effect


async def choose_holding(context: BotContext, request: Request) -> Effect:
    """/sell: which position, with value and profit."""
    positions = (await open_positions(context, request.user.id))[:MOST_CHOICES]
    rows = await valued(context, positions)

    async def effect(uow: UnitOfWork) -> str:
        handles = await request.buttons(uow, [ButtonAction("sell_pair", {"symbol": row["symbol"]}) for row in rows], MENU_TTL)
        choices = [{**row, "handle": handle} for row, handle in zip(rows, handles, strict=True)]
        await request.show(uow, "choose_holding", {"choices": choices})
        return ""

    return effect


async def choose_share(context: BotContext, request: Request, instrument: Instrument) -> Effect:
    """/sell BTC: how much of it; the user's own presets."""
    shares = (await presets_of(context, request.user.id)).sell_presets
    symbol, base = instrument.symbol, instrument.base
    async with reading(context.edge.pool) as uow:
        found = (await ledger.balances(uow, request.user.id, VENUE)).get(base.code)
    available = Decimal(0) if found is None else found.available.to_decimal()
    if available == 0:
        return saying(request, "nothing-to-sell")

    async def effect(uow: UnitOfWork) -> str:
        actions = [ButtonAction("sell_share", {"symbol": symbol, "kind": "percent", "value": str(share)}) for share in shares]
        handles = await request.buttons(uow, actions, MENU_TTL)
        choices = [{"percent": str(share), "handle": handle} for share, handle in zip(shares, handles, strict=True)]
        data = {"symbol": symbol, "base": base.symbol, "available": format(available, "f"), "choices": choices}
        await request.show(uow, "choose_share", data)
        return ""

    return effect
