"""What core and every venue say to each other about orders. No tables, no I/O.

Words as FIX and DESIGN use them: a venue rejects, we deny; an outcome we did not see is unknown, never failed.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.kernel.money import Price, Quantity
from core.market.types import Instrument, PriceSource


class Side(enum.StrEnum):
    """Which way."""

    BUY = "buy"
    SELL = "sell"


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
    """A market order with protection (FIX: immediate or cancel with a limit price).

    Exactly one of `quantity` (base) and `quote_budget` (quote coins, venue fees not included) is given. Nothing may fill beyond
    `limit_price`. After `send_until` the venue must refuse the request, so that silence until then is proof that nothing happened.
    """

    client_order_id: str
    instrument: Instrument
    side: Side
    limit_price: Price
    send_until: datetime
    quantity: Quantity | None = None
    quote_budget: Decimal | None = None

    def __post_init__(self) -> None:
        if (self.quantity is None) == (self.quote_budget is None):
            raise ValueError("an order has either a quantity or a quote budget")


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution. `fee` in quote coins; `venue_fill_id` is unique at the venue and instrument."""

    venue_fill_id: str
    price: Price
    quantity: Quantity
    fee: Decimal
    executed_at: datetime


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
