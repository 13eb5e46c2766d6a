"""Pure decisions about conditional orders: what price counts, whether a trigger is met, what is due, what a person may arm.

No clock, no I/O. The price that counts is what walking the book on the side that fills gives on average for the leg's size: the bids
for a sale, the asks for a purchase (docs/decisions/0008-conditional-orders.md). The last price never counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from core.kernel.errors import Denied
from core.kernel.money import EXACT, Quantity, Rounding, divide, multiply, round_to_step
from core.market.rules import Walk, walk_book
from core.market.types import OrderBook
from core.strategies.types import (
    WHOLE_SHARE_BPS,
    ZERO,
    Conditional,
    ConditionalCommand,
    ConditionalKind,
    Evaluation,
    Leg,
    LegRole,
    LegSpec,
    LegState,
    Outcome,
)
from core.trading.types import SizeKind
from core.venues.types import Side

BPS = Decimal(WHOLE_SHARE_BPS)
MOST_LEGS = 8
PRICE_STEP = Decimal("1e-24")
"""Finer than any tick, coarser than the column that keeps a trail's best price: memory and row hold the same figure."""
PROTECTIVE = frozenset({LegRole.STOP, LegRole.TRAILING_STOP})
"""Roles that act when the price goes against the user: a stop must protect."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What an evaluation looks through: the clock, how old a book may be, and the instrument's lot."""

    now: datetime
    max_age: timedelta
    lot: Decimal


def evaluate(conditional: Conditional, leg: Leg, book: OrderBook | None, sight: Sight) -> Evaluation:
    """What the leg's condition is at this book. A stale, missing, older or too thin book meets nothing and is said."""
    due = due_size(conditional, leg, sight.lot)
    if due <= ZERO:
        return Evaluation(Outcome.NOTHING_DUE, sight.now)
    if leg.role is LegRole.TIME_EXIT:
        return _by_time(leg, sight)
    if book is None:
        return Evaluation(Outcome.NO_BOOK, sight.now, trigger=trigger_of(leg, conditional.side), best=leg.best_price)
    blind = _blindness(leg, book, sight)
    if blind is not None:
        trigger = trigger_of(leg, conditional.side)
        return Evaluation(blind, sight.now, book.observed_at, book.sequence, trigger=trigger, best=leg.best_price)
    return _at_book(conditional, leg, due, book, sight)


def _by_time(leg: Leg, sight: Sight) -> Evaluation:
    if _backing_off(leg, sight.now):
        return Evaluation(Outcome.BACKING_OFF, sight.now)
    due = leg.act_at is not None and sight.now >= leg.act_at
    return Evaluation(Outcome.MET if due else Outcome.WAITING, sight.now)


def _backing_off(leg: Leg, now: datetime) -> bool:
    return leg.not_before is not None and now < leg.not_before


def _blindness(leg: Leg, book: OrderBook, sight: Sight) -> Outcome | None:
    """Why this book counts for nothing, or None."""
    if leg.book_at is not None and book.observed_at < leg.book_at:
        return Outcome.OLD_BOOK
    return Outcome.STALE_BOOK if book.age(sight.now) > sight.max_age else None


def _at_book(conditional: Conditional, leg: Leg, due: Decimal, book: OrderBook, sight: Sight) -> Evaluation:
    side = conditional.side
    walk = walk_for(book, side, due, by_budget=conditional.by_budget, lot=sight.lot)
    price = None if walk.average_price is None else round_to_step(walk.average_price.value, PRICE_STEP, Rounding.DOWN)
    best = next_best(leg, side, price, whole=not walk.exhausted)
    trigger = _trigger(leg, best, side)
    outcome = _compare(leg, side, price, trigger, whole=not walk.exhausted)
    if outcome is Outcome.MET and _backing_off(leg, sight.now):
        outcome = Outcome.BACKING_OFF
    distance = None if price is None or trigger is None else distance_bps(price, trigger, adverse=leg.role in PROTECTIVE, side=side)
    return Evaluation(outcome, sight.now, book.observed_at, book.sequence, price, trigger, distance, best)


def walk_for(book: OrderBook, side: Side, size: Decimal, *, by_budget: bool, lot: Decimal) -> Walk:
    """What an order of `size` (base, or quote when by budget) would get on the side that fills it."""
    buying = side is Side.BUY
    levels = book.asks if buying else book.bids
    if by_budget:
        return walk_book(levels, buying=buying, lot=lot, quote_budget=size)
    return walk_book(levels, buying=buying, lot=lot, quantity=Quantity(size))


def _compare(leg: Leg, side: Side, price: Decimal | None, trigger: Decimal | None, *, whole: bool) -> Outcome:
    """An incomplete walk bounds the price from its better side: enough for a stop that is beyond even so, never for a profit."""
    if price is None or trigger is None:
        return Outcome.THIN_BOOK
    if leg.role in PROTECTIVE:
        met = price <= trigger if side is Side.SELL else price >= trigger
    else:
        met = whole and (price >= trigger if side is Side.SELL else price <= trigger)
    if met:
        return Outcome.MET
    return Outcome.WAITING if whole else Outcome.THIN_BOOK


def next_best(leg: Leg, side: Side, price: Decimal | None, *, whole: bool) -> Decimal | None:
    """A trail's best price after this one: only the price for the whole size counts, and it only ever gets better."""
    if leg.role is not LegRole.TRAILING_STOP or price is None or not whole:
        return leg.best_price
    if leg.best_price is None:
        return price
    return max(leg.best_price, price) if side is Side.SELL else min(leg.best_price, price)


