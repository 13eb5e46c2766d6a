"""Turns a size as said into an order with figures, at a book, balances and fees. Pure; called by the decision and the preview.

Spending 100 USDT spends at most 100, every fee included; a quantity is received exactly. What is held covers the worst case at the
protection price. The protection price is `slippage_bps` worse than the worst level that walking the book needs now: price impact is
shown, slippage is what the market may do between the decision and the fill.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never

from core.fees.rules import BASIS, fee_units, spendable
from core.kernel.money import EXACT, Amount, Price, Quantity, Rounding, convert, divide, multiply, round_to_step
from core.market.rules import Walk, price_impact_bps, walk_book
from core.market.types import Instrument, OrderBook
from core.risk.checks import text
from core.risk.types import SizedOrder, SizeProblem
from core.trading.types import OrderSize, SizeKind
from core.venues.types import Side

ZERO = Decimal(0)
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Sizing:
    """What a size is resolved against. `position_cost` is what was paid for the user's position, fees included."""

    side: Side
    size: OrderSize
    slippage_bps: int
    instrument: Instrument
    book: OrderBook
    available_base: Amount
    available_quote: Amount
    position_cost: Amount
    platform_fee_bps: int

    @property
    def rates(self) -> tuple[int, int]:
        """Venue's and platform's fee in basis points."""
        return self.instrument.taker_fee_bps, self.platform_fee_bps


def size_order(sizing: Sizing) -> SizedOrder | SizeProblem:
    """The order, or why the size makes none. Whether it can be paid is for the risk chain."""
    try:
        return _BY_SIDE[sizing.side](sizing)
    except ValueError:  # beyond what an amount can hold
        return SizeProblem("not_enough_depth", {"available": "0", "asset": sizing.instrument.base.symbol})


def _size_buy(sizing: Sizing) -> SizedOrder | SizeProblem:
    match sizing.size.kind:
        case SizeKind.QUOTE_AMOUNT:
            return _buy_for(sizing, convert(sizing.size.value, sizing.instrument.quote, Rounding.DOWN))
        case SizeKind.PERCENT:
            return _buy_for(sizing, share_of(sizing.available_quote, sizing.size.value))
        case SizeKind.BASE_QUANTITY:
            return _buy_exactly(sizing)
        case SizeKind.INITIALS:
            return nothing_to_sell(sizing)
        case _ as unknown:
            assert_never(unknown)


def _buy_for(sizing: Sizing, total: Amount) -> SizedOrder | SizeProblem:
    instrument = sizing.instrument
    if total.units == 0 and sizing.size.kind is SizeKind.PERCENT:
        needed = text(instrument.minimum_notional)
        return SizeProblem("insufficient_funds", {"asset": instrument.quote.symbol, "available": "0", "needed": needed})
    budget = Amount(instrument.quote, spendable(total.units, *sizing.rates)).to_decimal()
    walk = walk_book(sizing.book.asks, buying=True, lot=instrument.lot, quote_budget=budget)
    problem = _walk_problem(sizing, walk, walk.notional, instrument.quote.symbol)
    if problem is not None:
        return problem
    limit = _protection(sizing, walk)
    least = round_to_step(divide(budget, limit.value, Rounding.DOWN), instrument.lot, Rounding.DOWN)
    return _sized(sizing, walk, limit, None, budget, hold=total, minimum=convert(least, instrument.base, Rounding.DOWN))


def _buy_exactly(sizing: Sizing) -> SizedOrder | SizeProblem:
    instrument = sizing.instrument
    quantity = round_to_step(sizing.size.value, instrument.lot, Rounding.DOWN)
    walk = walk_book(sizing.book.asks, buying=True, lot=instrument.lot, quantity=Quantity(quantity))
    problem = _walk_problem(sizing, walk, walk.filled_quantity.value, instrument.base.symbol)
    if problem is not None:
        return problem
    limit = _protection(sizing, walk)
    worst = convert(multiply(quantity, limit.value), instrument.quote, Rounding.UP)
    hold = Amount(worst.asset, worst.units + sum(fee_units(worst.units, bps) for bps in sizing.rates))
    return _sized(sizing, walk, limit, quantity, None, hold=hold, minimum=convert(quantity, instrument.base, Rounding.DOWN))


def _size_sell(sizing: Sizing) -> SizedOrder | SizeProblem:
    match sizing.size.kind:
        case SizeKind.BASE_QUANTITY:
            return _sell(sizing, sizing.size.value)
        case SizeKind.PERCENT if sizing.available_base.units == 0:
            return nothing_to_sell(sizing)
        case SizeKind.PERCENT:
            return _sell(sizing, share_of(sizing.available_base, sizing.size.value).to_decimal())
        case SizeKind.QUOTE_AMOUNT:
            return _sell_for(sizing, sizing.size.value)
        case SizeKind.INITIALS if sizing.position_cost.units == 0:
            return nothing_to_sell(sizing)
        case SizeKind.INITIALS:
            return _sell_for(sizing, sizing.position_cost.to_decimal())
        case _ as unknown:
            assert_never(unknown)


