"""Conditional orders: from words to a question, from Confirm to an armed order, and canceling one.

The question is the arming itself in a transaction that is rolled back, with each trigger's distance at the book of now. What counts is
decided by the evaluator; nothing is held while armed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from bot.context import MENU_TTL, VENUE, BotContext, Effect, Request, saying
from bot.grammar.conditional import ConditionalWords
from bot.grammar.orders import size_of
from bot.grammar.words import Malformed
from bot.handlers.trading import find_instrument, require_trading, slippage_of
from core.db.unit_of_work import UnitOfWork
from core.outbox import service as outbox
from core.outbox.types import ButtonAction
from core.strategies.previewing import ConditionalPreview
from core.strategies.rules import kind_of
from core.strategies.types import Conditional, ConditionalCommand, ConditionalKind, LegRole, LegSpec
from core.strategies.views import conditional_data, encode_evaluation
from core.trading.types import OrderSize, SizeKind
from core.venues.types import Side

Argument = Mapping[str, Any]


async def conditional(context: BotContext, request: Request, words: ConditionalWords) -> Effect:
    """/sell … stop and its kin, typed in full."""
    require_trading(request)
    order = words.order
    if order.venue not in ("", VENUE):
        return saying(request, "venue-not-available", venue=order.venue)
    instrument = await find_instrument(context, order.symbol)
    if instrument is None or order.size is None:
        return saying(request, "symbol-unknown", symbol=order.symbol)
    size = size_of(order.size, order.side, instrument.base.symbol, instrument.quote.symbol)
    if isinstance(size, Malformed):
        return saying(request, size.message, **size.params)
    legs = words.legs
    if words.exit_after is not None:
        legs = (*legs, LegSpec(LegRole.TIME_EXIT, act_at=context.edge.clock.now() + words.exit_after))
    kind = kind_of(legs, enters=words.enters)
    slippage = await slippage_of(context, request, order)
    command = ConditionalCommand(request.user.id, VENUE, instrument.symbol, order.side, size, kind, legs, words.enters, slippage)
    return await _propose(context, request, command)


async def _propose(context: BotContext, request: Request, command: ConditionalCommand) -> Effect:
    preview = await context.edge.conditional.preview(command)
    if not request.user.confirm_orders:
        return _arm(context, request, command)
    data = preview_data(preview, command, context.edge.clock.now())

    async def effect(uow: UnitOfWork) -> str:
        actions = [ButtonAction("confirm_conditional", encode_command(command)), ButtonAction("dismiss_order")]
        data["confirm"], data["dismiss"] = await request.buttons(uow, actions, context.button_ttl)
        await request.show(uow, "conditional_preview", data, priority=outbox.CONFIRMATION)
        return ""

    return effect


def _arm(context: BotContext, request: Request, command: ConditionalCommand) -> Effect:
    async def effect(uow: UnitOfWork) -> str:
        await context.edge.conditional.create(
            uow, command, idempotency_key=request.idempotency_key, chat=request.chat, correlation_id=request.correlation_id
        )
        return "toast-accepted"

    return effect


async def confirm_conditional(context: BotContext, request: Request, argument: Argument) -> Effect:
    """Confirm: what was shown is armed."""
    require_trading(request)
    return _arm(context, request, decode_command(request.user.id, argument))


async def cancel_conditional(context: BotContext, request: Request, argument: Argument) -> Effect:
    """Cancel: its own message tells what came of it."""

    async def effect(uow: UnitOfWork) -> str:
        await context.edge.conditional.cancel(uow, user_id=request.user.id, conditional_id=UUID(argument["conditional_id"]))
        return "toast-cancel-requested"

    return effect


async def conditional_row(context: BotContext, request: Request, uow: UnitOfWork, one: Conditional) -> dict[str, Any]:
    """Its line in /orders, with a cancel button of that message."""
    [handle] = await request.buttons(uow, [ButtonAction("cancel_conditional", {"conditional_id": str(one.id)})], MENU_TTL)
    return conditional_data(one, context.edge.clock.now(), handle)


def preview_data(preview: ConditionalPreview, command: ConditionalCommand, now: datetime) -> dict[str, Any]:
    """The data of the `conditional_preview` screen, buttons left out."""
    shown = preview.conditional
    legs = tuple(
        replace(leg, last_evaluation=encode_evaluation(preview.evaluations[leg.number])) if leg.number in preview.evaluations else leg
        for leg in shown.legs
    )
    return {**conditional_data(replace(shown, legs=legs), now), "said_side": command.side.value}


def encode_command(command: ConditionalCommand) -> dict[str, Any]:
    """What a Confirm button keeps in its row."""
    return {
        "venue": command.venue,
        "symbol": command.symbol,
        "side": command.side.value,
        "size": {"kind": command.size.kind.value, "value": format(command.size.value, "f")},
        "kind": command.kind.value,
        "enters": command.enters,
        "slippage_bps": command.slippage_bps,
        "legs": [_encode_leg(leg) for leg in command.legs],
    }


def _encode_leg(leg: LegSpec) -> dict[str, Any]:
    return {
        "role": leg.role.value,
        "trigger": _text(leg.trigger_price),
        "trail_bps": leg.trail_bps,
        "trail_amount": _text(leg.trail_amount),
        "limit": _text(leg.limit_price),
        "act_at": None if leg.act_at is None else leg.act_at.isoformat(),
        "share_bps": leg.share_bps,
    }


def decode_command(user_id: int, argument: Argument) -> ConditionalCommand:
    """The command that `encode_command` was given, for the presser."""
    return ConditionalCommand(
        user_id,
        argument["venue"],
        argument["symbol"],
        Side(argument["side"]),
        OrderSize(SizeKind(argument["size"]["kind"]), Decimal(argument["size"]["value"])),
        ConditionalKind(argument["kind"]),
        tuple(_decode_leg(leg) for leg in argument["legs"]),
        argument["enters"],
        argument["slippage_bps"],
    )


def _decode_leg(leg: Argument) -> LegSpec:
    return LegSpec(
        LegRole(leg["role"]),
        _decimal(leg["trigger"]),
        leg["trail_bps"],
        _decimal(leg["trail_amount"]),
        _decimal(leg["limit"]),
        None if leg["act_at"] is None else datetime.fromisoformat(leg["act_at"]),
        leg["share_bps"],
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
