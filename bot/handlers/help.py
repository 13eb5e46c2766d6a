"""/help, and what is answered to a text that is no command: a pasted ticker gets its price."""

from __future__ import annotations

from typing import Any

from bot.context import BotContext, Effect, Request, saying
from bot.grammar.words import FreeText
from bot.handlers.trading import find_instrument
from core.db.unit_of_work import UnitOfWork
from core.kernel.errors import Unavailable
from core.risk.checks import text
from core.trading.reports import encode_source

LONGEST_TICKER = 24


async def help_screen(_context: BotContext, request: Request) -> Effect:
    """What can be typed."""

    async def effect(uow: UnitOfWork) -> str:
        await request.show(uow, "help", {"operator": request.user.is_operator})
        return ""

    return effect


async def free_text(context: BotContext, request: Request, words: FreeText) -> Effect:
    """A ticker's best prices, else one line about commands."""
    data = await _ticker(context, words.text.strip())
    if data is None:
        return saying(request, "free-text")

    async def effect(uow: UnitOfWork) -> str:
        await request.show(uow, "ticker", data)
        return ""

    return effect


async def _ticker(context: BotContext, said: str) -> dict[str, Any] | None:
    instrument = await find_instrument(context, said.lstrip("$")) if 0 < len(said) <= LONGEST_TICKER else None
    if instrument is None:
        return None
    try:
        book = await context.edge.books.book(instrument.symbol)
    except Unavailable:
        return None
    if book is None or not book.bids or not book.asks:
        return None
    return {
        "symbol": instrument.symbol,
        "quote": instrument.quote.symbol,
        "bid": text(book.bids[0].price.value),
        "ask": text(book.asks[0].price.value),
        "source": encode_source(book.source),
        "age_ms": int(book.age(context.edge.clock.now()).total_seconds() * 1000),
    }