def trigger_of(leg: Leg, side: Side) -> Decimal | None:
    """The price that would meet the leg now; None for a time, and for a trail that has seen no price yet."""
    return _trigger(leg, leg.best_price, side)


def _trigger(leg: Leg, best: Decimal | None, side: Side) -> Decimal | None:
    if leg.role is not LegRole.TRAILING_STOP:
        return leg.trigger_price
    if best is None:
        return None
    room = leg.trail_amount
    if room is None:
        room = divide(multiply(best, Decimal(leg.trail_bps or 0)), BPS, Rounding.DOWN)
    return EXACT.subtract(best, room) if side is Side.SELL else EXACT.add(best, room)


def distance_bps(price: Decimal, trigger: Decimal, *, adverse: bool, side: Side) -> int:
    """How far `price` is from `trigger`, in whole basis points of the price, toward zero; negative once it is beyond."""
    falls = adverse is (side is Side.SELL)
    gap = EXACT.subtract(price, trigger) if falls else EXACT.subtract(trigger, price)
    return int(divide(multiply(gap, BPS), price, Rounding.DOWN))


def remaining(conditional: Conditional) -> Decimal:
    """What of the whole is neither done nor at work in an order: the pool all legs draw from, in the conditional's measure."""
    whole = conditional.budget if conditional.by_budget else conditional.quantity
    left = ZERO if whole is None else whole
    for leg in conditional.exits:
        used = leg.spent if conditional.by_budget else leg.filled
        at_work = leg.sent if leg.state is LegState.TRIGGERED else ZERO
        left = EXACT.subtract(left, EXACT.add(used, at_work))
    return max(left, ZERO)


def due_size(conditional: Conditional, leg: Leg, lot: Decimal) -> Decimal:
    """What the leg would emit now: its share less what it did, never more than what remains; whole lots of base."""
    whole = conditional.budget if conditional.by_budget else conditional.quantity
    if whole is None:
        return ZERO
    share = divide(multiply(whole, Decimal(leg.share_bps)), BPS, Rounding.DOWN)
    own = EXACT.subtract(share, leg.spent if conditional.by_budget else leg.filled)
    due = max(min(own, remaining(conditional)), ZERO)
    return due if conditional.by_budget else round_to_step(due, lot, Rounding.DOWN)


def require_sensible(command: ConditionalCommand, now: datetime, longest: timedelta) -> None:
    """Raises Denied with a code for what cannot be armed."""
    if not command.legs or len(command.legs) > MOST_LEGS:
        raise Denied("conditional_legs", most=str(MOST_LEGS))
    if command.enters and command.side is not Side.BUY:
        raise Denied("conditional_entry")
    if command.side is Side.SELL and command.size.kind in (SizeKind.QUOTE_AMOUNT, SizeKind.INITIALS):
        raise Denied("conditional_size")
    for leg in command.legs:
        _require_leg(leg, now, longest)
    for roles in (frozenset({LegRole.TAKE_PROFIT}), PROTECTIVE):
        if sum(leg.share_bps for leg in command.legs if leg.role in roles) > WHOLE_SHARE_BPS:
            raise Denied("conditional_shares")
    _require_order(command)


def _require_leg(leg: LegSpec, now: datetime, longest: timedelta) -> None:
    if not 0 < leg.share_bps <= WHOLE_SHARE_BPS:
        raise Denied("conditional_shares")
    figures = [one for one in (leg.trigger_price, leg.trail_amount, leg.limit_price) if one is not None]
    if any(not one.is_finite() or one <= 0 for one in figures):
        raise Denied("conditional_price")
    sound = {
        LegRole.STOP: leg.trigger_price is not None,
        LegRole.TAKE_PROFIT: leg.trigger_price is not None,
        LegRole.TRAILING_STOP: (leg.trail_bps is None) != (leg.trail_amount is None),
        LegRole.TIME_EXIT: leg.act_at is not None and now < leg.act_at <= now + longest,
    }.get(leg.role, False)
    if not sound:
        raise Denied("conditional_time" if leg.role is LegRole.TIME_EXIT else "conditional_price")
    if leg.trail_bps is not None and not 0 < leg.trail_bps < WHOLE_SHARE_BPS:
        raise Denied("conditional_price")


def _require_order(command: ConditionalCommand) -> None:
    """A stop and a profit that stand the wrong way round would both act at once."""
    selling = command.enters or command.side is Side.SELL
    stops = [leg.trigger_price for leg in command.legs if leg.role is LegRole.STOP and leg.trigger_price is not None]
    profits = [leg.trigger_price for leg in command.legs if leg.role is LegRole.TAKE_PROFIT and leg.trigger_price is not None]
    if not stops or not profits:
        return
    if (max(stops) >= min(profits)) if selling else (min(stops) <= max(profits)):
        raise Denied("conditional_prices_crossed")


def kind_of(legs: Sequence[LegSpec], *, enters: bool) -> ConditionalKind:
    """What a person calls these legs."""
    roles = {leg.role for leg in legs}
    if LegRole.TAKE_PROFIT in roles and roles & PROTECTIVE:
        return ConditionalKind.BRACKET if enters else ConditionalKind.OCO
    if LegRole.TAKE_PROFIT in roles:
        return ConditionalKind.TAKE_PROFIT
    if LegRole.TRAILING_STOP in roles:
        return ConditionalKind.TRAILING_STOP
    if LegRole.STOP in roles:
        return ConditionalKind.STOP_LIMIT if any(leg.limit_price is not None for leg in legs) else ConditionalKind.STOP
    return ConditionalKind.TIME_EXIT
