"""What the paper exchange does with an order that arrives: walks the book, fills at each level, lets the rest wait or end. Pure.

The fee is the order's notional as taker and as maker, each at its rate, summed exactly and rounded up once to the quote's smallest unit; a
fill is charged the step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.adapters.venues.paper.queueing import queue_at
from core.kernel.money import EXACT, Amount, Asset, Price, Quantity, Rounding, convert, multiply, round_to_step
from core.market.rules import Walk, walk_book
from core.market.types import Instrument, Level, OrderBook
from core.venues.types import RESTING, OrderRequest, Side, TimeInForce, VenueOrderState

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""When an order without a date closes by itself."""
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class PlannedFill:
    """One execution to come at `executed_at`; `fee` in quote coins."""

    price: Price
    quantity: Quantity
    fee: Decimal
    executed_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is left of an order in the exchange's book: `queue_ahead` stands before it at its price (None: its level is not in sight),
    `taken` is what it took of what stands on the other side."""

    remaining: Decimal
    queue_ahead: Decimal | None
    taken: Decimal


@dataclass(frozen=True, slots=True)
class Plan:
    """An order's whole life at the exchange as far as it is known: its fills, how it ends at `closes_at`, and what waits until then."""

    fills: tuple[PlannedFill, ...]
    final_state: VenueOrderState
    closes_at: datetime
    reason: str = ""
    waiting: Waiting | None = None


def plan_execution(request: OrderRequest, book: OrderBook, now: datetime) -> Plan:
    """What the book gives within the limit price, at once. The rest waits where it may, else the order ends as EXPIRED.

    All or nothing for fill-or-kill. An exhausted book leaves a rest.
    """
    buying = request.side is Side.BUY
    walk = walk_book(
        book.asks if buying else book.bids,
        buying=buying,
        lot=request.instrument.lot,
        quantity=request.quantity,
        quote_budget=request.quote_budget,
        limit_price=request.limit_price,
    )
    left = walk.exhausted or not walk.fills
    if left and request.time_in_force is TimeInForce.FOK:
        return Plan((), VenueOrderState.EXPIRED, now, "not_whole")
    fills = charge(walk.fills, request.instrument, now)
    if left and request.time_in_force in RESTING:
        return Plan(fills, VenueOrderState.EXPIRED, request.expires_at or NEVER, waiting=_waiting(request, walk, book))
    return Plan(fills, VenueOrderState.EXPIRED if left else VenueOrderState.FILLED, now)


def would_take(request: OrderRequest, book: OrderBook) -> bool:
    """Whether any of the order would fill at once."""
    levels = book.asks if request.side is Side.BUY else book.bids
    if not levels:
        return False
    best = levels[0].price
    return best <= request.limit_price if request.side is Side.BUY else best >= request.limit_price


def _waiting(request: OrderRequest, walk: Walk, book: OrderBook) -> Waiting:
    ordered = ZERO if request.quantity is None else request.quantity.value
    filled = walk.filled_quantity.value
    return Waiting(EXACT.subtract(ordered, filled), queue_at(book, request.side, request.limit_price), filled)


def charge(levels: Sequence[Level], instrument: Instrument, at: datetime) -> tuple[PlannedFill, ...]:
    """Fills as taker with the fee of each: the step of the order's running fee."""
    fills: list[PlannedFill] = []
    weighted, charged = ZERO, 0
    for level in levels:
        weighted = EXACT.add(weighted, weigh(level.price.value, level.quantity.value, instrument.taker_fee_bps))
        total = fee_of(weighted, instrument.quote).units
        fills.append(PlannedFill(level.price, level.quantity, Amount(instrument.quote, total - charged).to_decimal(), at))
        charged = total
    return tuple(fills)


def weigh(price: Decimal, quantity: Decimal, bps: int) -> Decimal:
    """A fill's share in the fee, in ten-thousandths of a quote coin, exact."""
    return multiply(multiply(price, quantity), Decimal(bps))


def fee_of(weighted: Decimal, quote: Asset) -> Amount:
    """The fee of all fills together: their weights summed, rounded up once."""
    return convert(weighted.scaleb(-4, EXACT), quote, Rounding.UP)


def rest_later(plan: Plan, instrument: Instrument, rest_for: timedelta) -> Plan:
    """The same executions, the second half of them later; a single fill is divided in two. A plan that waits stays as it is."""
    if not plan.fills or plan.waiting is not None:
        return plan
    levels = [Level(fill.price, fill.quantity) for fill in plan.fills]
    if len(levels) == 1:
        levels = _divide(levels[0], instrument.lot)
    now = plan.fills[0].executed_at
    later = now + rest_for
    charged = charge(levels, instrument, now)
    half = max(1, len(charged) // 2)
    fills = tuple(fill if place < half else replace(fill, executed_at=later) for place, fill in enumerate(charged))
    return replace(plan, fills=fills, closes_at=later if len(fills) > half else plan.closes_at)


def _divide(level: Level, lot: Decimal) -> list[Level]:
    first = round_to_step(multiply(level.quantity.value, Decimal("0.5")), lot, Rounding.DOWN)
    if first == 0:
        return [level]
    rest = EXACT.subtract(level.quantity.value, first)
    return [Level(level.price, Quantity(first)), Level(level.price, Quantity(rest))]
