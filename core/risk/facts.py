"""What the limits look at, read in one round trip, and what an order says about its own limits. Frozen values; no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.kernel.money import EXACT
from core.risk.limits import STANDARD_TIER, Limit, require_possible

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class RiskFacts:
    """An account at one venue and in one quote asset; figures in whole quote coins.

    `limits` are the newest rows of the scopes that cover the order. `cash` is available and held; positions are worth what is known of
    their price, else what was paid. `open_buys` is what open buy orders may still spend, `…_here` on the instrument asked about.
    `in_flight` and `sent` (within a minute) count orders over all venues; `oldest_sent` is the first of those. `peak` and `profit` are of
    the realized result; `tripped_until` is set while the breaker is open. `volatility_bps` is of a day, None where it is not known.
    """

    tier: str = STANDARD_TIER
    limits: tuple[Limit, ...] = ()
    quote_asset: str = ""
    cash: Decimal = ZERO
    positions_value: Decimal = ZERO
    position_value: Decimal = ZERO
    open_buys: Decimal = ZERO
    open_buys_here: Decimal = ZERO
    realized_today: Decimal = ZERO
    profit: Decimal = ZERO
    peak: Decimal = ZERO
    tripped_until: datetime | None = None
    in_flight: int = 0
    sent: int = 0
    oldest_sent: datetime | None = None
    volatility_bps: int | None = None

    @property
    def equity(self) -> Decimal:
        """What the account has: cash and positions."""
        return EXACT.add(self.cash, self.positions_value)

    @property
    def exposure(self) -> Decimal:
        """What is, or may soon be, in positions."""
        return EXACT.add(self.positions_value, self.open_buys)

    @property
    def quote(self) -> str:
        """The quote asset as people and limits call it: `USDT`."""
        return self.quote_asset.partition(":")[2]


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What an order says about its own limits: `limits` may only narrow; `accepted_impact_bps` answers the question whether the price may
    be moved so far, and no farther."""

    limits: Mapping[str, Decimal] = field(default_factory=dict)
    accepted_impact_bps: int = 0

    def __post_init__(self) -> None:
        if self.accepted_impact_bps < 0:
            raise ValueError("an accepted price impact is 0 bps or more")
        for name, value in self.limits.items():
            require_possible("global", name, value, raises=False)

    def encode(self) -> dict[str, Any]:
        """For the order's row; empty where nothing is said."""
        said: dict[str, Any] = {}
        if self.limits:
            said["limits"] = {name: format(value.normalize(), "f") for name, value in sorted(self.limits.items())}
        if self.accepted_impact_bps:
            said["accepted_impact_bps"] = self.accepted_impact_bps
        return said

    @classmethod
    def decode(cls, said: Mapping[str, Any]) -> OrderTerms:
        """The inverse of `encode`."""
        limits = {name: Decimal(value) for name, value in said.get("limits", {}).items()}
        return cls(limits, int(said.get("accepted_impact_bps", 0)))


NO_TERMS = OrderTerms()
