"""Arming a conditional order and taking it back: one row, its legs, its reason and its message, in the edge's unit of work.

Sizes are fixed here: a share becomes a quantity (or a budget) of what is available now, so that later deposits and sales change nothing
about what was confirmed. Nothing is held. With an entry, its order is requested in the same transaction.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import orjson

from core.db.unit_of_work import UnitOfWork
from core.kernel.errors import Denied, IdempotencyConflict
from core.kernel.ids import new_id
from core.kernel.money import Amount, Asset, Rounding, divide, multiply, round_to_step
from core.ledger import service as ledger
from core.market import service as market
from core.market.types import Instrument
from core.strategies import lifecycle, recording, repository
from core.strategies.context import StrategyContext
from core.strategies.rules import require_sensible
from core.strategies.types import (
    FINAL,
    ZERO,
    Conditional,
    ConditionalCommand,
    ConditionalState,
    Event,
    Leg,
    LegRole,
    LegState,
    Step,
)
from core.trading.types import ChatTarget, OrderCommand, SizeKind
from core.venues.types import Side

ORIGIN = "conditional"
HUNDRED = Decimal(100)


async def arm(
    context: StrategyContext, uow: UnitOfWork, command: ConditionalCommand, *, idempotency_key: str, chat: ChatTarget, correlation_id: str
) -> Conditional:
    """The new conditional order, or the one this key armed before.

    Raises IdempotencyConflict, Denied: unknown_instrument, too_many_conditionals, nothing_to_sell, insufficient_funds, conditional_….
    """
    wanted = request_hash(command)
    await repository.lock_user(uow, command.user_id)
    known = await repository.by_key(uow, command.user_id, idempotency_key)
    if known is not None:
        if known[1] != wanted:
            raise IdempotencyConflict(f"the key {idempotency_key} belongs to another request")
        return known[0]
    now = context.clock.now()
    require_sensible(command, now, context.limits.lifetime)
    instrument = await market.instrument(uow, command.venue, command.symbol)
    if instrument is None or not instrument.active:
        raise Denied("unknown_instrument", symbol=command.symbol, venue=command.venue)
    armed = await _build(context, uow, command, instrument, chat, correlation_id, now)
    await repository.insert_conditional(uow, armed, key=idempotency_key, request_hash=wanted)
    await recording.explain(uow, armed, (Event("armed", inputs={"kind": armed.kind.value, "size": str(command.size.value)}),))
    if command.enters:
        armed = await _enter(context, uow, armed, command)
    await recording.show(context, uow, armed)
    return armed


async def _build(
    context: StrategyContext,
    uow: UnitOfWork,
    command: ConditionalCommand,
    instrument: Instrument,
    chat: ChatTarget,
    correlation_id: str,
    now: datetime,
) -> Conditional:
    if len(await repository.live_of_user(uow, command.user_id)) >= context.limits.most_live:
        raise Denied("too_many_conditionals", most=str(context.limits.most_live))
    quantity, budget = (None, None) if command.enters else await _fix_size(uow, command, instrument)
    return Conditional(
        id=new_id(),
        user_id=command.user_id,
        venue=command.venue,
        symbol=command.symbol,
        kind=command.kind,
        side=Side.SELL if command.enters else command.side,
        enters=command.enters,
        size=command.size,
        quantity=quantity,
        budget=budget,
        slippage_bps=command.slippage_bps,
        state=ConditionalState.ARMED,
        reason="",
        reason_params={},
        cancel_requested=False,
        chat=chat,
        correlation_id=correlation_id,
        created_at=now,
        expires_at=now + context.limits.lifetime,
        legs=_legs(command),
    )


def _legs(command: ConditionalCommand) -> tuple[Leg, ...]:
    """Leg 0 is the entry where there is one; exits are numbered from 1."""
    waiting = LegState.WAITING if command.enters else LegState.ARMED
    exits = [
        Leg(
            number,
            spec.role,
            waiting,
            spec.trigger_price,
            spec.trail_bps,
            spec.trail_amount,
            None,
            spec.limit_price,
            spec.act_at,
            spec.share_bps,
        )
        for number, spec in enumerate(command.legs, 1)
    ]
    return (Leg(0, LegRole.ENTRY, LegState.ARMED), *exits) if command.enters else tuple(exits)


async def _fix_size(uow: UnitOfWork, command: ConditionalCommand, instrument: Instrument) -> tuple[Decimal | None, Decimal | None]:
    """Quantity or budget, from what is available now where a share was said."""
    size = command.size
    if size.kind is SizeKind.QUOTE_AMOUNT:
        return None, size.value
    if size.kind is SizeKind.BASE_QUANTITY:
        return _lots(size.value, instrument), None
    asset = instrument.base if command.side is Side.SELL else instrument.quote
    free = await available(uow, command.user_id, asset)
    share = divide(multiply(free, size.value), HUNDRED, Rounding.DOWN)
    if command.side is Side.SELL:
        return _lots(share, instrument), None
    budget = round_to_step(share, Amount(asset, 1).to_decimal(), Rounding.DOWN)
    if budget <= 0:
        raise Denied("insufficient_funds", asset=asset.symbol, available="0", needed=str(instrument.minimum_notional))
    return None, budget


def _lots(quantity: Decimal, instrument: Instrument) -> Decimal:
    whole = round_to_step(quantity, instrument.lot, Rounding.DOWN)
    if whole <= 0:
        raise Denied("nothing_to_sell", asset=instrument.base.symbol)
    return whole


async def available(uow: UnitOfWork, user_id: int, asset: Asset) -> Decimal:
    """Whole coins of the asset that no hold covers."""
    found = (await ledger.balances(uow, user_id, asset.place)).get(asset.code)
    return ZERO if found is None else found.available.to_decimal()


async def _enter(context: StrategyContext, uow: UnitOfWork, armed: Conditional, command: ConditionalCommand) -> Conditional:
    """Requests the entry's order; the exits wait for its fills."""
    intent = OrderCommand(
        command.user_id,
        command.venue,
        command.symbol,
        command.side,
        command.size,
        command.slippage_bps,
        origin=ORIGIN,
        parent=armed.id,
    )
    entry = armed.leg(0)
    order = await context.trading.request_order(
        uow, intent, idempotency_key=emission_key(armed.id, entry), chat=order_chat(armed, entry), correlation_id=armed.correlation_id
    )
    step = lifecycle.emitted(armed, entry, order.id, ZERO, {"entry": True})
    await repository.save(uow, armed, step.conditional, context.clock.now())
    await recording.explain(uow, step.conditional, step.events)
    return step.conditional


