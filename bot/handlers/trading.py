"""/buy and /sell: from words to a preview, from Confirm to an order, and canceling one.

The preview is the decision's own function, asked outside any transaction; what counts is decided in the worker. The order is
requested in the transaction that uses the button up and marks the update as done; the handle is its idempotency key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from bot.context import VENUE, BotContext, Effect, Request, saying
from bot.grammar.orders import OrderWords, size_of
from bot.grammar.words import Malformed
from bot.handlers.choices import choose_amount, choose_holding, choose_pair, choose_share
from bot.handlers.settings import presets_of
from core.db.unit_of_work import UnitOfWork
from core.kernel.errors import Denied
from core.market.rules import resolve_symbol
from core.market.types import Instrument
from core.outbox import service as outbox
from core.outbox.types import ButtonAction
from core.risk.checks import plain, text
from core.risk.facts import OrderTerms
from core.trading.reports import encode_source
from core.trading.types import OrderCommand, OrderPreview, OrderSize, SizeKind
from core.venues.types import OrderType, Side, TimeInForce

Argument = Mapping[str, Any]


async def order(context: BotContext, request: Request, words: OrderWords) -> Effect:
    """/buy and /sell, typed in full, in part or bare."""
    require_trading(request)
    if words.venue not in ("", VENUE):
        return saying(request, "venue-not-available", venue=words.venue)
    buying = words.side is Side.BUY
    if not words.symbol:
        return await choose_pair(context, request) if buying else await choose_holding(context, request)
    instrument = await find_instrument(context, words.symbol)
    if instrument is None:
        return saying(request, "symbol-unknown", symbol=words.symbol)
    if words.size is None:
        return await (choose_amount if buying else choose_share)(context, request, instrument)
    size = size_of(words.size, words.side, instrument.base.symbol, instrument.quote.symbol)
    if isinstance(size, Malformed):
        return saying(request, size.message, **size.params)
    slippage = await slippage_of(context, request, words)
    command = OrderCommand(request.user.id, VENUE, instrument.symbol, words.side, size, slippage)
    return await propose(context, request, limited(command, words, context.edge.clock.now()))


def limited(command: OrderCommand, words: OrderWords, now: datetime) -> OrderCommand:
    """The command with the limit price and the terms that were typed; a market order where there is no price."""
    if words.limit is None:
        return command
    terms = words.terms
    return replace(
        command,
        order_type=OrderType.LIMIT,
        limit_price=words.limit,
        time_in_force=terms.time_in_force,
        post_only=terms.post_only,
        expires_at=None if terms.good_for is None else now + terms.good_for,
    )


def require_trading(request: Request) -> None:
    """Raises Denied('account_frozen') for who may only look."""
    if not request.user.may_trade:
        raise Denied("account_frozen")


async def find_instrument(context: BotContext, words: str) -> Instrument | None:
    """The instrument a person means."""
    symbol = resolve_symbol(words, [one.symbol for one in await context.instruments.all()])
    return None if symbol is None else await context.instruments.find(symbol)


async def propose(context: BotContext, request: Request, command: OrderCommand) -> Effect:
    """A preview with Confirm and Cancel; without the confirm toggle the order itself."""
    if not request.user.confirm_orders:
        return _request(context, request, command)
    preview = await context.edge.trading.preview(command)
    data = preview_data(preview, command, context)

    async def effect(uow: UnitOfWork) -> str:
        if not preview.denial:
            actions = [ButtonAction("confirm_order", encode_command(command)), ButtonAction("dismiss_order")]
            data["confirm"], data["cancel"] = await request.buttons(uow, actions, context.button_ttl)
        elif preview.denial == "price_impact":
            accepted = {**encode_command(command), "accepted_impact_bps": int(preview.denial_params["impact_bps"])}
            [data["accept"]] = await request.buttons(uow, [ButtonAction("accept_impact", accepted)], context.button_ttl)
        await request.show(uow, "preview", data, priority=outbox.CONFIRMATION)
        return ""

    return effect


def _request(context: BotContext, request: Request, command: OrderCommand) -> Effect:
    async def effect(uow: UnitOfWork) -> str:
        await context.edge.trading.request_order(
            uow, command, idempotency_key=request.idempotency_key, chat=request.chat, correlation_id=request.correlation_id
        )
        return "toast-accepted"

    return effect


async def confirm_order(context: BotContext, request: Request, argument: Argument) -> Effect:
    """Confirm: the order that was shown."""
    require_trading(request)
    return _request(context, request, decode_command(request.user.id, argument))


async def accept_impact(context: BotContext, request: Request, argument: Argument) -> Effect:
    """A price impact over the limit was accepted, as large as it was then: the preview asks once more."""
    require_trading(request)
    return await propose(context, request, decode_command(request.user.id, argument))


async def dismiss_order(_context: BotContext, request: Request, _argument: Argument) -> Effect:
    """Cancel under a preview: nothing was asked for yet."""

    async def effect(uow: UnitOfWork) -> str:
        await request.say(uow, "preview-dismissed")
        return "toast-canceled"

    return effect


async def cancel_order(context: BotContext, request: Request, argument: Argument) -> Effect:
    """Cancel under an order; the order's own message tells what came of it."""

    async def effect(uow: UnitOfWork) -> str:
        await context.edge.trading.request_cancel(uow, user_id=request.user.id, order_id=UUID(argument["order_id"]))
        return "toast-cancel-requested"

    return effect


