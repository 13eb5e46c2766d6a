"""PnL cards: asking for one with or without amounts, and /verify, which tells what a card says by its code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from bot.context import MENU_TTL, VENUE, BotContext, Effect, Request, reading
from bot.grammar.portfolio import VerifyWords
from bot.handlers.positions import positions
from bot.handlers.trading import as_new_message
from bot.handlers.valuation import read_books
from core.db.unit_of_work import UnitOfWork
from core.kernel.errors import Denied
from core.outbox.types import ButtonAction
from core.portfolio import service as portfolio
from core.portfolio.cards import figures_of, issue_card, verify_card
from core.portfolio.conversion import marks_of

Argument = Mapping[str, Any]


async def position_card(_context: BotContext, request: Request, argument: Argument) -> Effect:
    """With amounts or without?"""
    symbol = str(argument["symbol"])

    async def effect(uow: UnitOfWork) -> str:
        actions = [ButtonAction("make_card", {"symbol": symbol, "amounts": amounts}) for amounts in (False, True)]
        handles = await request.buttons(uow, [*actions, ButtonAction("refresh_positions")], MENU_TTL)
        data = dict(zip(("without", "with", "back"), handles, strict=True))
        await request.show(uow, "choose_card", {"symbol": symbol, **data})
        return ""

    return effect


async def make_card(context: BotContext, request: Request, argument: Argument) -> Effect:
    """The card in a message of its own, at the price of now; the list of positions is back with fresh buttons."""
    symbol, now = str(argument["symbol"]), context.edge.clock.now()
    async with reading(context.edge.pool) as uow:
        held = {one.symbol: one for one in await portfolio.positions(uow, request.user.id, VENUE)}
    mark = marks_of(await read_books(context, [symbol])).get(symbol)
    if mark is None or now - mark.seen_at > timedelta(milliseconds=context.settings.price_max_age_ms):
        raise Denied("no_price", symbol=symbol)
    if symbol not in held:
        raise Denied("nothing_to_show")
    figures = figures_of(held[symbol], mark, amounts=bool(argument["amounts"]), now=now)
    listed, message = await positions(context, request), as_new_message(request, request.idempotency_key)

    async def effect(uow: UnitOfWork) -> str:
        card = await issue_card(uow, context.settings.card_secret, request.user.id, figures)
        data = {"figures": figures, "code": card.code, "link": link_of(context, card.code), "desk": f"@{context.username}"}
        await message.show(uow, "pnl_card", data)
        await listed(uow)
        return "toast-done"

    return effect


def link_of(context: BotContext, code: str) -> str:
    """What the QR code holds: the desk's public address, else the command in a chat with the bot."""
    base = context.settings.public_url.rstrip("/")
    return f"{base}/verify/{code}" if base else f"https://t.me/{context.username}?text={quote(f'/verify {code}')}"


async def verify(context: BotContext, request: Request, words: VerifyWords) -> Effect:
    """What the card says, as it was issued; whoever asks."""
    async with reading(context.edge.pool) as uow:
        card = await verify_card(uow, context.settings.card_secret, words.code)
    data = None if card is None else {"code": card.code, "figures": dict(card.figures)}

    async def effect(uow: UnitOfWork) -> str:
        await request.show(uow, "verified", {"card": data})
        return ""

    return effect
