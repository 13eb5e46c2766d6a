"""Orders as the rest of the house sees them."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.kernel.money import Amount
from core.market.types import Instrument, PriceSource
from core.risk.facts import NO_TERMS, OrderTerms
from core.venues.types import OrderType, Side, TimeInForce, require_possible


class OrderState(enum.StrEnum):
    """FIX order states. DENIED: by us, never sent. REJECTED: by the venue, definite. Unknown outcomes stay SUBMITTED."""

    INITIALIZED = "INITIALIZED"
    DENIED = "DENIED"
    SUBMITTED = "SUBMITTED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    PENDING_CANCEL = "PENDING_CANCEL"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"


FINAL_STATES = frozenset({OrderState.DENIED, OrderState.REJECTED, OrderState.FILLED, OrderState.CANCELED, OrderState.EXPIRED})


class SizeKind(enum.StrEnum):
    """How a size was said. Resolved to a quantity or budget at the decision, at fresh balances and prices."""

    QUOTE_AMOUNT = "quote_amount"
    """Spend (or on a sell: receive about) so much of the quote asset, all fees included."""
    BASE_QUANTITY = "base_quantity"
    """Buy or sell so much of the base asset."""
    PERCENT = "percent"
    """Of the available quote (buy) or base (sell); `max` is 100."""
    INITIALS = "initials"
    """Sell what was paid for the position (value is 1)."""


@dataclass(frozen=True, slots=True)
class OrderSize:
    """A size as said: `value` positive; percent at most 100."""

    kind: SizeKind
    value: Decimal


@dataclass(frozen=True, slots=True)
class OrderCommand:
    """An intent: what a user wants, before any check.

    A limit order has a `limit_price` (as said: the decision rounds it to the instrument's tick, never to the worse) and says its time in
    force; GTC without `expires_at` ends after a week. `origin` is `user` or `conditional`; `parent` is what emitted it. `risk`
    is what the order says of its own limits.
    Raises ValueError for words that contradict one another.
    """

    user_id: int
    venue: str
    symbol: str
    side: Side
    size: OrderSize
    slippage_bps: int = 100
    order_type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.IOC
    post_only: bool = False
    expires_at: datetime | None = None
    origin: str = "user"
    parent: UUID | None = None
    risk: OrderTerms = NO_TERMS

    def __post_init__(self) -> None:
        if (self.order_type is OrderType.LIMIT) != (self.limit_price is not None):
            raise ValueError("a limit order has a limit price, a market order has none")
        if self.limit_price is not None and not (self.limit_price.is_finite() and self.limit_price > 0):
            raise ValueError("a limit price is positive")
        require_possible(self.order_type, self.time_in_force, post_only=self.post_only, expires_at=self.expires_at)


@dataclass(frozen=True, slots=True)
class ChatTarget:
    """Where an order's message lives: chat rows with this key edit that one message."""

    chat_id: int
    message_key: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Order:
    """An order row. Fees in the quote asset's smallest units; quantities and notional in whole coins.

    `quantity` is None for a buy with a budget. `limit_price` is the protection price of a market order, the user's of a limit order.
    `held_units` counts the quote asset on a buy and the base asset on a sell. The price source is of the book at the decision, then of the
    fills.
    """

    id: UUID
    user_id: int
    venue: str
    symbol: str
    side: Side
    size: OrderSize
    slippage_bps: int
    state: OrderState
    quantity: Decimal | None
    limit_price: Decimal | None
    client_order_id: str | None
    venue_order_id: str | None
    hold_id: UUID | None
    send_until: datetime | None
    filled_quantity: Decimal
    filled_notional: Decimal
    venue_fee_units: int
    platform_fee_units: int
    platform_fee_bps: int
    reason: str
    reason_params: Mapping[str, Any]
    chat: ChatTarget
    correlation_id: str
    created_at: datetime
    held_units: int | None = None
    price_source: PriceSource | None = None
    price_at: datetime | None = None
    order_type: OrderType = OrderType.MARKET
    time_in_force: TimeInForce = TimeInForce.IOC
    post_only: bool = False
    expires_at: datetime | None = None
    origin: str = "user"
    parent: UUID | None = None
    risk: OrderTerms = NO_TERMS


@dataclass(frozen=True, slots=True)
class OrderPreview:
    """What would happen now. `denial` is set when it would be denied; then the estimates are None.

    `quantity` in base coins, `average_price` in quote a base, fees and `total` (spent on a buy, received on a sell, after fees)
    in the quote asset; `minimum_received` is base on a buy and quote on a sell, at the protection price. Of a limit order those figures are
    of what would fill at once, `beyond` is the part that would not, `held` what is held for all of it, and `venue_refusal` says why the
    venue would not take it at this book (`post_only_would_take`).
    """

    instrument: Instrument
    side: Side
    denial: str = ""
    denial_params: Mapping[str, Any] = field(default_factory=dict)
    quantity: Decimal | None = None
    average_price: Decimal | None = None
    limit_price: Decimal | None = None
    venue_fee: Amount | None = None
    platform_fee: Amount | None = None
    total: Amount | None = None
    minimum_received: Amount | None = None
    price_impact_bps: int | None = None
    source: PriceSource | None = None
    price_at: datetime | None = None
    beyond: Decimal = Decimal(0)
    held: Amount | None = None
    venue_refusal: str = ""
