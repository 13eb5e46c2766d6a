"""Positions after fills, average cost, realized and unrealized profit, in whole quote units. Pure; called by the service and the edges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from core.kernel.money import EXACT, Amount, Asset, Rounding, convert, divide, multiply
from core.portfolio.types import Closure, FillPart, PortfolioValue, Position, PositionValue


def whole_of(parts: Sequence[FillPart], quantity: Decimal, notional: Amount, fees: Amount) -> tuple[FillPart, ...]:
    """The fills a change consists of; one nameless fill where none are told. ValueError where they do not add up to the change."""
    if not parts:
        return (FillPart("", quantity, notional, fees),)
    told = Decimal(0)
    for part in parts:
        told = EXACT.add(told, part.quantity)
    same = told == quantity and sum(part.notional.units for part in parts) == notional.units
    if not same or sum(part.fees.units for part in parts) != fees.units:
        raise ValueError("the fills do not add up to what is booked")
    return tuple(parts)


def bought(position: Position, quantity: Decimal, notional: Amount, fees: Amount) -> Position:
    """The position after a buy: what was paid, fees included, is its cost."""
    return replace(
        position,
        quantity=EXACT.add(position.quantity, quantity),
        cost=position.cost + notional + fees,
        fees=position.fees + fees,
    )


def sold(position: Position, closures: Sequence[Closure]) -> tuple[Position, Amount]:
    """The position after a sale and what it realized after fees.

    The cost of the lots it closed leaves the position. Pieces without a known cost leave the position as it is and make no profit.
    """
    realized, fees, cost, quantity = Amount.zero(position.cost.asset), position.fees, position.cost, position.quantity
    for piece in closures:
        fees = fees + piece.fees
        if piece.cost is not None:
            realized, cost = realized + piece.realized, cost - piece.cost
            quantity = EXACT.subtract(quantity, piece.quantity)
    after = replace(position, quantity=quantity, cost=cost, realized_pnl=position.realized_pnl + realized, fees=fees)
    return after, realized


def average_cost(position: Position) -> Decimal | None:
    """Quote coins paid for one base coin that is held, fees included, to 12 decimals; None when nothing is held."""
    if position.quantity == 0:
        return None
    average = divide(position.cost.to_decimal(), position.quantity, Rounding.UP)
    return average.quantize(Decimal("1e-12"), context=EXACT)


def value_portfolio(positions: Sequence[Position], prices: Mapping[str, Decimal], quote: Asset) -> PortfolioValue:
    """Values the positions of one quote asset at `prices` (quote a base, by symbol), rounded down."""
    valued = tuple(_value(position, prices.get(position.symbol)) for position in positions if position.cost.asset == quote)
    value = unrealized = realized = Amount.zero(quote)
    for one in valued:
        realized = realized + one.position.realized_pnl
        if one.value is not None and one.unrealized_pnl is not None:
            value, unrealized = value + one.value, unrealized + one.unrealized_pnl
    unpriced = tuple(one.position.symbol for one in valued if one.value is None and one.position.is_open)
    return PortfolioValue(valued, value, unrealized, realized, unpriced)


def _value(position: Position, price: Decimal | None) -> PositionValue:
    if price is None:
        return PositionValue(position, None, None, None)
    value = convert(multiply(position.quantity, price), position.cost.asset, Rounding.DOWN)
    return PositionValue(position, price, value, value - position.cost)
