"""/positions: what is held with its value and profit, and the panel that sells: what would arrive, before anything is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from bot.context import MENU_TTL, VENUE, BotContext, Effect, Request, reading, saying
from bot.handlers.settings import presets_of
from bot.handlers.trading import require_trading
from bot.handlers.valuation import read_books, value_rows
from core.db.unit_of_work import UnitOfWork
from core.kernel.errors import Denied
from core.market.types import Instrument
from core.outbox.types import ButtonAction
from core.portfolio import rules
from core.portfolio import service as portfolio
from core.portfolio.conversion import marks_of
from core.portfolio.pnl import PnlReport, pnl_report
from core.portfolio.types import Position
from core.risk.checks import plain, text
from core.trading.reports import encode_source
from core.trading.types import OrderCommand, OrderSize, SizeKind
from core.venues.types import Side

MOST_SHOWN = 12
Argument = Mapping[str, Any]


async def positions(context: BotContext, request: Request) -> Effect:
    """Every open position, the newest prices, totals in the user's currency with fees apart."""
    async with reading(context.edge.pool) as uow:
        held = await portfolio.positions(uow, request.user.id, VENUE)
        quote = (await portfolio.preferences(uow, request.user.id)).quote_symbol
    books = await read_books(context, _priced(held, quote, await context.instruments.all()))
    all_rows, total = _rows(context, held, books), _total(pnl_report(held, marks_of(books), quote), context)

    async def effect(uow: UnitOfWork) -> str:
        shown = all_rows[:MOST_SHOWN]
        named = [(name, row["symbol"]) for row in shown for name in ("position_sell", "position_card")]
        actions = [ButtonAction("refresh_positions"), *(_opening(name, symbol) for name, symbol in named)]
        refresh, *handles = await request.buttons(uow, actions, MENU_TTL)
        pairs = zip(shown, handles[::2], handles[1::2], strict=True)
        rows = [{**row, "sell": sell, "card": card} for row, sell, card in pairs]
        await request.show(uow, "positions", {"rows": rows, "more": len(all_rows) - len(rows), "total": total, "refresh": refresh})
        return "toast-refreshed"

    return effect


def _opening(name: str, symbol: str) -> ButtonAction:
    """The two things that can be opened for a position."""
    argument = {"symbol": symbol}
    return ButtonAction("position_sell", argument) if name == "position_sell" else ButtonAction("position_card", argument)


async def refresh_positions(context: BotContext, request: Request, _argument: Argument) -> Effect:
    """The button under it, and the way back to it."""
    return await positions(context, request)


def _priced(held: Sequence[Position], quote: str, instruments: Sequence[Instrument]) -> list[str]:
    """Instruments whose prices are needed: those held, and those between the currencies of the list and the user's own."""
    currencies = {quote} | {part for one in held for part in one.symbol.split("/")}
    own = {one.symbol for one in held if one.is_open}
    return sorted(own | {one.symbol for one in instruments if {one.base.symbol, one.quote.symbol} <= currencies})


def _rows(context: BotContext, held: Sequence[Position], books: dict[str, Any]) -> list[dict[str, Any]]:
    by_symbol = {one.symbol: one for one in held}
    rows = []
    for row in value_rows(context, held, books):
        position = by_symbol[row["symbol"]]
        average = rules.average_cost(position)
        more = {"cost": plain(position.cost), "realized": plain(position.realized_pnl), "fees": plain(position.fees)}
        rows.append({**row, **more, "average_cost": None if average is None else text(average)})
    return rows


def _total(report: PnlReport, context: BotContext) -> dict[str, Any]:
    age = None if report.seen_at is None else int((context.edge.clock.now() - report.seen_at).total_seconds() * 1000)
    figures = {name: text(getattr(report, name)) for name in ("value", "unrealized", "realized", "fees")}
    sources = [encode_source(source) for source in report.sources]
    return {"quote": report.quote_symbol, **figures, "missing": list(report.missing), "age_ms": age, "sources": sources}


async def position_sell(context: BotContext, request: Request, argument: Argument) -> Effect:
    """The sell panel of a position: each share with what would arrive after fees and price impact, at this moment."""
    require_trading(request)
    symbol = str(argument["symbol"])
    mine = await presets_of(context, request.user.id)
    sizes = [OrderSize(SizeKind.PERCENT, Decimal(share)) for share in mine.sell_presets] + [OrderSize(SizeKind.INITIALS, Decimal(1))]
    commands = [OrderCommand(request.user.id, VENUE, symbol, Side.SELL, size, mine.slippage_bps) for size in sizes]
    offers = [await _offer(context, command) for command in commands]

    async def effect(uow: UnitOfWork) -> str:
        actions = [ButtonAction("sell_share", {"symbol": symbol, **_words(size)}) for size in sizes]
        actions += [ButtonAction("sell_custom", {"symbol": symbol}), ButtonAction("refresh_positions")]
        *handles, custom, back = await request.buttons(uow, actions, MENU_TTL)
        told = [{**offer, "handle": handle} for offer, handle in zip(offers, handles, strict=True)]
        await request.show(uow, "sell_panel", {"symbol": symbol, "offers": told, "custom": custom, "back": back})
        return ""

    return effect


async def _offer(context: BotContext, command: OrderCommand) -> dict[str, Any]:
    """One line of the panel; with `denied` where the order would be."""
    said = _words(command.size)
    try:
        preview = await context.edge.trading.preview(command)
    except Denied as refusal:
        return {**said, "denied": refusal.code, "params": dict(refusal.params)}
    if preview.denial or preview.total is None:
        return {**said, "denied": preview.denial, "params": dict(preview.denial_params)}
    fees = sum(fee.units for fee in (preview.venue_fee, preview.platform_fee) if fee is not None)
    return {
        **said,
        "denied": "",
        "quantity": "0" if preview.quantity is None else text(preview.quantity),
        "base": preview.instrument.base.symbol,
        "quote": preview.total.asset.symbol,
        "total": plain(preview.total),
        "fees": plain(type(preview.total)(preview.total.asset, fees)),
        "impact_bps": preview.price_impact_bps or 0,
        "source": encode_source(preview.source),
    }


def _words(size: OrderSize) -> dict[str, str]:
    return {"kind": size.kind.value, "value": format(size.value, "f")}


async def sell_custom(_context: BotContext, request: Request, argument: Argument) -> Effect:
    """X: says how to type an amount."""
    return saying(request, "sell-custom", symbol=str(argument["symbol"]), base=str(argument["symbol"]).partition("/")[0])