def emission_key(conditional_id: UUID, leg: Leg) -> str:
    """The idempotency key of a leg's next order: one an attempt, so that each is emitted at most once."""
    attempt = f":{leg.attempts}" if leg.attempts else ""
    return f"conditional:{conditional_id}:{leg.number}{attempt}"


def order_chat(conditional: Conditional, leg: Leg) -> ChatTarget:
    """An emitted order has a message of its own."""
    return ChatTarget(conditional.chat.chat_id, f"order:{emission_key(conditional.id, leg)}", conditional.chat.language)


async def take_back(context: StrategyContext, uow: UnitOfWork, *, user_id: int, conditional_id: UUID) -> Conditional:
    """Cancels for the user, orders at work included. Asking twice changes nothing. Raises Denied: conditional_not_found, _final."""
    found = await repository.lock(uow, conditional_id)
    if found is None or found.user_id != user_id:
        raise Denied("conditional_not_found")
    if found.state in FINAL:
        raise Denied("conditional_final", state=found.state.value)
    if found.cancel_requested:
        return found
    for leg in found.legs:
        if leg.state is LegState.TRIGGERED and leg.order_id is not None:
            await _cancel_order(context, uow, user_id, leg.order_id)
    step: Step = lifecycle.cancel(found)
    return await recording.keep(context, uow, found, step)


async def _cancel_order(context: StrategyContext, uow: UnitOfWork, user_id: int, order_id: UUID) -> None:
    """An order that ended meanwhile needs no cancel: following it ends the conditional order."""
    try:
        await context.trading.request_cancel(uow, user_id=user_id, order_id=order_id)
    except Denied as refusal:
        if refusal.code != "order_final":
            raise


def request_hash(command: ConditionalCommand) -> bytes:
    """SHA-256 over everything a command says. Numbers that are equal hash equally."""
    content = [
        command.user_id,
        command.venue,
        command.symbol,
        command.side.value,
        command.size.kind.value,
        _plain(command.size.value),
        command.kind.value,
        command.enters,
        command.slippage_bps,
        [
            [
                leg.role.value,
                _plain(leg.trigger_price),
                leg.trail_bps,
                _plain(leg.trail_amount),
                _plain(leg.limit_price),
                None if leg.act_at is None else leg.act_at.isoformat(),
                leg.share_bps,
            ]
            for leg in command.legs
        ],
    ]
    return hashlib.sha256(orjson.dumps(content)).digest()


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize(), "f")
