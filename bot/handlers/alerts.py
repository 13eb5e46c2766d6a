"""/alerts: arming an alert by words or buttons, the list, and taking one back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from bot.context import MENU_TTL, BotContext, Effect, Request, saying
from bot.grammar.alerts import AlertWords, parse_alert
from bot.handlers.trading import find_instrument
from core.alerts import service as alerts
from core.alerts.types import Alert, AlertCommand, AlertKind, Observation
from core.db.unit_of_work import UnitOfWork
from core.kernel.errors import Denied, Unavailable
from core.market.types import Instrument, OrderBook
from core.outbox.types import ButtonAction
from core.risk.checks import text

OFFERED_STEPS = (Decimal("1.05"), Decimal("1.02"), Decimal("0.98"), Decimal("0.95"))
MOST_SHOWN = 20


async def alert(context: BotContext, request: Request, words: AlertWords) -> Effect:
    """/alerts, typed in full, in part or bare."""
    if not words.symbol:
        return await _listed(context, request)
    instrument = await find_instrument(context, words.symbol)
    if instrument is None:
        return saying(request, "symbol-unknown", symbol=words.symbol)
    if not words.kind:
        return await _offer(context, request, instrument)
    return await _arm(context, request, instrument, words)


async def arm_by_button(context: BotContext, request: Request, argument: Mapping[str, Any]) -> Effect:
    """One of the offered alerts: the words that could have been typed."""
    words = parse_alert(str(argument["words"]).split())
    return await alert(context, request, words) if isinstance(words, AlertWords) else saying(request, "usage-alerts")


async def cancel_alert(context: BotContext, request: Request, argument: Mapping[str, Any]) -> Effect:
    """Takes one back; the list is shown again."""
    listed = await _listed(context, request)

    async def effect(uow: UnitOfWork) -> str:
        await alerts.cancel(uow, user_id=request.user.id, alert_id=UUID(argument["alert_id"]))
        await listed(uow)
        return "toast-canceled"

    return effect


async def _arm(context: BotContext, request: Request, instrument: Instrument, words: AlertWords) -> Effect:
    book = await _book(context, instrument.symbol)
    price = None if book is None else book.mid()
    kind = words.kind
    if kind == "price":
        if price is None:
            raise Denied("no_price", symbol=instrument.symbol)
        kind = "above" if words.threshold > price else "below"
    command = AlertCommand(request.user.id, instrument.symbol, AlertKind(kind), words.threshold, words.window)
    seen = Observation(instrument.symbol, context.edge.clock.now(), price, None if book is None else book.source)

    async def effect(uow: UnitOfWork) -> str:
        armed = await alerts.create(uow, command, idempotency_key=request.idempotency_key, seen=seen)
        [handle] = await request.buttons(uow, [ButtonAction("cancel_alert", {"alert_id": str(armed.id)})], MENU_TTL)
        now = None if price is None else text(price)
        await request.show(uow, "alert_armed", {**_row(armed, instrument.quote.symbol), "price": now, "cancel": handle})
        return "toast-saved"

    return effect


async def _offer(context: BotContext, request: Request, instrument: Instrument) -> Effect:
    """/alerts BTC: prices a little away from now, a move, a volume."""
    book = await _book(context, instrument.symbol)
    price = None if book is None else book.mid()
    lines = [] if price is None else [f"{instrument.symbol} {text(_on_grid(price * step, instrument.tick))}" for step in OFFERED_STEPS]
    lines += [f"{instrument.symbol} move 5% 1h", f"{instrument.symbol} volume 3x 1h"]

    async def effect(uow: UnitOfWork) -> str:
        handles = await request.buttons(uow, [ButtonAction("arm_alert", {"words": line}) for line in lines], MENU_TTL)
        choices = [{"words": line.split()[1:], "handle": handle} for line, handle in zip(lines, handles, strict=True)]
        data = {"symbol": instrument.symbol, "quote": instrument.quote.symbol, "price": None if price is None else text(price)}
        await request.show(uow, "choose_alert", {**data, "choices": choices})
        return ""

    return effect


def _on_grid(price: Decimal, tick: Decimal) -> Decimal:
    return (price / tick).to_integral_value() * tick


async def _listed(context: BotContext, request: Request) -> Effect:
    async def effect(uow: UnitOfWork) -> str:
        armed = (await alerts.armed(uow, request.user.id))[:MOST_SHOWN]
        quotes = {one.symbol: one.quote.symbol for one in await context.instruments.all()}
        rows = []
        for one in armed:
            [handle] = await request.buttons(uow, [ButtonAction("cancel_alert", {"alert_id": str(one.id)})], MENU_TTL)
            rows.append({**_row(one, quotes.get(one.symbol, "")), "cancel": handle})
        await request.show(uow, "alerts", {"alerts": rows})
        return ""

    await context.instruments.all()  # read now: not inside the transaction
    return effect


def _row(one: Alert, quote: str) -> dict[str, Any]:
    return {
        "symbol": one.symbol,
        "quote": quote,
        "kind": one.kind.value,
        "threshold": format(one.threshold, "f"),
        "window": one.window,
        "evaluation": one.evaluation,
    }


async def _book(context: BotContext, symbol: str) -> OrderBook | None:
    """A fresh book, or None."""
    try:
        book = await context.edge.books.book(symbol)
    except Unavailable:
        return None
    limit = timedelta(milliseconds=context.settings.price_max_age_ms)
    return book if book is not None and book.age(context.edge.clock.now()) <= limit else None