async def buy_pair(context: BotContext, request: Request, argument: Argument) -> Effect:
    """A pair was chosen: how much?"""
    return await order(context, request, OrderWords(Side.BUY, argument["symbol"]))


async def sell_pair(context: BotContext, request: Request, argument: Argument) -> Effect:
    """A position was chosen: how much of it?"""
    return await order(context, request, OrderWords(Side.SELL, argument["symbol"]))


async def buy_amount(context: BotContext, request: Request, argument: Argument) -> Effect:
    """An amount was chosen: the preview."""
    require_trading(request)
    return await propose(context, request, await _chosen(context, request, argument, Side.BUY))


async def sell_share(context: BotContext, request: Request, argument: Argument) -> Effect:
    """A share was chosen: the preview."""
    require_trading(request)
    return await propose(context, request, await _chosen(context, request, argument, Side.SELL))


async def _chosen(context: BotContext, request: Request, argument: Argument, side: Side) -> OrderCommand:
    size = OrderSize(SizeKind(argument["kind"]), Decimal(argument["value"]))
    return OrderCommand(request.user.id, VENUE, argument["symbol"], side, size, (await presets_of(context, request.user.id)).slippage_bps)


async def slippage_of(context: BotContext, request: Request, words: OrderWords) -> int:
    """What was typed, else what the user set."""
    return words.slippage_bps if words.slippage_bps is not None else (await presets_of(context, request.user.id)).slippage_bps


def encode_command(command: OrderCommand) -> dict[str, Any]:
    """What a Confirm button keeps in its row."""
    return {
        "venue": command.venue,
        "symbol": command.symbol,
        "side": command.side.value,
        "kind": command.size.kind.value,
        "value": format(command.size.value, "f"),
        "slippage_bps": command.slippage_bps,
        "accepted_impact_bps": command.risk.accepted_impact_bps,
        **({} if command.limit_price is None else _encode_terms(command, command.limit_price)),
    }


def _encode_terms(command: OrderCommand, limit_price: Decimal) -> dict[str, Any]:
    return {
        "limit_price": format(limit_price, "f"),
        "time_in_force": command.time_in_force.value,
        "post_only": command.post_only,
        "expires_at": None if command.expires_at is None else command.expires_at.isoformat(),
    }


def decode_command(user_id: int, argument: Argument) -> OrderCommand:
    """The command that `encode_command` was given, for the presser."""
    size = OrderSize(SizeKind(argument["kind"]), Decimal(argument["value"]))
    terms = OrderTerms(accepted_impact_bps=argument.get("accepted_impact_bps", 0))
    command = OrderCommand(
        user_id, argument["venue"], argument["symbol"], Side(argument["side"]), size, argument["slippage_bps"], risk=terms
    )
    if "limit_price" not in argument:
        return command
    until = argument["expires_at"]
    return replace(
        command,
        order_type=OrderType.LIMIT,
        limit_price=Decimal(argument["limit_price"]),
        time_in_force=TimeInForce(argument["time_in_force"]),
        post_only=argument["post_only"],
        expires_at=None if until is None else datetime.fromisoformat(until),
    )


def preview_data(preview: OrderPreview, command: OrderCommand, context: BotContext) -> dict[str, Any]:
    """The data of the `preview` screen, buttons left out. Figures are strings of whole coins."""
    instrument = preview.instrument
    age = None if preview.price_at is None else context.edge.clock.now() - preview.price_at
    data: dict[str, Any] = {
        "side": preview.side.value,
        "symbol": instrument.symbol,
        "base": instrument.base.symbol,
        "quote": instrument.quote.symbol,
        "size": {"kind": command.size.kind.value, "value": _text(command.size.value)},
        "venue": command.venue,
        "denied": preview.denial,
        "reason_params": dict(preview.denial_params),
        "price_source": encode_source(preview.source),
        "price_age_ms": 0 if age is None else int(age.total_seconds() * 1000),
        "order_type": command.order_type.value,
        "time_in_force": command.time_in_force.value,
        "post_only": command.post_only,
        "expires_at": None if command.expires_at is None else command.expires_at.isoformat(),
        "limit_price": None if command.limit_price is None else _text(command.limit_price),
    }
    return data if preview.denial else {**data, **_figures(preview)}


def _figures(preview: OrderPreview) -> dict[str, Any]:
    fees = (("venue", preview.venue_fee), ("platform", preview.platform_fee))
    return {
        "quantity": _text(preview.quantity),
        "average_price": _text(preview.average_price),
        "limit_price": _text(preview.limit_price),
        "price_impact_bps": preview.price_impact_bps or 0,
        "fees": [{"kind": kind, "amount": plain(fee), "asset": fee.asset.symbol} for kind, fee in fees if fee is not None],
        "total": "0" if preview.total is None else plain(preview.total),
        "minimum_received": "0" if preview.minimum_received is None else plain(preview.minimum_received),
        "beyond": _text(preview.beyond),
        "held": None if preview.held is None else {"amount": plain(preview.held), "asset": preview.held.asset.symbol},
        "venue_refusal": preview.venue_refusal,
    }


def _text(value: Decimal | None) -> str:
    return "0" if value is None else text(value)


def as_new_message(request: Request, key: str) -> Request:
    """The same request, answered in a message of its own."""
    return replace(request, message_key=key)
