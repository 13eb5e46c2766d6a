"""Pure decisions about markets: what walking a book gives, how far that moves the price, which instrument a person means.

Called by the paper venue, previews, the risk chain and the chat's parser. Exact Decimals; no clock, no I/O, no float.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal

from core.kernel.money import EXACT, Price, Quantity, Rounding, divide, multiply, round_to_step
from core.market.types import Level

ZERO = Decimal(0)
_UP = Context(prec=60, rounding=ROUND_CEILING)
PREFERRED_QUOTE = "USDT"


@dataclass(frozen=True, slots=True)
class Walk:
    """What a market order would get. `fills` has one entry a level, best first; their sums are the other figures, exact.

    `average_price` is notional over quantity to 60 digits, rounded down; None when nothing fills. `exhausted` is True when the
    levels within the limit price gave less than was asked for; a rest of a quote budget smaller than one lot is not that.
    """

    fills: tuple[Level, ...]
    filled_quantity: Quantity
    notional: Decimal
    average_price: Price | None
    exhausted: bool


def walk_book(
    levels: Sequence[Level],
    *,
    buying: bool,
    lot: Decimal,
    quantity: Quantity | None = None,
    quote_budget: Decimal | None = None,
    limit_price: Price | None = None,
) -> Walk:
    """Takes level after level until `quantity` base coins are filled or `quote_budget` quote coins are used.

    `levels` are the asks (lowest first) when `buying`, else the bids (highest first). Nothing fills beyond `limit_price`.
    The share of the level at which a budget ends is rounded down to `lot`; whole levels are taken as they stand.
    Raises ValueError unless exactly one of `quantity` and `quote_budget` is given, for a negative budget or a lot that is not positive.
    """
    if (quantity is None) == (quote_budget is None) or lot <= 0 or (quote_budget is not None and quote_budget < 0):
        raise ValueError("walking a book needs a positive lot and either a quantity or a quote budget")
    reachable = _within_limit(levels, limit_price, buying=buying)
    if quantity is not None:
        fills, complete = _take_quantity(reachable, quantity.value)
    else:
        fills, complete = _take_budget(reachable, quote_budget if quote_budget is not None else ZERO, lot)
    return _walk(fills, exhausted=not complete)


def _within_limit(levels: Sequence[Level], limit_price: Price | None, *, buying: bool) -> Iterable[Level]:
    for level in levels:
        if limit_price is not None and (level.price > limit_price if buying else level.price < limit_price):
            return
        if level.quantity.value > 0:
            yield level


def _take_quantity(levels: Iterable[Level], wanted: Decimal) -> tuple[list[Level], bool]:
    """The fills, and whether all of `wanted` came."""
    fills: list[Level] = []
    remaining = wanted
    if remaining == 0:
        return fills, True
    for level in levels:
        taken = min(level.quantity.value, remaining)
        fills.append(Level(level.price, Quantity(taken)))
        remaining = EXACT.subtract(remaining, taken)
        if remaining == 0:
            return fills, True
    return fills, False


def _take_budget(levels: Iterable[Level], budget: Decimal, lot: Decimal) -> tuple[list[Level], bool]:
    """The fills, and whether the budget is used up to less than a lot at the level where it ends."""
    fills: list[Level] = []
    remaining = budget
    if remaining == 0:
        return fills, True
    for level in levels:
        cost = multiply(level.price.value, level.quantity.value)
        if cost > remaining:
            share = round_to_step(divide(remaining, level.price.value, Rounding.DOWN), lot, Rounding.DOWN)
            return ([*fills, Level(level.price, Quantity(share))] if share > 0 else fills), True
        fills.append(level)
        remaining = EXACT.subtract(remaining, cost)
        if remaining == 0:
            return fills, True
    return fills, False


def _walk(fills: list[Level], *, exhausted: bool) -> Walk:
    filled = notional = ZERO
    for fill in fills:
        filled = EXACT.add(filled, fill.quantity.value)
        notional = EXACT.add(notional, multiply(fill.price.value, fill.quantity.value))
    average = Price(divide(notional, filled, Rounding.DOWN)) if filled > 0 else None
    return Walk(tuple(fills), Quantity(filled), notional, average, exhausted)


def price_impact_bps(average: Price, reference: Price, *, buying: bool) -> int:
    """How much worse than `reference` (the best price or the mid) the average is, in whole basis points, rounded up, at least 0."""
    worse = EXACT.subtract(average.value, reference.value) if buying else EXACT.subtract(reference.value, average.value)
    if worse <= 0:
        return 0
    return int(_UP.divide(multiply(worse, Decimal(10_000)), reference.value).to_integral_value(rounding=ROUND_CEILING))


def resolve_symbol(text: str, symbols: Iterable[str]) -> str | None:
    """Which of `symbols` (`BTC/USDT` …) a person means by `btc`, `BTCUSDT`, `btc-usdt`, `btc_usdt` or `BTC/USDT`; None where unclear.

    A bare base means its pair against USDT, else its only pair. Look-alike letters of other scripts match nothing.
    """
    wanted = text.strip()
    if not wanted.isascii() or not wanted:
        return None
    wanted = wanted.upper().replace("-", "/").replace("_", "/")
    known = list(dict.fromkeys(symbols))
    if "/" in wanted:
        return wanted if wanted in known else None
    joined = [symbol for symbol in known if symbol.replace("/", "") == wanted]
    by_base = [symbol for symbol in known if symbol.partition("/")[0] == wanted]
    preferred = f"{wanted}/{PREFERRED_QUOTE}"
    if preferred in by_base:
        by_base = [preferred]
    found = joined + by_base
    return found[0] if len(found) == 1 else None
