"""The card of an instrument: price, changes, depth, what the presets would cost, a candle picture. A pasted ticker opens it.

Each press acts in a message of its own and gives the card fresh figures and buttons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from bot.context import MENU_TTL, VENUE, BotContext, Effect, Request, reading, saying
from bot.grammar.alerts import AlertWords
from bot.grammar.words import FreeText
from bot.handlers.alerts import alert
from bot.handlers.settings import presets_of
from bot.handlers.trading import as_new_message, find_instrument, propose, require_trading
from bot.names import look_alike
from core.db.unit_of_work import UnitOfWork
from core.kernel.errors import Unavailable
from core.kernel.money import Price
from core.ledger import service as ledger
from core.market.card import InstrumentCard, instrument_card
from core.market.rules import price_impact_bps, walk_book
from core.market.types import Instrument, OrderBook
from core.outbox.types import ButtonAction
from core.portfolio import service as portfolio
from core.risk.checks import plain, text
from core.trading.reports import encode_source
from core.trading.types import OrderCommand, OrderSize, SizeKind
from core.users.settings import UserSettings
from core.venues.types import Side

LONGEST_TICKER = 24
INTERVALS = ("5m", "1h", "1d")
Argument = Mapping[str, Any]


async def free_text(context: BotContext, request: Request, words: FreeText) -> Effect:
    """A pasted ticker opens its card; anything else gets one line about commands."""
    said = words.text.strip().lstrip("$")
    instrument = await find_instrument(context, said) if 0 < len(said) <= LONGEST_TICKER else None
    if instrument is not None:
        return await card(context, request, instrument)
    ticker = look_alike(said) if len(said) <= LONGEST_TICKER else ""
    return saying(request, "look-alike-typed", ticker=ticker) if ticker else saying(request, "free-text")


async def card(context: BotContext, request: Request, instrument: Instrument, interval: str = "1h") -> Effect:
    """The card in the request's message."""
    book = await _book(context, instrument.symbol)
    if book is None:
        return saying(request, "card-no-price", symbol=instrument.symbol)
    mine = await presets_of(context, request.user.id)
    async with reading(context.edge.pool) as uow:
        figures = await instrument_card(uow, book, now=context.edge.clock.now())
        held = await _held(uow, request.user.id, instrument)
    presets = _presets(book, instrument, mine)

    async def effect(uow: UnitOfWork) -> str:
        actions = _actions(instrument.symbol, mine, holding=held["available"] != "0")
        handles = await request.buttons(uow, actions, MENU_TTL)
        buttons = [{"name": one.action, **one.argument, "handle": handle} for one, handle in zip(actions, handles, strict=True)]
        data = {**_figures(figures, instrument), "presets": presets, "held": held, "interval": interval, "buttons": buttons}
        await request.show(uow, "card", data)
        return "toast-refreshed"

    return effect


def _actions(symbol: str, mine: UserSettings, *, holding: bool) -> list[ButtonAction]:
    one: dict[str, Any] = {"symbol": symbol}
    actions = [ButtonAction("card_buy", {**one, "value": format(preset, "f")}) for preset in mine.buy_presets]
    if holding:
        actions += [ButtonAction("card_sell", {**one, "value": str(share)}) for share in mine.sell_presets]
    actions += [ButtonAction("card_show", {**one, "interval": interval}) for interval in INTERVALS]
    return [*actions, ButtonAction("card_alert", one)]


async def card_show(context: BotContext, request: Request, argument: Argument) -> Effect:
    """Fresh figures, and another interval."""
    instrument = await context.instruments.find(argument["symbol"])
    if instrument is None:
        return saying(request, "symbol-unknown", symbol=argument["symbol"])
    return await card(context, request, instrument, argument["interval"])


async def card_buy(context: BotContext, request: Request, argument: Argument) -> Effect:
    """A preset: its preview in a message of its own."""
    size = OrderSize(SizeKind.QUOTE_AMOUNT, Decimal(argument["value"]))
    return await _trade(context, request, argument["symbol"], Side.BUY, size)


