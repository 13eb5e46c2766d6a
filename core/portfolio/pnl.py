"""A user's profit and worth in one currency of their choice, fees apart. Pure; called by the edges.

Values are converted by today's rates along known prices; what has none is named and left out of every sum it would belong to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal

from core.kernel.money import EXACT, multiply
from core.market.types import PriceSource
from core.portfolio.conversion import Mark, Rate, find_rate
from core.portfolio.types import Position

ZERO = Decimal(0)
_STEP = Decimal("1e-8")


@dataclass(frozen=True, slots=True)
class PnlLine:
    """A position in the report's currency. `unrealized` = `value` − cost; None where a price is missing, as `value` then.

    `realized` after fees and `fees` (all so far) are None where the instrument's own quote currency has no rate.
    """

    position: Position
    value: Decimal | None
    unrealized: Decimal | None
    realized: Decimal | None
    fees: Decimal | None
    seen_at: datetime | None = None
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PnlReport:
    """All lines and their sums in coins of `quote_symbol`. `missing` names currencies without a rate; what they touch is in no sum."""

    quote_symbol: str
    lines: tuple[PnlLine, ...]
    value: Decimal
    unrealized: Decimal
    realized: Decimal
    fees: Decimal
    missing: tuple[str, ...]
    seen_at: datetime | None
    sources: tuple[PriceSource, ...]


def pnl_report(positions: Sequence[Position], marks: Mapping[str, Mark], quote_symbol: str) -> PnlReport:
    """Every position in `quote_symbol`, in the order given. `seen_at` is of the oldest price used, `sources` are of all."""
    lines: list[PnlLine] = []
    missing: set[str] = set()
    used: list[Rate] = []
    for position in positions:
        base, own_quote = position.symbol.partition("/")[0], position.cost.asset.symbol
        money = find_rate(own_quote, quote_symbol, marks)
        coin = find_rate(base, quote_symbol, marks) if position.is_open else None
        missing |= {own_quote} if money is None else set()
        missing |= {base} if position.is_open and coin is None else set()
        used += [rate for rate in (money, coin) if rate is not None]
        lines.append(_line(position, money, coin))
    sources: dict[PriceSource, None] = dict.fromkeys(source for rate in used for source in rate.sources)
    return PnlReport(
        quote_symbol,
        tuple(lines),
        _sum([one.value for one in lines]),
        _sum([one.unrealized for one in lines]),
        _sum([one.realized for one in lines]),
        _sum([one.fees for one in lines]),
        tuple(sorted(missing)),
        min((rate.seen_at for rate in used if rate.seen_at is not None), default=None),
        tuple(sources),
    )


def _line(position: Position, money: Rate | None, coin: Rate | None) -> PnlLine:
    if money is None:
        return PnlLine(position, None, None, None, None)
    realized, fees = (_rounded(multiply(amount.to_decimal(), money.value)) for amount in (position.realized_pnl, position.fees))
    if coin is None:
        value = unrealized = None if position.is_open else ZERO
        return PnlLine(position, value, unrealized, realized, fees)
    value = _rounded(multiply(position.quantity, coin.value))
    cost = multiply(position.cost.to_decimal(), money.value)
    return PnlLine(position, value, _rounded(EXACT.subtract(value, cost)), realized, fees, coin.seen_at, coin.path)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_STEP, rounding=ROUND_FLOOR, context=EXACT)


def _sum(values: Sequence[Decimal | None]) -> Decimal:
    total = ZERO
    for value in values:
        total = total if value is None else EXACT.add(total, value)
    return total
