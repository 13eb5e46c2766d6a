"""Limits: their names, what they are by default, and which value is in force for an order. Pure; called by the service and the checks.

Scopes from wide to narrow: global, venue, tier, user, order. A narrower scope wins only where it is stricter, unless an operator marked it
as a raise; an order never raises (docs/decisions/0007-limits.md). Every limit is a maximum: less is stricter. A default is code: a row of
the same scope and name replaces it.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.kernel.money import Rounding, divide, multiply

GLOBAL = "global"
ORDER = "order"
STANDARD_TIER = "standard"
EVERYTHING_BPS = Decimal(10_000)
"""A share of a hundred per cent limits nothing."""
REFERENCE_VOLATILITY_BPS = 500
"""A day's move for which the limits are set as they stand."""
MOST_SCALED = 4
"""However wild the market, a limit is at most so many times tighter or wider."""
_SCOPE = re.compile(r"global|(venue|tier):[a-z0-9_-]{1,32}|user:[0-9]{1,18}")
_QUOTE = re.compile(r"[A-Z0-9]{1,16}")


class Unit(enum.Enum):
    """What a limit counts. COINS are whole coins of one quote asset, named in the limit: `exposure:USDT`."""

    COUNT = "orders"
    BPS = "bps"
    COINS = "coins"


class Scaling(enum.Enum):
    """What a market that moves more than the reference does to a limit."""

    NONE = "none"
    TIGHTENS = "tightens"
    WIDENS = "widens"


@dataclass(frozen=True, slots=True)
class Kind:
    """A limit that exists: what it means, in words for operators."""

    unit: Unit
    meaning: str
    scaling: Scaling = Scaling.NONE


@dataclass(frozen=True, slots=True)
class Limit:
    """A value at a scope. `raises`: an operator meant it to be wider than what wider scopes say."""

    scope: str
    name: str
    value: Decimal
    raises: bool = False


KINDS: Mapping[str, Kind] = {
    "orders_per_minute": Kind(Unit.COUNT, "orders sent within a minute, over all venues"),
    "exits_per_minute": Kind(Unit.COUNT, "the same for sells: a cap against runaways, not against leaving"),
    "in_flight": Kind(Unit.COUNT, "orders open at once, over all venues"),
    "exits_in_flight": Kind(Unit.COUNT, "the same for sells"),
    "buy_impact_bps": Kind(Unit.BPS, "how far a buy may move the price before it asks once more"),
    "sell_impact_bps": Kind(Unit.BPS, "how far a sell may move the price before it asks once more"),
    "depth_share_bps": Kind(Unit.BPS, "share of the visible depth within the worst price accepted", Scaling.TIGHTENS),
    "price_band_bps": Kind(Unit.BPS, "how much worse than the market a limit price may be", Scaling.WIDENS),
    "protection_band_bps": Kind(Unit.BPS, "how much worse than the market a market order may end"),
    "daily_loss_bps": Kind(Unit.BPS, "realized loss since midnight UTC, of what the account had then"),
    "daily_loss": Kind(Unit.COINS, "realized loss since midnight UTC"),
    "drawdown_bps": Kind(Unit.BPS, "fall of the realized profit from its peak, of what the account had then; opens the breaker"),
    "exposure_bps": Kind(Unit.BPS, "positions and open buys, of what the account has", Scaling.TIGHTENS),
    "exposure": Kind(Unit.COINS, "positions and open buys", Scaling.TIGHTENS),
    "concentration_bps": Kind(Unit.BPS, "one instrument, of what the account has", Scaling.TIGHTENS),
}

DEFAULTS: tuple[Limit, ...] = (
    Limit(GLOBAL, "orders_per_minute", Decimal(120)),
    Limit(GLOBAL, "exits_per_minute", Decimal(600)),
    Limit(GLOBAL, "in_flight", Decimal(50)),
    Limit(GLOBAL, "exits_in_flight", Decimal(200)),
    Limit(GLOBAL, "buy_impact_bps", Decimal(5_000)),
    Limit(GLOBAL, "sell_impact_bps", Decimal(5_000)),
    Limit(GLOBAL, "depth_share_bps", Decimal(5_000)),
    Limit(GLOBAL, "price_band_bps", Decimal(1_000)),
    Limit(GLOBAL, "protection_band_bps", Decimal(20_000)),
    Limit(GLOBAL, "daily_loss_bps", Decimal(2_500)),
    Limit(GLOBAL, "drawdown_bps", Decimal(3_000)),
    Limit(GLOBAL, "exposure_bps", EVERYTHING_BPS),
    Limit(GLOBAL, "exposure:USDT", Decimal(1_000_000)),
    Limit(GLOBAL, "exposure:USDC", Decimal(1_000_000)),
    Limit(GLOBAL, "concentration_bps", EVERYTHING_BPS),
    # Paper money: what it may lose is a lesson, and a preview shows what a buy does to a thin book.
    Limit("venue:paper", "buy_impact_bps", Decimal(100_000), raises=True),
    Limit("venue:paper", "depth_share_bps", EVERYTHING_BPS, raises=True),
    Limit("venue:paper", "protection_band_bps", Decimal(100_000), raises=True),
    Limit("venue:paper", "daily_loss_bps", Decimal(5_000), raises=True),
    Limit("venue:paper", "drawdown_bps", Decimal(5_000), raises=True),
)

