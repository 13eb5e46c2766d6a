"""/limit step by step: which side, which pair, how much, at which price; then the preview. Every answer edits the same message.

A step's button carries what is known so far; whoever types more is asked less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from bot.context import MENU_TTL, VENUE, BotContext, Effect, Request, reading, saying
from bot.grammar.orders import DEFAULT_SLIPPAGE_BPS, AskLimit, size_of
from bot.grammar.words import Malformed
from bot.handlers.choices import MOST_CHOICES
from bot.handlers.settings import presets_of
from bot.handlers.trading import find_instrument, propose, require_trading
from core.db.unit_of_work import UnitOfWork
from core.kernel.money import Rounding, multiply, round_to_step
from core.ledger import service as ledger
from core.market.types import Instrument
from core.outbox.types import ButtonAction
from core.risk.checks import plain, text
from core.trading.types import OrderCommand, OrderSize, SizeKind
from core.venues.types import OrderType, Side, TimeInForce

OFFS = ("0.1", "0.5", "1", "2", "5", "10")
"""How far from the market the offered prices are, in per cent."""
Argument = Mapping[str, Any]


async def ask_limit(context: BotContext, request: Request, words: AskLimit) -> Effect:
    """/limit with less than a price."""
    require_trading(request)
    known: dict[str, Any] = {} if words.side is None else {"side": words.side.value}
    if words.symbol:
        instrument = await find_instrument(context, words.symbol)
        if instrument is None:
            return saying(request, "symbol-unknown", symbol=words.symbol)
        known["symbol"] = instrument.symbol
        if words.size is not None:
            size = size_of(words.size, Side(known["side"]), instrument.base.symbol, instrument.quote.symbol)
            if isinstance(size, Malformed):
                return saying(request, size.message, **size.params)
            known |= {"kind": size.kind.value, "value": format(size.value, "f")}
    return await limit_step(context, request, known)


async def limit_step(context: BotContext, request: Request, argument: Argument) -> Effect:
    """The next question, or the preview where nothing is missing."""
    require_trading(request)
    if "side" not in argument:
        return _ask(request, argument, {"question": "limit-side"}, [({"side": side.value}, {"side": side.value}) for side in Side])
    if "symbol" not in argument:
        symbols = [one.symbol for one in await context.instruments.all()][:MOST_CHOICES]
        return _ask(request, argument, {"question": "limit-pair"}, [({"symbol": one}, {"symbol": one}) for one in symbols])
    instrument = await context.instruments.find(argument["symbol"])
    if instrument is None:
        return saying(request, "symbol-unknown", symbol=argument["symbol"])
    if "value" not in argument:
        return await _ask_size(context, request, argument, instrument)
    if "price" not in argument:
        return await _ask_price(context, request, argument, instrument)
    return await propose(context, request, _command(request, argument))


async def _ask_size(context: BotContext, request: Request, argument: Argument, instrument: Instrument) -> Effect:
    side = argument["side"]
    asset = instrument.quote if side == Side.BUY.value else instrument.base
    async with reading(context.edge.pool) as uow:
        found = (await ledger.balances(uow, request.user.id, VENUE)).get(asset.code)
    available = "0" if found is None else plain(found.available)
    mine = await presets_of(context, request.user.id)
    if side == Side.BUY.value:
        kind = SizeKind.QUOTE_AMOUNT.value
        choices = [({"amount": str(one), "asset": asset.symbol}, {"kind": kind, "value": str(one)}) for one in mine.buy_presets]
    else:
        choices = [({"percent": str(one)}, {"kind": SizeKind.PERCENT.value, "value": str(one)}) for one in mine.sell_presets]
    shown = {"question": f"limit-size-{side}", "symbol": instrument.symbol, "asset": asset.symbol, "available": available}
    return _ask(request, argument, shown, choices)


async def _ask_price(context: BotContext, request: Request, argument: Argument, instrument: Instrument) -> Effect:
    buying = argument["side"] == Side.BUY.value
    book = await context.edge.books.book(instrument.symbol)
    levels = () if book is None else (book.asks if buying else book.bids)
    if not levels:
        return saying(request, "no-price-now")
    best = levels[0].price.value
    offered = [(price, off) for off in OFFS if (price := _away(best, Decimal(off), instrument, buying=buying)) > 0]
    choices = [({"price": text(price), "off": f"{'-' if buying else ''}{off}"}, {"price": text(price)}) for price, off in offered]
    size = argument["value"] + ("%" if argument["kind"] == SizeKind.PERCENT.value else "")
    example = f"/limit {argument['side']} {instrument.symbol} {size} {text(offered[0][0])}" if offered else "/limit"
    shown = {"question": f"limit-price-{argument['side']}", "symbol": instrument.symbol, "quote": instrument.quote.symbol}
    return _ask(request, argument, {**shown, "price": text(best), "example": example}, choices)


def _away(best: Decimal, off: Decimal, instrument: Instrument, *, buying: bool) -> Decimal:
    share = (100 - off if buying else 100 + off).scaleb(-2)
    return round_to_step(multiply(best, share), instrument.tick, Rounding.DOWN if buying else Rounding.UP)


def _ask(request: Request, known: Argument, shown: Mapping[str, Any], choices: Sequence[tuple[dict[str, str], dict[str, str]]]) -> Effect:
    """One question; each choice is what it shows and what it adds to what is known."""

    async def effect(uow: UnitOfWork) -> str:
        handles = await request.buttons(uow, [ButtonAction("limit_step", {**known, **added}) for _, added in choices], MENU_TTL)
        buttons = [{**label, "handle": handle} for (label, _), handle in zip(choices, handles, strict=True)]
        await request.show(uow, "choose_limit", {**shown, "choices": buttons})
        return ""

    return effect


def _command(request: Request, argument: Argument) -> OrderCommand:
    return OrderCommand(
        request.user.id,
        VENUE,
        argument["symbol"],
        Side(argument["side"]),
        OrderSize(SizeKind(argument["kind"]), Decimal(argument["value"])),
        DEFAULT_SLIPPAGE_BPS,
        OrderType.LIMIT,
        Decimal(argument["price"]),
        TimeInForce.GTC,
    )
