"""What the checks of limits have in common: which order leaves, which figures a verdict carries. Pure; called by the checks only."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from core.kernel.money import EXACT, Rounding, divide, multiply
from core.risk.checks import text
from core.risk.limits import Limit
from core.risk.types import RiskContext, Verdict
from core.venues.types import Side

BASIS = Decimal(10_000)
_SHOWN = Decimal(1).scaleb(-8)
_MORE_THAN_EVERYTHING = 10**9


def is_exit(context: RiskContext) -> bool:
    """Whether the order leaves a position: nothing is lent here, so what can be sold is there, and a sell only makes it less."""
    return context.side is Side.SELL


def limit_inputs(limit: Limit | None) -> dict[str, Any]:
    """Which limit was in force, and who said so; for the verdict's inputs."""
    return {"limit": None if limit is None else text(limit.value), "limit_of": None if limit is None else limit.scope}


def unsized(check: str, context: RiskContext) -> Verdict:
    """The verdict on an order without figures: the rules of its instrument denied it, or nothing is known of it."""
    return Verdict(check, {}, "unknown_instrument", {"symbol": context.symbol, "venue": context.venue})


def floor_coins(value: Decimal) -> Decimal:
    """To the eighth decimal, down: what may be promised."""
    return value.quantize(_SHOWN, rounding=ROUND_FLOOR, context=EXACT)


def share_bps(part: Decimal, whole: Decimal) -> int:
    """`part` of a positive `whole` in whole basis points, rounded up."""
    share = divide(multiply(part, BASIS), whole, Rounding.UP)
    return int(min(share, Decimal(_MORE_THAN_EVERYTHING)).to_integral_value(rounding=ROUND_CEILING))


def milliseconds(span: timedelta) -> int:
    """Whole milliseconds."""
    return span // timedelta(milliseconds=1)
