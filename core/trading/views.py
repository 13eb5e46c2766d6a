"""What the chat is told about an order: the data of the `order` screen (docs/interfaces.md). Pure; every figure is text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.kernel.ids import short_code
from core.kernel.money import EXACT, Amount, Asset, Rounding, convert, divide
from core.ledger.types import Balance
from core.market.types import Instrument
from core.portfolio.types import PositionChange
from core.risk.checks import plain, text
from core.trading.reports import encode_source
from core.trading.types import Order
from core.venues.types import Side

SCREEN = "order"
PRIORITY = 0
"""Confirmations go before everything else."""


@dataclass(frozen=True, slots=True)
class Extras:
    """What a message may show beside the order itself. `cancel` is a button's handle."""

    balances: Mapping[str, Balance] | None = None
    position: PositionChange | None = None
    cancel: str | None = None


def order_data(order: Order, instrument: Instrument | None, at: datetime, extras: Extras = Extras()) -> dict[str, Any]:
    """The order as the chat shows it. Without an instrument the fees are left out (nothing can have been filled)."""
    base, _, quote = order.symbol.partition("/")
    return {
        "order_id": str(order.id),
        "code": short_code(order.id),
        "state": order.state.value,
        "side": order.side.value,
        "symbol": order.symbol,
        "base": base,
        "quote": quote,
        "venue": order.venue,
        "size": {"kind": order.size.kind.value, "value": text(order.size.value)},
        "quantity": None if order.quantity is None else text(order.quantity),
        "order_type": order.order_type.value,
        "time_in_force": order.time_in_force.value,
        "post_only": order.post_only,
        "expires_at": None if order.expires_at is None else order.expires_at.isoformat(),
        "remaining": None if order.quantity is None else text(EXACT.subtract(order.quantity, order.filled_quantity)),
        "origin": order.origin,
        "limit_price": None if order.limit_price is None else text(order.limit_price),
        "filled_quantity": text(order.filled_quantity),
        "average_price": _average(order),
        "notional": text(order.filled_notional),
        "fees": [] if instrument is None else _fees(order, instrument.quote),
        "total": None if instrument is None else plain(total(order, instrument)),
        "price_source": encode_source(order.price_source),
        "price_at": None if order.price_at is None else order.price_at.isoformat(),
        "reason": order.reason,
        "reason_params": dict(order.reason_params),
        "balance": _balance(instrument, extras.balances),
        "position": _position(extras.position),
        "cancel": extras.cancel,
        "at": at.isoformat(),
    }


def total(order: Order, instrument: Instrument) -> Amount:
    """Spent on a buy, received on a sell so far, after fees; never below nothing."""
    buying = order.side is Side.BUY
    notional = convert(order.filled_notional, instrument.quote, Rounding.UP if buying else Rounding.DOWN).units
    fees = order.venue_fee_units + order.platform_fee_units
    return Amount(instrument.quote, notional + fees if buying else max(0, notional - fees))


def _average(order: Order) -> str | None:
    if order.filled_quantity == 0:
        return None
    average = divide(order.filled_notional, order.filled_quantity, Rounding.DOWN)
    return text(average.quantize(Decimal("1e-12"), context=EXACT))


def _fees(order: Order, quote: Asset) -> list[dict[str, str]]:
    parts = (("venue", order.venue_fee_units), ("platform", order.platform_fee_units))
    return [{"kind": kind, "amount": plain(Amount(quote, units)), "asset": quote.symbol} for kind, units in parts]


def _balance(instrument: Instrument | None, balances: Mapping[str, Balance] | None) -> dict[str, str] | None:
    if instrument is None or balances is None:
        return None
    return {name: _available(asset, balances) for name, asset in (("base", instrument.base), ("quote", instrument.quote))}


def _available(asset: Asset, balances: Mapping[str, Balance]) -> str:
    found = balances.get(asset.code)
    return "0" if found is None else plain(found.available)


def _position(change: PositionChange | None) -> dict[str, str | None] | None:
    if change is None:
        return None
    return {
        "quantity": text(change.quantity),
        "average_cost": None if change.average_cost is None else text(change.average_cost),
        "realized_pnl": plain(change.realized_pnl),
        "realized_now": plain(change.realized_now),
    }
