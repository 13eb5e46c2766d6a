"""What the rest of core knows about markets: instruments, books, and how old and from where a price is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from core.kernel.money import Asset, Price, Quantity


@dataclass(frozen=True, slots=True)
class Instrument:
    """What is tradable at a venue. `tick` and `lot` are the steps of price and quantity, `minimum_notional` in quote coins."""

    venue: str
    symbol: str
    base: Asset
    quote: Asset
    tick: Decimal
    lot: Decimal
    minimum_notional: Decimal
    taker_fee_bps: int
    active: bool = True


@dataclass(frozen=True, slots=True)
class Level:
    """One price level of a book: so much base currency at this price."""

    price: Price
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class PriceSource:
    """Where a price comes from, for people to read.

    `name` such as `binance recording 2024-08-08` or `simulated market`; `kind` is `recorded_book`, `recorded_candles`,
    `recorded_trades`, `simulated` or `live`; `recorded_at` is the time in the recording when times are shifted, else None.
    """

    name: str
    kind: str
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderBook:
    """A book as last seen: bids from the highest, asks from the lowest, never crossed, `observed_at` on our clock."""

    symbol: str
    bids: Sequence[Level]
    asks: Sequence[Level]
    sequence: int
    observed_at: datetime
    source: PriceSource

    def age(self, now: datetime) -> timedelta:
        """How long ago it was seen."""
        return now - self.observed_at

    def mid(self) -> Decimal | None:
        """Half way between best bid and best ask; None where a side is empty."""
        if not self.bids or not self.asks:
            return None
        return (self.bids[0].price.value + self.asks[0].price.value) * Decimal("0.5")
