"""What the risk chain looks at and what it says. Frozen values; no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from core.kernel.money import Amount, Price, Quantity
from core.market.rules import Walk
from core.market.types import Instrument, OrderBook
from core.venues.types import Side


@dataclass(frozen=True, slots=True)
class SizedOrder:
    """An order with figures: what would be sent, held and, at the book of the decision, received.

    Exactly one of `quantity` (base) and `quote_budget` (quote coins, fees not included) is set. `hold` covers the worst case with all
    fees: quote on a buy, base on a sell. `total` is what is spent (buy) or received (sell) after fees, in quote; `minimum_received` is
    base on a buy and quote on a sell, when everything fills at `limit_price`.
    """

    quantity: Quantity | None
    quote_budget: Decimal | None
    limit_price: Price
    hold: Amount
    expected: Walk
    venue_fee: Amount
    platform_fee: Amount
    total: Amount
    minimum_received: Amount
    price_impact_bps: int


@dataclass(frozen=True, slots=True)
class SizeProblem:
    """Why no order can be made of a size: a denial's code and its figures."""

    code: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OpenPause:
    """A thrown kill switch: `scope` as in core/controls."""

    scope: str
    reason: str


@dataclass(frozen=True, slots=True)
class RiskContext:
    """Everything a check may look at.

    `sized` or `problem` is set where instrument and book are known; `available` is of the hold's asset.
    """

    now: datetime
    user_id: int
    standing: str
    venue: str
    tradable: bool
    symbol: str
    side: Side
    pauses: tuple[OpenPause, ...]
    instrument: Instrument | None
    book: OrderBook | None
    price_max_age: timedelta
    duplicate_of: str | None
    duplicate_window: timedelta
    sized: SizedOrder | None = None
    problem: SizeProblem | None = None
    available: Amount | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check said, with what it looked at (JSON values). `reason` is the denial's code, empty when it passed."""

    check: str
    inputs: Mapping[str, Any]
    reason: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether the next check is asked."""
        return not self.reason
