"""What core and every venue say to each other about orders. No tables, no I/O.

Words as FIX and DESIGN use them: a venue rejects, we deny; an outcome we did not see is unknown, never failed.
"""

from __future__ import annotations

import enum
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.kernel.money import Price, Quantity
from core.market.types import Instrument, PriceSource


class Side(enum.StrEnum):
    """Which way."""

    BUY = "buy"
    SELL = "sell"


class OrderType(enum.StrEnum):
    """MARKET: at once, with a protection price of ours. LIMIT: at the limit price or better."""

    MARKET = "market"
    LIMIT = "limit"


class TimeInForce(enum.StrEnum):
    """How long an order may wait.

    GTC: until canceled (or `expires_at`, where one is given). GTD: until `expires_at`. IOC: what fills at once, the rest expires. FOK: all
    of it at once, or nothing.
    """

    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"
    GTD = "gtd"


RESTING = frozenset({TimeInForce.GTC, TimeInForce.GTD})
"""Orders of these may wait in the venue's book."""


class Liquidity(enum.StrEnum):
    """TAKER: met what was waiting. MAKER: waited and was met."""

    TAKER = "taker"
    MAKER = "maker"


class VenueOrderState(enum.StrEnum):
    """The venue's word on an order. All but ACCEPTED and PARTIALLY_FILLED are final."""

    ACCEPTED = "ACCEPTED"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order as sent. By default a market order with protection (FIX: immediate or cancel with a limit price).

    Exactly one of `quantity` (base) and `quote_budget` (quote coins, venue fees not included) is given. Nothing may fill beyond
    `limit_price`. After `send_until` the venue must refuse the request, so that silence until then is proof that nothing happened.
    `post_only` is refused (`post_only_would_take`) where any of it would fill at once. From `expires_at` on the venue ends what rests; GTD
    has one always, GTC may.
    """

    client_order_id: str
    instrument: Instrument
    side: Side
    limit_price: Price
    send_until: datetime
    quantity: Quantity | None = None
    quote_budget: Decimal | None = None
    order_type: OrderType = OrderType.MARKET
    time_in_force: TimeInForce = TimeInForce.IOC
    post_only: bool = False
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        if (self.quantity is None) == (self.quote_budget is None):
            raise ValueError("an order has either a quantity or a quote budget")
        if self.order_type is OrderType.LIMIT and self.quantity is None:
            raise ValueError("a limit order has a quantity")
        require_possible(self.order_type, self.time_in_force, post_only=self.post_only, expires_at=self.expires_at)


def require_possible(order_type: OrderType, time_in_force: TimeInForce, *, post_only: bool, expires_at: datetime | None) -> None:
    """Raises ValueError for words that contradict one another."""
    resting = time_in_force in RESTING
    if order_type is OrderType.MARKET and time_in_force is not TimeInForce.IOC:
        raise ValueError("a market order is immediate or cancel")
    if post_only and not resting:
        raise ValueError("post-only is for orders that may rest")
    if expires_at is not None and not resting:
        raise ValueError("only an order that may rest expires")
    if time_in_force is TimeInForce.GTD and expires_at is None:
        raise ValueError("an order until a date needs the date")


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution. `fee` in quote coins; `venue_fill_id` is unique at the venue and instrument; `liquidity` is our side's."""

    venue_fill_id: str
    price: Price
    quantity: Quantity
    fee: Decimal
    executed_at: datetime
    liquidity: Liquidity = Liquidity.TAKER


@dataclass(frozen=True, slots=True)
class OrderReport:
    """The venue's account of an order: state, how much is filled in all, and the fills it chose to tell.

    `fills` may repeat what was told before and may have gaps; `filled_quantity` is the sum over all fills, told or not.
    """

    client_order_id: str
    venue_order_id: str
    state: VenueOrderState
    filled_quantity: Quantity
    fills: tuple[Fill, ...]
    reported_at: datetime
    source: PriceSource | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a venue tells of its own accord. `token` is the venue's: it says which news were told."""

    report: OrderReport
    token: Hashable


@dataclass(frozen=True, slots=True)
class Accepted:
    """The venue took the order; `report` when it said more at once."""

    venue_order_id: str
    report: OrderReport | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The venue refused, definitely: nothing was or will be executed."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """We do not know. Keep the hold, keep the state, ask later by client order id."""

    why: str


Outcome = Accepted | Refused | Unknown


@dataclass(frozen=True, slots=True)
class NotFound:
    """The venue says, at `asked_at` on its own clock, that it knows no such order."""

    asked_at: datetime
