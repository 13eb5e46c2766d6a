"""Limits and the facts that they look at. Called by trading inside a decision, and by operators.

Must never decide: `chain` does, over what is read here. Counts are exact only while the caller holds the user's row
(`trading_decision_context` takes it for a decision).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.config.logging import get_logger
from core.db.unit_of_work import UnitOfWork
from core.risk import repository
from core.risk.facts import RiskFacts
from core.risk.limits import DEFAULTS, STANDARD_TIER, InForce, Limit, in_force, require_possible, scopes
from core.risk.losses import next_midnight

_log = get_logger()
_FIGURES = ("cash", "positions_value", "position_value", "open_buys", "open_buys_here", "realized_today", "profit", "peak")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A limit as it was set: who, when, why. `value` None: from then on the scope said nothing."""

    scope: str
    name: str
    value: Decimal | None
    raises: bool
    begins_at: datetime
    set_by: str
    note: str


async def facts(
    uow: UnitOfWork,
    *,
    user_id: int,
    venue: str,
    symbol: str,
    now: datetime,
    marks: Mapping[str, Decimal] | None = None,
    volatility_bps: int | None = None,
    remember: bool = True,
) -> RiskFacts:
    """All that the limits of an order look at, in one round trip. The caller holds the user's row, unless it only previews.

    `marks`: prices by symbol that positions are worth; the others count with what was paid. With `remember` False nothing is written.
    """
    row = await repository.facts(uow, user_id, venue, symbol, now, marks or {}, remember=remember)
    columns = (row["limit_scopes"], row["limit_names"], row["limit_values"], row["limit_raises"])
    return RiskFacts(
        tier=row["tier"] or STANDARD_TIER,
        limits=tuple(Limit(*one) for one in zip(*columns, strict=True)),
        quote_asset=row["quote_asset"] or "",
        **{name: row[name] or ZERO for name in _FIGURES},
        tripped_until=row["tripped_until"],
        in_flight=row["in_flight"],
        sent=row["sent"],
        oldest_sent=row["oldest_sent"],
        volatility_bps=volatility_bps,
    )


async def open_breaker(uow: UnitOfWork, *, user_id: int, venue: str, facts: RiskFacts, now: datetime) -> None:
    """Until midnight UTC, or until an operator closes it, the account may only sell at this venue for this quote asset."""
    if await repository.trip(uow, user_id, venue, facts.quote_asset, now, next_midnight(now)):
        _log.warning("breaker_opened", user_id=user_id, venue=venue)


async def close_breakers(uow: UnitOfWork, user_id: int, now: datetime) -> int:
    """Lets the account buy again at once; how many breakers were open. Its peak begins anew."""
    return await repository.release(uow, user_id, now)


async def set_limit(
    uow: UnitOfWork,
    *,
    scope: str,
    name: str,
    value: Decimal | None,
    set_by: str,
    raises: bool = False,
    note: str = "",
    begins_at: datetime | None = None,
) -> None:
    """A limit from now (or `begins_at`) on; None takes the scope's word back. ValueError, in words, for what cannot be set."""
    require_possible(scope, name, value, raises=raises)
    await repository.add_limit(uow, scope, name, value, raises=raises, begins_at=begins_at, set_by=set_by, note=note)


async def limits(uow: UnitOfWork, *, venue: str, tier: str, user_id: int) -> InForce:
    """What is in force for such an order now, by name, each with the scope that said it."""
    wanted = scopes(venue, tier, user_id)
    rows = await repository.begun(uow, wanted)
    return in_force(wanted, [Limit(row["scope"], row["name"], row["value"], row["raises"]) for row in rows])


async def history(uow: UnitOfWork, *, scope: str = "", name: str = "", limit: int = 100) -> list[LimitRow]:
    """What was ever set, newest first."""
    return [LimitRow(**row) for row in await repository.history(uow, scope, name, limit)]


def defaults() -> tuple[Limit, ...]:
    """What holds where nobody said anything."""
    return DEFAULTS
