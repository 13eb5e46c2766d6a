"""Positions with what they are worth now: read outside any transaction, for /portfolio and /sell."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bot.context import VENUE, BotContext, reading
from core.kernel.errors import Unavailable
from core.market.types import OrderBook
from core.portfolio import rules as portfolio_rules
from core.portfolio import service as portfolio
from core.portfolio.types import Position, PositionValue
from core.risk.checks import plain, text
from core.trading.reports import encode_source


async def open_positions(context: BotContext, user_id: int) -> list[Position]:
    """What is held through orders, by symbol."""
    async with reading(context.edge.pool) as uow:
        return [one for one in await portfolio.positions(uow, user_id, VENUE) if one.is_open]


async def read_books(context: BotContext, symbols: Sequence[str]) -> dict[str, OrderBook]:
    """The books there are now; none while prices cannot be reached, which the screens then say."""
    try:
        return await context.edge.books.books(symbols) if symbols else {}
    except Unavailable:
        return {}


def mids(books: dict[str, OrderBook]) -> dict[str, Decimal]:
    """The middle price of each book that has one."""
    found = {symbol: book.mid() for symbol, book in books.items()}
    return {symbol: middle for symbol, middle in found.items() if middle is not None}


async def valued(context: BotContext, positions: Sequence[Position]) -> list[dict[str, Any]]:
    """A row a position, as the screens take them."""
    books = await read_books(context, [one.symbol for one in positions])
    return value_rows(context, positions, books)


def value_rows(context: BotContext, positions: Sequence[Position], books: dict[str, OrderBook]) -> list[dict[str, Any]]:
    """Rows by symbol, each with value, price, source and age where there is a book."""
    now, prices = context.edge.clock.now(), mids(books)
    rows = []
    for quote in sorted({one.cost.asset for one in positions}, key=lambda asset: asset.code):
        for one in portfolio_rules.value_portfolio(positions, prices, quote).positions:
            if one.position.is_open:
                book = books.get(one.position.symbol)
                age = None if book is None else int(book.age(now).total_seconds() * 1000)
                rows.append(_row(one, None if book is None else encode_source(book.source), age))
    return rows


def _row(one: PositionValue, source: object, age_ms: int | None) -> dict[str, Any]:
    base, _, quote = one.position.symbol.partition("/")
    return {
        "symbol": one.position.symbol,
        "base": base,
        "quote": quote,
        "quantity": text(one.position.quantity),
        "value": None if one.value is None else plain(one.value),
        "unrealized": None if one.unrealized_pnl is None else plain(one.unrealized_pnl),
        "price": None if one.price is None else text(one.price),
        "source": source,
        "age_ms": age_ms,
    }
