"""What the paper exchange does with an order: walks the book, fills at each level, charges its fee. Pure.

The fee is a share of the order's running notional, rounded up to the quote's smallest unit; a fill is charged the step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from core.kernel.money import EXACT, Amount, Price, Quantity, Rounding, basis_points, convert, multiply, round_to_step
from core.market.rules import walk_book
from core.market.types import Instrument, Level, OrderBook
from core.venues.types import OrderRequest, Side, VenueOrderState


@dataclass(frozen=True, slots=True)
class PlannedFill:
    """One execution to come at `executed_at`; `fee` in quote coins."""

    price: Price
    quantity: Quantity
    fee: Decimal
    executed_at: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """An order's whole life at the exchange: its fills, and how it ends at `closes_at`."""

    fills: tuple[PlannedFill, ...]
    final_state: VenueOrderState
    closes_at: datetime


def plan_execution(request: OrderRequest, book: OrderBook, now: datetime) -> Plan:
    """Immediate or cancel: what the book gives within the limit price, at once. An exhausted book leaves a rest: EXPIRED."""
    buying = request.side is Side.BUY
    walk = walk_book(
        book.asks if buying else book.bids,
        buying=buying,
        lot=request.instrument.lot,
        quantity=request.quantity,
        quote_budget=request.quote_budget,
        limit_price=request.limit_price,
    )
    state = VenueOrderState.EXPIRED if walk.exhausted or not walk.fills else VenueOrderState.FILLED
    return Plan(charge(walk.fills, request.instrument, now), state, now)


def charge(levels: tuple[Level, ...], instrument: Instrument, at: datetime) -> tuple[PlannedFill, ...]:
    """Fills with the fee of each: the step of the order's running fee."""
    quote = instrument.quote
    fills: list[PlannedFill] = []
    notional, charged = Decimal(0), 0
    for level in levels:
        notional = EXACT.add(notional, multiply(level.price.value, level.quantity.value))
        total = basis_points(convert(notional, quote, Rounding.UP), instrument.taker_fee_bps, Rounding.UP).units
        fills.append(PlannedFill(level.price, level.quantity, Amount(quote, total - charged).to_decimal(), at))
        charged = total
    return tuple(fills)


def rest_later(plan: Plan, instrument: Instrument, rest_for: timedelta) -> Plan:
    """The same executions, the second half of them later; a single fill is divided in two."""
    if not plan.fills:
        return plan
    levels = [Level(fill.price, fill.quantity) for fill in plan.fills]
    if len(levels) == 1:
        levels = _divide(levels[0], instrument.lot)
    now = plan.fills[0].executed_at
    later = now + rest_for
    charged = charge(tuple(levels), instrument, now)
    half = max(1, len(charged) // 2)
    fills = tuple(fill if place < half else replace(fill, executed_at=later) for place, fill in enumerate(charged))
    return Plan(fills, plan.final_state, later if len(fills) > half else plan.closes_at)


def _divide(level: Level, lot: Decimal) -> list[Level]:
    first = round_to_step(multiply(level.quantity.value, Decimal("0.5")), lot, Rounding.DOWN)
    if first == 0:
        return [level]
    rest = EXACT.subtract(level.quantity.value, first)
    return [Level(level.price, Quantity(first)), Level(level.price, Quantity(rest))]
