"""A book around a price where only prices and volumes are known. Pure. Its users must say so in the source's name.

The model: the spread is 4 basis points or one tick, whichever is more. Each side has 20 levels, 2 basis points or one tick apart, that
together hold what is traded in one minute, at least 1,000 quote coins, growing linearly away from the best price.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from core.kernel.money import Price, Quantity, Rounding, divide, multiply, round_to_step
from core.market.types import Instrument, Level, OrderBook, PriceSource

LEVELS = 20
SPREAD_BPS = 4
STEP_BPS = 2
LEAST_DEPTH = Decimal(1_000)
_WEIGHTS = LEVELS * (LEVELS + 1) // 2
_BPS = Decimal("0.0001")


def modelled_levels(instrument: Instrument, price: Decimal, minute_volume: Decimal) -> tuple[list[Level], list[Level]]:
    """Bids and asks around `price`; `minute_volume` in base coins. The best bid is at most `price`, the best ask above the best bid."""
    tick = instrument.tick
    bid, ask = best_prices(price, tick)
    step = max(tick, round_to_step(price * STEP_BPS * _BPS, tick, Rounding.UP))
    depth = max(minute_volume, divide(LEAST_DEPTH, price, Rounding.UP))
    bids = list(_side(bid, -step, depth, instrument.lot))
    return bids, list(_side(ask, step, depth, instrument.lot))


def best_prices(price: Decimal, tick: Decimal) -> tuple[Decimal, Decimal]:
    """Best bid and best ask around `price`, on the tick; the bid is one tick at least."""
    spread = max(tick, price * SPREAD_BPS * _BPS)
    bid = max(tick, round_to_step(price - spread * Decimal("0.5"), tick, Rounding.DOWN))
    return bid, max(bid + tick, round_to_step(bid + spread, tick, Rounding.UP))


def _side(best: Decimal, step: Decimal, depth: Decimal, lot: Decimal) -> Iterator[Level]:
    for number in range(LEVELS):
        price = best + step * number
        if price <= 0:
            return
        share = divide(multiply(depth, Decimal(number + 1)), Decimal(_WEIGHTS), Rounding.DOWN)
        yield Level(Price(price), Quantity(max(lot, round_to_step(share, lot, Rounding.DOWN))))


@dataclass(slots=True)
class ModelledBook:
    """Makes the books of one pair, anew only when the best price or the volume moved."""

    instrument: Instrument
    _shown: tuple[list[Level], list[Level]] = ([], [])
    _made_of: object = None
    _sequence: int = field(default=0)

    def at(self, now: datetime, price: Decimal, minute_volume: Decimal, source: PriceSource) -> OrderBook:
        """The book at `now` around `price`."""
        made_of = (best_prices(price, self.instrument.tick), minute_volume)
        if made_of != self._made_of:
            self._shown = modelled_levels(self.instrument, price, minute_volume)
            self._made_of = made_of
            self._sequence += 1
        bids, asks = self._shown
        return OrderBook(self.instrument.symbol, bids, asks, self._sequence, now, source)
