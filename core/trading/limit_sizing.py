"""Sizes of limit orders: how much, at which price on the tick grid, what is held for the worst case. Pure; called by the decision.

A limit order is sent with a quantity, whatever the size was said in: spending 100 USDT is what 100 USDT buy at the limit price with the
highest fees. So it never costs more than was said, and what better prices and lower fees leave goes back when it ends. The limit price is
rounded to the tick in the user's favor: down on a buy, up on a sell.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never

from core.fees.rules import BASIS, fee_units, spendable
from core.kernel.money import EXACT, Amount, Price, Quantity, Rounding, convert, divide, multiply, round_to_step
from core.market.rules import Walk, price_impact_bps, walk_book
from core.market.types import OrderBook
from core.risk.checks import text
from core.risk.types import SizedOrder, SizeProblem
from core.trading.sizing import Sizing, nothing_to_sell, share_of
from core.trading.types import SizeKind
from core.venues.types import RESTING, Side, TimeInForce

ZERO = Decimal(0)
NOTHING = Walk((), Quantity(ZERO), ZERO, None, exhausted=False)


@dataclass(frozen=True, slots=True)
class LimitTerms:
    """What makes it a limit order; `price` as said."""

    price: Decimal
    time_in_force: TimeInForce
    post_only: bool


def size_limit_order(sizing: Sizing, terms: LimitTerms) -> SizedOrder | SizeProblem:
    """The order, or why the size makes none. Whether it can be paid is for the risk chain."""
    try:
        return _size(sizing, terms)
    except ValueError:  # beyond what an amount can hold
        return SizeProblem("not_enough_depth", {"available": "0", "asset": sizing.instrument.base.symbol})


def meets(book: OrderBook, limit: Price, side: Side) -> bool:
    """Whether the book meets the limit price now: then a post-only order is refused by the venue."""
    if side is Side.BUY:
        return bool(book.asks) and book.asks[0].price <= limit
    return bool(book.bids) and book.bids[0].price >= limit


def rates_of(sizing: Sizing, terms: LimitTerms) -> tuple[int, int]:
    """Venue's and platform's fee in basis points, as high as they may become."""
    instrument = sizing.instrument
    venue = instrument.worst_fee_bps if terms.time_in_force in RESTING else instrument.taker_fee_bps
    return venue, sizing.platform_fee_bps


def _size(sizing: Sizing, terms: LimitTerms) -> SizedOrder | SizeProblem:
    instrument, buying = sizing.instrument, sizing.side is Side.BUY
    price = round_to_step(terms.price, instrument.tick, Rounding.DOWN if buying else Rounding.UP)
    if price == 0:
        return SizeProblem("limit_price_too_low", {"tick": text(instrument.tick), "asset": instrument.quote.symbol})
    wanted = (_bought if buying else _sold)(sizing, terms, price)
    if isinstance(wanted, SizeProblem):
        return wanted
    quantity = round_to_step(wanted, instrument.lot, Rounding.DOWN)
    if quantity == 0:
        params = {"minimum": text(instrument.minimum_notional), "notional": "0", "asset": instrument.quote.symbol}
        return SizeProblem("below_minimum_notional", params)
    return _sized(sizing, terms, Price(price), quantity)


def _bought(sizing: Sizing, terms: LimitTerms, price: Decimal) -> Decimal | SizeProblem:
    match sizing.size.kind:
        case SizeKind.BASE_QUANTITY:
            return sizing.size.value
        case SizeKind.QUOTE_AMOUNT:
            total = convert(sizing.size.value, sizing.instrument.quote, Rounding.DOWN)
        case SizeKind.PERCENT:
            total = share_of(sizing.available_quote, sizing.size.value)
        case SizeKind.INITIALS:
            return nothing_to_sell(sizing)
        case _ as unknown:
            assert_never(unknown)
    if total.units == 0:
        needed = text(sizing.instrument.minimum_notional)
        return SizeProblem("insufficient_funds", {"asset": total.asset.symbol, "available": "0", "needed": needed})
    budget = Amount(total.asset, spendable(total.units, *rates_of(sizing, terms))).to_decimal()
    return divide(budget, price, Rounding.DOWN)


def _sold(sizing: Sizing, terms: LimitTerms, price: Decimal) -> Decimal | SizeProblem:
    match sizing.size.kind:
        case SizeKind.BASE_QUANTITY:
            return sizing.size.value
        case SizeKind.PERCENT if sizing.available_base.units == 0:
            return nothing_to_sell(sizing)
        case SizeKind.PERCENT:
            return share_of(sizing.available_base, sizing.size.value).to_decimal()
        case SizeKind.INITIALS if sizing.position_cost.units == 0:
            return nothing_to_sell(sizing)
        case SizeKind.INITIALS:
            proceeds = sizing.position_cost.to_decimal()
        case SizeKind.QUOTE_AMOUNT:
            proceeds = sizing.size.value
        case _ as unknown:
            assert_never(unknown)
    gross = divide(multiply(proceeds, Decimal(BASIS)), Decimal(BASIS - sum(rates_of(sizing, terms))), Rounding.DOWN)
    return divide(gross, price, Rounding.DOWN)


def _sized(sizing: Sizing, terms: LimitTerms, limit: Price, quantity: Decimal) -> SizedOrder:
    instrument, buying = sizing.instrument, sizing.side is Side.BUY
    walk = _at_once(sizing, terms, limit, quantity)
    rates = rates_of(sizing, terms)
    worst = convert(multiply(quantity, limit.value), instrument.quote, Rounding.UP if buying else Rounding.DOWN).units
    worst_fees = sum(fee_units(worst, bps) for bps in rates)
    base = convert(quantity, instrument.base, Rounding.UP)
    notional = convert(walk.notional, instrument.quote, Rounding.UP if buying else Rounding.DOWN).units
    venue_fee, platform_fee = (fee_units(notional, bps) for bps in (instrument.taker_fee_bps, sizing.platform_fee_bps))
    fees = venue_fee + platform_fee
    levels = sizing.book.asks if buying else sizing.book.bids
    return SizedOrder(
        quantity=Quantity(quantity),
        quote_budget=None,
        limit_price=limit,
        hold=Amount(instrument.quote, worst + worst_fees) if buying else base,
        expected=walk,
        venue_fee=Amount(instrument.quote, venue_fee),
        platform_fee=Amount(instrument.quote, platform_fee),
        total=Amount(instrument.quote, notional + fees if buying else max(0, notional - fees)),
        minimum_received=base if buying else Amount(instrument.quote, max(0, worst - worst_fees)),
        price_impact_bps=0 if walk.average_price is None else price_impact_bps(walk.average_price, levels[0].price, buying=buying),
        beyond=Quantity(EXACT.subtract(quantity, walk.filled_quantity.value)),
    )


def _at_once(sizing: Sizing, terms: LimitTerms, limit: Price, quantity: Decimal) -> Walk:
    """What the book gives within the limit price now: nothing to a post-only order, all or nothing to fill-or-kill."""
    if terms.post_only:
        return NOTHING
    buying = sizing.side is Side.BUY
    levels = sizing.book.asks if buying else sizing.book.bids
    walk = walk_book(levels, buying=buying, lot=sizing.instrument.lot, quantity=Quantity(quantity), limit_price=limit)
    return NOTHING if terms.time_in_force is TimeInForce.FOK and walk.exhausted else walk
