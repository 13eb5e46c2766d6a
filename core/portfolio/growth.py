"""What an account is worth at an hour, and how it grew without what was put in or taken out. Pure; called by snapshots.

Growth is time-weighted: the growth of each stretch, multiplied. A stretch's is its gain over what was invested on average in it
(modified Dietz: what came in counts for the part of the stretch in which it was there), so a deposit alone changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal

from core.kernel.money import EXACT, Amount, Asset, Rounding, divide, multiply
from core.portfolio.conversion import Mark, Rate, find_rate

ZERO = Decimal(0)
ONE = Decimal(1)
_STEP = Decimal("1e-18")
_MOST = Decimal("1e12")
"""Growth beyond this is no growth but a first cent; it is kept within what the column holds."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a user's account at a venue was worth at `taken_at`, in coins of `quote_symbol`. See the table for the fields."""

    user_id: int
    venue: str
    taken_at: datetime
    quote_symbol: str
    value: Decimal
    flow: Decimal
    growth: Decimal
    unpriced: tuple[str, ...] = ()
    priced_at: datetime | None = None

    @property
    def complete(self) -> bool:
        """Everything held had a price."""
        return not self.unpriced


@dataclass(frozen=True, slots=True)
class Moved:
    """Units that came from outside (or left, negative) at a moment: no trade, no fee."""

    asset: Asset
    units: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Worth:
    """Balances in one currency."""

    value: Decimal
    unpriced: tuple[str, ...]
    priced_at: datetime | None


class Rates:
    """Rates into one currency, each looked up once."""

    def __init__(self, quote: str, marks: Mapping[str, Mark]) -> None:
        self._quote, self._marks = quote, marks
        self._known: dict[str, Rate | None] = {}

    def of(self, currency: str) -> Rate | None:
        """The rate, or None where no prices lead there."""
        if currency not in self._known:
            self._known[currency] = find_rate(currency, self._quote, self._marks)
        return self._known[currency]


def worth(balances: Mapping[Asset, int], rates: Rates) -> Worth:
    """All balances that have a price, together, rounded down; which had none, and how old the oldest price is."""
    value, unpriced, oldest = ZERO, [], None
    for asset, units in balances.items():
        if units == 0:
            continue
        rate = rates.of(asset.symbol)
        if rate is None:
            unpriced.append(asset.symbol)
            continue
        value = EXACT.add(value, multiply(Amount(asset, units).to_decimal(), rate.value))
        oldest = min((at for at in (oldest, rate.seen_at) if at is not None), default=None)
    return Worth(_rounded(value), tuple(sorted(unpriced)), oldest)


def next_snapshot(before: Snapshot | None, now: Snapshot, moved: Sequence[Moved], rates: Rates) -> Snapshot:
    """`now` with its flow and growth. `before` is the last complete one, `moved` what came and went since.

    Nothing is measured over a gap in prices or a change of currency: growth stays what it was, and the next stretch begins here.
    """
    if before is None:
        return replace(now, flow=ZERO, growth=ONE)
    valued = [(_valued(one, rates), one.at) for one in moved]
    flow = _total(value for value, _ in valued if value is not None)
    if not now.complete or before.quote_symbol != now.quote_symbol or any(value is None for value, _ in valued):
        return replace(now, flow=_rounded(flow), growth=before.growth)
    stretch = now.taken_at - before.taken_at
    weighted = _total(multiply(value, _left(at, now.taken_at, stretch)) for value, at in valued if value is not None)
    gain = EXACT.subtract(EXACT.subtract(now.value, before.value), flow)
    factor = _factor(gain, EXACT.add(before.value, weighted))
    return replace(now, flow=_rounded(flow), growth=min(_rounded(multiply(before.growth, factor)), _MOST))


def _factor(gain: Decimal, invested: Decimal) -> Decimal:
    if invested <= 0:
        return ONE
    return max(ZERO, EXACT.add(ONE, divide(gain, invested, Rounding.DOWN)))


def _valued(one: Moved, rates: Rates) -> Decimal | None:
    rate = rates.of(one.asset.symbol)
    return None if rate is None else multiply(Amount(one.asset, one.units).to_decimal(), rate.value)


def _left(at: datetime, end: datetime, stretch: timedelta) -> Decimal:
    """The part of the stretch that was left at `at`, from 0 to 1."""
    microsecond = timedelta(microseconds=1)
    return divide(Decimal(max(0, (end - at) // microsecond)), Decimal(stretch // microsecond), Rounding.DOWN)


def _total(values: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for value in values:
        total = EXACT.add(total, value)
    return total


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_STEP, rounding=ROUND_FLOOR, context=EXACT)


def total_return(snapshots: Sequence[Snapshot]) -> Decimal | None:
    """Time-weighted return from the first to the last of them (0.1 is 10 %); None where there is nothing to compare."""
    if len(snapshots) < 2 or snapshots[0].growth == 0:
        return None
    return EXACT.subtract(divide(snapshots[-1].growth, snapshots[0].growth, Rounding.DOWN), ONE).quantize(_STEP, context=EXACT)
