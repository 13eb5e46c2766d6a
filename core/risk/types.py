"""What the risk chain looks at and what it says. Frozen values; no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from core.kernel.money import EXACT, Amount, Price, Quantity, multiply
from core.market.rules import Walk
from core.market.types import Instrument, OrderBook
from core.risk.facts import NO_TERMS, OrderTerms, RiskFacts
from core.risk.limits import InForce
from core.venues.types import Side

NOTHING = Quantity(Decimal(0))


@dataclass(frozen=True, slots=True)
class SizedOrder:
    """An order with figures: what would be sent, held and, at the book of the decision, received.

    Exactly one of `quantity` (base) and `quote_budget` (quote coins, fees not included) is set. `hold` covers the worst case with all
    fees: quote on a buy, base on a sell. `total` is what is spent (buy) or received (sell) after fees, in quote; `minimum_received` is
    base on a buy and quote on a sell, when everything fills at `limit_price`. `beyond` is the part of a limit order that the book does not
    give at once: it rests, or expires where it may not; `expected`, the fees and `total` are without it.
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
    beyond: Quantity = NOTHING

    @property
    def notional(self) -> Decimal:
        """Quote coins of the whole order: what fills at once at its prices, the rest at the limit price."""
        return EXACT.add(self.expected.notional, multiply(self.beyond.value, self.limit_price.value))


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

    `sized` or `problem` is set where instrument and book are known; `available` is of the hold's asset. `facts` are the account's, `limits`
    those in force for this order, `terms` what the order itself says; `limit_order` is one with a price of its own.
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
    facts: RiskFacts
    limits: InForce
    terms: OrderTerms = NO_TERMS
    limit_order: bool = False
    sized: SizedOrder | None = None
    problem: SizeProblem | None = None
    available: Amount | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check said, with what it looked at (JSON values). `reason` is the denial's code, empty when it passed.

    `most` on a denial: the largest size that would pass, in quote coins on a buy and base coins on a sell. `scaled`: a size of 'max' was
    made that small. `trips`: the account's breaker opens, whatever becomes of this order.
    """

    check: str
    inputs: Mapping[str, Any]
    reason: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    most: Decimal | None = None
    scaled: bool = False
    trips: bool = False

    @property
    def word(self) -> str:
        """As `decisions` records it."""
        return "denied" if self.reason else "scaled" if self.scaled else "passed"

    @property
    def passed(self) -> bool:
        """Whether the next check is asked."""
        return not self.reason