def _sell_for(sizing: Sizing, proceeds: Decimal) -> SizedOrder | SizeProblem:
    gross = divide(multiply(proceeds, Decimal(BASIS)), Decimal(BASIS - sum(sizing.rates)), Rounding.DOWN)
    walk = walk_book(sizing.book.bids, buying=False, lot=sizing.instrument.lot, quote_budget=gross)
    problem = _walk_problem(sizing, walk, walk.notional, sizing.instrument.quote.symbol)
    return problem if problem is not None else _sell(sizing, walk.filled_quantity.value)


def _sell(sizing: Sizing, wanted: Decimal) -> SizedOrder | SizeProblem:
    instrument = sizing.instrument
    quantity = round_to_step(wanted, instrument.lot, Rounding.DOWN)
    walk = walk_book(sizing.book.bids, buying=False, lot=instrument.lot, quantity=Quantity(quantity))
    problem = _walk_problem(sizing, walk, walk.filled_quantity.value, instrument.base.symbol)
    if problem is not None:
        return problem
    limit = _protection(sizing, walk)
    worst = convert(multiply(quantity, limit.value), instrument.quote, Rounding.DOWN)
    least = max(0, worst.units - sum(fee_units(worst.units, bps) for bps in sizing.rates))
    hold = convert(quantity, instrument.base, Rounding.UP)
    return _sized(sizing, walk, limit, quantity, None, hold=hold, minimum=Amount(worst.asset, least))


def _sized(
    sizing: Sizing, walk: Walk, limit: Price, quantity: Decimal | None, budget: Decimal | None, *, hold: Amount, minimum: Amount
) -> SizedOrder:
    buying = sizing.side is Side.BUY
    notional = convert(walk.notional, sizing.instrument.quote, Rounding.UP if buying else Rounding.DOWN)
    venue_fee, platform_fee = (fee_units(notional.units, bps) for bps in sizing.rates)
    fees = venue_fee + platform_fee
    total = notional.units + fees if buying else max(0, notional.units - fees)
    best = (sizing.book.asks if buying else sizing.book.bids)[0].price
    return SizedOrder(
        quantity=None if quantity is None else Quantity(quantity),
        quote_budget=budget,
        limit_price=limit,
        hold=hold,
        expected=walk,
        venue_fee=Amount(notional.asset, venue_fee),
        platform_fee=Amount(notional.asset, platform_fee),
        total=Amount(notional.asset, total),
        minimum_received=minimum,
        price_impact_bps=price_impact_bps(walk.average_price or best, best, buying=buying),
    )


def _walk_problem(sizing: Sizing, walk: Walk, reached: Decimal, symbol: str) -> SizeProblem | None:
    if walk.exhausted:
        return SizeProblem("not_enough_depth", {"available": text(reached), "asset": symbol})
    if walk.filled_quantity.value > 0:
        return None
    instrument = sizing.instrument
    return SizeProblem(
        "below_minimum_notional", {"minimum": text(instrument.minimum_notional), "notional": "0", "asset": instrument.quote.symbol}
    )


def nothing_to_sell(sizing: Sizing) -> SizeProblem:
    """The user has none of the base asset, or paid nothing for it."""
    return SizeProblem("nothing_to_sell", {"asset": sizing.instrument.base.symbol})


def share_of(amount: Amount, percent: Decimal) -> Amount:
    """So many hundredths of an amount, rounded down."""
    share = divide(multiply(amount.to_decimal(), percent), HUNDRED, Rounding.DOWN)
    return convert(share, amount.asset, Rounding.DOWN)


def _protection(sizing: Sizing, walk: Walk) -> Price:
    """The worst price accepted, on the tick grid, never better than the worst level that is needed now."""
    worst, tick = walk.fills[-1].price.value, sizing.instrument.tick
    share = divide(Decimal(sizing.slippage_bps), Decimal(BASIS), Rounding.DOWN)
    moved = multiply(worst, share)
    if sizing.side is Side.BUY:
        return Price(max(worst, round_to_step(EXACT.add(worst, moved), tick, Rounding.DOWN)))
    lowest = round_to_step(EXACT.subtract(worst, moved), tick, Rounding.UP)
    return Price(min(worst, max(lowest, tick)) if lowest <= 0 else min(worst, lowest))


_BY_SIDE: dict[Side, Callable[[Sizing], SizedOrder | SizeProblem]] = {Side.BUY: _size_buy, Side.SELL: _size_sell}
