"""Figures as people read them: thousands separators, no exponent, sensible digits, never rounded up for what a user gets. Pure."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal

DECIMALS = 8
SMALL_DIGITS = 4
PRICE_DIGITS = 8
_WIDE = 120
_ZERO = Decimal(0)


def amount(text: str, *, up: bool = False) -> str:
    """A figure of whole coins to 8 decimals (very small ones to 4 digits), cut, or rounded `up` where a user pays.

    >>> amount("1234.50"), amount("0.000000001234567")
    ('1,234.5', '0.000000001234')
    """
    value = Decimal(text)
    places = DECIMALS
    if value != 0 and value.copy_abs() < Decimal(1).scaleb(-(DECIMALS - SMALL_DIGITS)):
        places = max(DECIMALS, SMALL_DIGITS - 1 - value.adjusted())
    return _show(value, places, ROUND_CEILING if up else ROUND_FLOOR)


def price(text: str) -> str:
    """A price to about eight significant digits, at least two decimals where it has any."""
    value = Decimal(text)
    places = max(2, PRICE_DIGITS - 1 - (value.adjusted() if value else 0))
    return _show(value, places, ROUND_HALF_EVEN)


def signed(text: str) -> str:
    """A profit or loss with its sign, two decimals at least where it has any, rounded down (a loss is never made smaller)."""
    value = Decimal(text)  # copy_abs below, for abs() rounds to 28 digits
    shown = _show(value.copy_abs(), 2 if value.copy_abs() >= 1 else DECIMALS, ROUND_FLOOR if value >= 0 else ROUND_CEILING)
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{shown}"


def percent(text: str) -> str:
    """Per cent to two decimals with a sign."""
    return f"{signed(str(Decimal(text).quantize(Decimal('0.01'), rounding=ROUND_FLOOR)))} %"


def basis_points(bps: int) -> str:
    """12 → 0.12 %."""
    return f"{_show(Decimal(bps).scaleb(-2), 2, ROUND_CEILING)} %"


def basis_points_of(text: str) -> str:
    """The same for a figure with decimals: "1.25" → 0.0125 %."""
    return f"{_show(Decimal(text).scaleb(-2), 4, ROUND_CEILING)} %"


def when(iso: str) -> str:
    """A time as `2024-08-08 12:34:56 UTC`; what is no time is shown as nothing."""
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return ""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def age(milliseconds: int) -> str:
    """How old a price is: `0.4 s`, `12 s`, `3 min`."""
    if milliseconds < 10_000:
        return f"{Decimal(max(0, milliseconds)).scaleb(-3).quantize(Decimal('0.1'))} s"
    if milliseconds < 120_000:
        return f"{milliseconds // 1000} s"
    return f"{milliseconds // 60_000} min"


def _show(value: Decimal, places: int, mode: str) -> str:
    if not value.is_finite():
        raise ValueError("only finite figures are shown")
    context = Context(prec=_WIDE, rounding=mode)
    rounded = value.quantize(Decimal(1).scaleb(-places), context=context)
    whole, _, decimals = f"{rounded:,f}".partition(".")
    decimals = decimals.rstrip("0")
    if rounded == _ZERO:
        return "0"
    return f"{whole}.{decimals}" if decimals else whole
