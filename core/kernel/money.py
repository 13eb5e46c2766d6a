"""Money as integers, prices and quantities as Decimals in types of their own.

Owns the only way from a Decimal to an `Amount` (`convert`). Pure; called everywhere. No float ever enters.
Source of the rules: docs/architecture.md, 'Money'.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, InvalidOperation

MAX_UNITS = 10**77
"""Exclusive bound of an amount's absolute value: what NUMERIC(78,0) holds with a digit to spare."""

EXACT = Context(prec=120, traps=[InvalidOperation])
"""Arithmetic wide enough that products of prices and quantities are exact."""


class Rounding(enum.Enum):
    """DOWN for what we owe, UP for what is held and for fees."""

    DOWN = "down"
    UP = "up"


@dataclass(frozen=True, slots=True)
class Asset:
    """One currency at one place, such as `paper:USDT`; `scale` is the number of decimals of its smallest unit."""

    code: str
    scale: int

    def __post_init__(self) -> None:
        if ":" not in self.code or not 0 <= self.scale <= 36:
            raise ValueError(f"an asset is place:symbol with a scale of 0 to 36, not {self.code!r}, {self.scale}")

    @property
    def place(self) -> str:
        """Where the asset lives: a venue (`paper`, `binance`) or a chain."""
        return self.code.partition(":")[0]

    @property
    def symbol(self) -> str:
        """What people call it: `USDT`."""
        return self.code.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Amount:
    """An integer count of an asset's smallest unit. Adding or comparing two assets is a TypeError-like mistake."""

    asset: Asset
    units: int

    def __post_init__(self) -> None:
        if type(self.units) is not int:
            raise TypeError(f"an amount counts whole units, not {type(self.units).__name__}")
        if abs(self.units) >= MAX_UNITS:
            raise ValueError("amount out of range")

    def _same(self, other: Amount) -> None:
        if self.asset != other.asset:
            raise ValueError(f"{self.asset.code} and {other.asset.code} do not mix")

    def __add__(self, other: Amount) -> Amount:
        self._same(other)
        return Amount(self.asset, self.units + other.units)

    def __sub__(self, other: Amount) -> Amount:
        self._same(other)
        return Amount(self.asset, self.units - other.units)

    def __lt__(self, other: Amount) -> bool:
        self._same(other)
        return self.units < other.units

    def __le__(self, other: Amount) -> bool:
        self._same(other)
        return self.units <= other.units

    def to_decimal(self) -> Decimal:
        """In whole coins, exact; for display and for sizing orders."""
        return Decimal(self.units).scaleb(-self.asset.scale, EXACT)

    @classmethod
    def zero(cls, asset: Asset) -> Amount:
        """Nothing of `asset`."""
        return cls(asset, 0)


@dataclass(frozen=True, slots=True, order=True)
class Price:
    """Quote currency for one unit of base. Positive and finite."""

    value: Decimal

    def __post_init__(self) -> None:
        if not isinstance(self.value, Decimal) or not self.value.is_finite() or self.value <= 0:
            raise ValueError(f"a price is a positive finite Decimal, not {self.value!r}")


@dataclass(frozen=True, slots=True, order=True)
class Quantity:
    """Size of an order or fill in base currency. Not negative, finite."""

    value: Decimal

    def __post_init__(self) -> None:
        if not isinstance(self.value, Decimal) or not self.value.is_finite() or self.value < 0:
            raise ValueError(f"a quantity is a finite Decimal of at least 0, not {self.value!r}")


def multiply(left: Decimal, right: Decimal) -> Decimal:
    """Exact product."""
    return EXACT.multiply(left, right)


def divide(numerator: Decimal, denominator: Decimal, rounding: Rounding) -> Decimal:
    """Quotient to 60 significant digits, rounded as said. ZeroDivisionError like Python's."""
    mode = ROUND_FLOOR if rounding is Rounding.DOWN else ROUND_CEILING
    return Context(prec=60, rounding=mode).divide(numerator, denominator)


def convert(value: Decimal, asset: Asset, rounding: Rounding) -> Amount:
    """The only way to an Amount: `value` whole coins of `asset`, rounded to its smallest unit as said.

    >>> convert(Decimal("0.015"), Asset("paper:X", 2), Rounding.DOWN).units
    1
    """
    if not isinstance(value, Decimal) or not value.is_finite():
        raise ValueError(f"only a finite Decimal converts to an amount, not {value!r}")
    scaled = value.scaleb(asset.scale, EXACT)
    mode = ROUND_FLOOR if rounding is Rounding.DOWN else ROUND_CEILING
    return Amount(asset, int(scaled.to_integral_value(rounding=mode)))


def basis_points(amount: Amount, bps: int, rounding: Rounding) -> Amount:
    """`bps` ten-thousandths of `amount`, in whole units."""
    product = amount.units * bps
    units = product // 10_000 if rounding is Rounding.DOWN else -(-product // 10_000)
    return Amount(amount.asset, units)


def round_to_step(value: Decimal, step: Decimal, rounding: Rounding) -> Decimal:
    """The nearest multiple of `step` (a venue's tick or lot) not above (DOWN) or not below (UP) `value`."""
    mode = ROUND_FLOOR if rounding is Rounding.DOWN else ROUND_CEILING
    count = Context(prec=120, rounding=mode, traps=[InvalidOperation]).divide(value, step)
    return multiply(count.to_integral_value(rounding=mode), step)


__all__ = [
    "EXACT",
    "MAX_UNITS",
    "Amount",
    "Asset",
    "Price",
    "Quantity",
    "Rounding",
    "basis_points",
    "convert",
    "divide",
    "multiply",
    "round_to_step",
]