async def card_sell(context: BotContext, request: Request, argument: Argument) -> Effect:
    """A share of what is held."""
    return await _trade(context, request, argument["symbol"], Side.SELL, OrderSize(SizeKind.PERCENT, Decimal(argument["value"])))


async def card_alert(context: BotContext, request: Request, argument: Argument) -> Effect:
    """What to be told of."""
    offered = await alert(context, as_new_message(request, request.idempotency_key), AlertWords(argument["symbol"]))
    return await _and_card(context, request, argument["symbol"], offered)


async def _trade(context: BotContext, request: Request, symbol: str, side: Side, size: OrderSize) -> Effect:
    require_trading(request)
    slippage = (await presets_of(context, request.user.id)).slippage_bps
    command = OrderCommand(request.user.id, VENUE, symbol, side, size, slippage)
    proposed = await propose(context, as_new_message(request, request.idempotency_key), command)
    return await _and_card(context, request, symbol, proposed)


async def _and_card(context: BotContext, request: Request, symbol: str, opened: Effect) -> Effect:
    """What was asked for, and the card again with fresh buttons."""
    instrument = await context.instruments.find(symbol)
    again = None if instrument is None else await card(context, request, instrument)

    async def effect(uow: UnitOfWork) -> str:
        toast = await opened(uow)
        if again is not None:
            await again(uow)
        return toast

    return effect


async def _book(context: BotContext, symbol: str) -> OrderBook | None:
    try:
        return await context.edge.books.book(symbol)
    except Unavailable:
        return None


async def _held(uow: UnitOfWork, user_id: int, instrument: Instrument) -> dict[str, Any]:
    """Balance of the base asset and the position's cost."""
    found = (await ledger.balances(uow, user_id, VENUE)).get(instrument.base.code)
    positions = await portfolio.positions(uow, user_id, VENUE)
    position = next((one for one in positions if one.symbol == instrument.symbol and one.is_open), None)
    return {
        "available": "0" if found is None else plain(found.available),
        "position": None if position is None else {"quantity": text(position.quantity), "cost": plain(position.cost)},
    }


def _presets(book: OrderBook, instrument: Instrument, mine: UserSettings) -> list[dict[str, Any]]:
    """What each preset would buy, and how much worse than the best price that is; None where the book cannot serve it."""
    rows: list[dict[str, Any]] = []
    best = book.asks[0].price if book.asks else None
    for preset in mine.buy_presets:
        walk = walk_book(book.asks, buying=True, lot=instrument.lot, quote_budget=preset)
        impact = None
        if best is not None and walk.average_price is not None and not walk.exhausted:
            impact = price_impact_bps(Price(walk.average_price.value), best, buying=True)
        rows.append({"amount": format(preset, "f"), "impact_bps": impact})
    return rows


def _figures(card: InstrumentCard, instrument: Instrument) -> dict[str, Any]:
    day = card.day
    return {
        "symbol": card.symbol,
        "base": instrument.base.symbol,
        "quote": instrument.quote.symbol,
        "venue": instrument.venue,
        "asset": instrument.base.code,
        "price": None if card.price is None else text(card.price),
        "spread_bps": None if card.spread_bps is None else text(card.spread_bps),
        "bid_depth": text(card.bid_depth.quantize(Decimal(1))),
        "ask_depth": text(card.ask_depth.quantize(Decimal(1))),
        "changes": _changes(card),
        "volume": None if day is None or day.volume is None else text(day.volume),
        "high": None if day is None else text(day.high),
        "low": None if day is None else text(day.low),
        "source": encode_source(card.source),
        "age_ms": int(card.age.total_seconds() * 1000),
        "at": card.at.isoformat(),
    }


def _changes(card: InstrumentCard) -> Sequence[tuple[str, int | None]]:
    day = card.day
    if day is None:
        return [("5m", None), ("1h", None), ("24h", None)]
    return [("5m", day.change_5m_bps), ("1h", day.change_1h_bps), ("24h", day.change_24h_bps)]
