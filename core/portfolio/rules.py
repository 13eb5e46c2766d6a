"""Average cost, realized and unrealized profit, in whole quote units. Pure; called by the portfolio service and the edges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from core.kernel.money import EXACT, Amount, Asset, Rounding, convert, divide, multiply
from core.portfolio.types import PortfolioValue, Position, PositionValue

ZERO = Decimal(0)


def bought(position: Position, quantity: Decimal, notional: Amount, fees: Amount) -> Position:
    """The position after a buy: what was paid, fees included, is its cost."""
    return Position(
        position.user_id,
        position.venue,
        position.symbol,
        EXACT.add(position.quantity, quantity),
        position.cost + notional + fees,
        position.realized_pnl,
        position.fees + fees,
    )


def sold(position: Position, quantity: Decimal, notional: Amount, fees: Amount) -> tuple[Position, Amount]:
    """The position after a sell and what it realized after fees.

    The cost leaves in proportion, rounded up, all of it with the last coin. What is sold beyond the position (it came in another way)
    has no known cost: its share of the proceeds is not counted as profit.
    """
    covered = min(quantity, position.quantity)
    cost_out = _cost_share(position, covered)
    net = notional - fees
    proceeds = net if covered == quantity else Amount(net.asset, _proportion(net.units, covered, quantity))
    realized = proceeds - cost_out if covered > 0 else Amount.zero(net.asset)
    after = Position(
        position.user_id,
        position.venue,
        position.symbol,
        EXACT.subtract(position.quantity, covered),
        position.cost - cost_out,
        position.realized_pnl + realized,
        position.fees + fees,
    )
    return after, realized


def average_cost(position: Position) -> Decimal | None:
    """Quote coins paid for one base coin, fees included, to 12 decimals; None when nothing is held."""
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


def _cost_share(position: Position, quantity: Decimal) -> Amount:
    if quantity == position.quantity:
        return position.cost
    return Amount(position.cost.asset, _proportion(position.cost.units, quantity, position.quantity))


def _proportion(units: int, part: Decimal, whole: Decimal) -> int:
    """`units` × part ÷ whole, rounded up; 0 for a whole of nothing."""
    if whole == ZERO:
        return 0
    share = divide(multiply(Decimal(units), part), whole, Rounding.UP)
    return int(share.to_integral_value(rounding="ROUND_CEILING"))