InForce = Mapping[str, Limit]
"""The limit in force by name; a name that is not there is not limited."""


def scopes(venue: str, tier: str, user_id: int) -> tuple[str, ...]:
    """Where limits of such an order are looked for, from wide to narrow."""
    return (GLOBAL, f"venue:{venue}", f"tier:{tier}", f"user:{user_id}")


def in_force(order_scopes: Iterable[str], rows: Iterable[Limit], order_limits: Mapping[str, Decimal] | None = None) -> InForce:
    """The value in force of every limit: `rows` are the newest of each scope and name, `order_limits` what the order says of itself."""
    said = {(limit.scope, limit.name): limit for limit in (*DEFAULTS, *rows)}
    by_scope: dict[str, list[Limit]] = {}
    for limit in said.values():
        by_scope.setdefault(limit.scope, []).append(limit)
    found: dict[str, Limit] = {}
    for scope in order_scopes:
        for limit in by_scope.get(scope, ()):
            _narrow(found, limit)
    for name, value in (order_limits or {}).items():
        _narrow(found, Limit(ORDER, name, value))
    return found


def _narrow(found: dict[str, Limit], limit: Limit) -> None:
    wider = found.get(limit.name)
    if wider is None or limit.raises or limit.value < wider.value:
        found[limit.name] = limit


def scaled(name: str, value: Decimal, volatility_bps: int | None) -> Decimal:
    """A limit at a market's measured volatility (of a day, in bps): tighter or wider by as much as it moves more than the reference.

    Unknown or calm leaves it as it is; so does a share of everything. At most MOST_SCALED times.
    """
    scaling = KINDS[name.partition(":")[0]].scaling
    if scaling is Scaling.NONE or volatility_bps is None or volatility_bps <= REFERENCE_VOLATILITY_BPS or is_everything(name, value):
        return value
    wildness = min(Decimal(MOST_SCALED), divide(Decimal(volatility_bps), Decimal(REFERENCE_VOLATILITY_BPS), Rounding.UP))
    return multiply(value, wildness) if scaling is Scaling.WIDENS else divide(value, wildness, Rounding.DOWN)


def is_everything(name: str, value: Decimal) -> bool:
    """Whether a share is so large that it limits nothing."""
    return name in ("depth_share_bps", "exposure_bps", "concentration_bps") and value >= EVERYTHING_BPS


def require_possible(scope: str, name: str, value: Decimal | None, *, raises: bool) -> None:
    """ValueError, in words for an operator, for a limit that cannot be set."""
    if not _SCOPE.fullmatch(scope):
        raise ValueError(f"a scope is global, venue:NAME, tier:NAME or user:ID, not {scope!r}")
    kind_name, colon, quote = name.partition(":")
    kind = KINDS.get(kind_name)
    if kind is None:
        raise ValueError(f"there is no limit {name!r}; there are {', '.join(sorted(KINDS))}")
    if (kind.unit is Unit.COINS) != bool(colon) or (colon and not _QUOTE.fullmatch(quote)):
        example = f"{kind_name}:USDT" if kind.unit is Unit.COINS else kind_name
        raise ValueError(f"it is called {example}, not {name!r}")
    if value is not None and not (value.is_finite() and 0 <= value < Decimal(10) ** 15 and _fine_enough(kind, value)):
        raise ValueError(f"{name} counts {kind.unit.value}: 0 or more, whole for orders and bps, at most 8 decimals for coins")
    if raises and (scope == GLOBAL or value is None):
        raise ValueError("only a value of a venue, a tier or a user can raise a limit")


def _fine_enough(kind: Kind, value: Decimal) -> bool:
    places = 8 if kind.unit is Unit.COINS else 0
    return value == value.quantize(Decimal(1).scaleb(-places))
