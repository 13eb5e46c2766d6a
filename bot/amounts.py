"""Numbers as people type them: `100`, `0.5`, `1,250.75`, `1.2k`, `$50`, `25%`. Pure; called by the grammar only.

Nothing but ASCII digits counts, no exponent, no sign, no lonely dot; a value is always positive and finite.
"""

from __future__ import annotations

import re
from decimal import Decimal

MAX_WHOLE_DIGITS = 18
MAX_DECIMALS = 18
_PLAIN = r"(?P<whole>0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.(?P<decimals>[0-9]+))?"
_NUMBER = re.compile(_PLAIN + r"(?P<thousand>[kK])?")
_THOUSAND = Decimal(1000)


def parse_number(text: str) -> Decimal | None:
    """The positive number a text says, or None.

    >>> parse_number("1,250.75"), parse_number("1.2k"), parse_number("1e3")
    (Decimal('1250.75'), Decimal('1200.0'), None)
    """
    found = _NUMBER.fullmatch(text) if len(text) <= 2 * (MAX_WHOLE_DIGITS + MAX_DECIMALS) else None
    if found is None:
        return None
    whole, decimals = found["whole"].replace(",", ""), found["decimals"] or "0"
    if len(whole) > MAX_WHOLE_DIGITS or len(decimals) > MAX_DECIMALS:
        return None
    value = Decimal(f"{whole}.{decimals}") if found["decimals"] else Decimal(whole)
    if found["thousand"]:
        value = value * _THOUSAND
    return value if value > 0 else None


def parse_percent(text: str) -> Decimal | None:
    """The number before a `%`, above 0 and at most 100, or None."""
    if not text.endswith("%") or text[-2:-1] in ("k", "K"):
        return None
    value = parse_number(text[:-1])
    return value if value is not None and value <= 100 else None
