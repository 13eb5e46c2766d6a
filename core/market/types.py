"""What the rest of core knows about markets: instruments, books, and how old and from where a price is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from core.kernel.money import Asset, Price, Quantity


@dataclass(frozen=True, slots=True)
class Instrument:
    """What is tradable at a venue. `tick` and `lot` are the steps of price and quantity, `minimum_notional` in quote coins.

    `maker_fee_bps` is charged where an order waited in the book and was met there; None: the same as `taker_fee_bps`.
    """

    venue: str
    symbol: str
    base: Asset
    quote: Asset
    tick: Decimal
    lot: Decimal
    minimum_notional: Decimal
    taker_fee_bps: int
    active: bool = True
    maker_fee_bps: int | None = None

    def fee_bps(self, *, maker: bool) -> int:
        """The venue's fee for one who waited (`maker`) or took."""
        return self.maker_fee_bps if maker and self.maker_fee_bps is not None else self.taker_fee_bps

    @property
    def worst_fee_bps(self) -> int:
        """The higher of both fees."""
        return max(self.taker_fee_bps, self.fee_bps(maker=True))


@dataclass(frozen=True, slots=True)
class Level:
    """One price level of a book: so much base currency at this price."""

    price: Price
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class TradePrint:
    """A trade that a feed told: somebody took `quantity` base coins at `price`.

    `aggressor` is the side that took: `buy` met a resting ask, `sell` a resting bid. `sequence` grows from print to print of a symbol, over
    restarts too (it starts from the microseconds since 1970 of `at`); `at` is on our clock, also where recorded times are shifted.
    """

    symbol: str
    price: Price
    quantity: Quantity
    aggressor: Literal["buy", "sell"]
    sequence: int
    at: datetime


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


Interval = Literal["1m", "5m", "1h", "1d"]
Origin = Literal["live", "recorded", "simulated"]
INTERVALS: Mapping[Interval, timedelta] = {
    "1m": timedelta(minutes=1),
    "5m": timedelta(minutes=5),
    "1h": timedelta(hours=1),
    "1d": timedelta(days=1),
}
"""How long each candle lasts. All begin at whole multiples since 1970 in UTC."""


@dataclass(frozen=True, slots=True)
class Candle:
    """What was traded in one interval: prices in quote coins, `volume` in base coins, None where nobody told it.

    `open_at` is our time in UTC, also where recorded times are shifted (`source.recorded_at`: when it began in the recording). `minutes`
    counts its minutes that were seen as a whole. `jumped`: a recording started again in it or right before it, so that its change against
    the candle before is none of the market.
    """

    symbol: str
    interval: Interval
    open_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal | None
    source: PriceSource
    minutes: int = 1
    jumped: bool = False

    @property
    def origin(self) -> Origin:
        """The series it belongs to: candles of two origins never mix."""
        return origin_of(self.source)


def origin_of(source: PriceSource) -> Origin:
    """`live`, `simulated`, or else `recorded`."""
    if source.kind == "live":
        return "live"
    return "simulated" if source.kind == "simulated" else "recorded"


@dataclass(frozen=True, slots=True)
class DayChange:
    """What a pair did lately. Changes in basis points of the price then, None where it is not known; volume in base coins.

    Jumps where a recording starts again are left out of the changes and counted in `jumps`. `volume`, `high` and `low` are those of the
    candles there are since `since`, at most 24 hours ago; `volume` is None where part of it is not known.
    """

    symbol: str
    price: Decimal
    at: datetime
    change_5m_bps: int | None
    change_1h_bps: int | None
    change_24h_bps: int | None
    volume: Decimal | None
    high: Decimal
    low: Decimal
    since: datetime
    jumps: int
    source: PriceSource
