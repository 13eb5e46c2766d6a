"""A simulated market for desks without recordings: a seeded random walk for a few pairs. Every source says 'simulated'.

The same seed and the same moments give the same prices. Never used for a pair whose recording was refused.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from core.adapters.marketdata.book_replay import scaled_microseconds
from core.adapters.marketdata.modelled_depth import ModelledBook, best_prices
from core.adapters.marketdata.print_log import PrintLog
from core.kernel.money import Rounding, round_to_step
from core.market.instruments import paper_instrument
from core.market.ports import PriceFeed
from core.market.types import Instrument, OrderBook, PriceSource, TradePrint

SOURCE = PriceSource("simulated market", "simulated")
STEP_US = 200_000
MOST_STEPS_AT_ONCE = 1_000
STEPS_A_MINUTE = 60_000_000 // STEP_US
TRADE_CHANCE = 0.5
YEAR_STEPS = 365 * 24 * 3600 * 5
PAIRS = (
    # symbol, first price, volatility a year, volume a minute in base coins
    ("BTC/USDT", "64000", 0.5, "12"),
    ("ETH/USDT", "3100", 0.65, "180"),
    ("SOL/USDT", "148", 0.9, "2500"),
    ("BNB/USDT", "590", 0.55, "120"),
    ("XRP/USDT", "0.58", 0.8, "400000"),
    ("DOGE/USDT", "0.124", 0.95, "1500000"),
    ("LINK/USDT", "13.8", 0.85, "6000"),
    ("PEPE/USDT", "0.0000093", 1.3, "9000000000"),
)
FURTHEST = 5.0
"""The walk is turned back where the price would be this many times its first one, or that fraction of it."""


class SimulatedPair:
    """One pair's walk: geometric, in steps of a fifth of a second of simulated time. A PriceFeed."""

    def __init__(
        self, instrument: Instrument, first_price: Decimal, volatility: float, minute_volume: Decimal, *, seed: int, speed: Decimal
    ) -> None:
        self.instrument = instrument
        self._first_price = first_price
        self._deviation = volatility / math.sqrt(YEAR_STEPS)
        self._minute_volume = minute_volume
        self._random = Random(f"{seed}:{instrument.symbol}")
        self._speed = speed
        self._model = ModelledBook(instrument)
        self._began: datetime | None = None
        self._steps = 0
        self._logarithm = 0.0
        self._prints = PrintLog(instrument.symbol)
        self._takers = Random(f"{seed}:{instrument.symbol}:trades")

    def prints(self, since_sequence: int) -> list[TradePrint]:
        """See PriceFeed. Made up like the prices: one trade in two steps at the best price, together about the volume a minute."""
        return self._prints.since(since_sequence)

    def observe(self, now: datetime) -> OrderBook:
        """See PriceFeed."""
        if self._began is None:
            self._began = now
        due = scaled_microseconds(now - self._began, self._speed) // STEP_US - self._steps
        for _ in range(min(due, MOST_STEPS_AT_ONCE)):
            self._step()
            self._trade(now)
        if due > MOST_STEPS_AT_ONCE:
            self._began = now - timedelta(microseconds=int(self._steps * STEP_US / self._speed))
        return self._model.at(now, self._price(), self._minute_volume, SOURCE)

    def _price(self) -> Decimal:
        return self._first_price * Decimal(repr(math.exp(self._logarithm)))

    def _trade(self, now: datetime) -> None:
        """Perhaps somebody took something at this step, at the best bid or ask, at the moment of the step."""
        if self._began is None or self._takers.random() >= TRADE_CHANCE:
            return
        bid, ask = best_prices(self._price(), self.instrument.tick)
        mean = float(self._minute_volume) / (STEPS_A_MINUTE * TRADE_CHANCE)
        size = round_to_step(Decimal(repr(self._takers.expovariate(1 / mean))), self.instrument.lot, Rounding.UP)
        buying = self._takers.random() < 0.5
        at = self._began + timedelta(microseconds=int(self._steps * STEP_US / self._speed))
        self._prints.add(min(at, now), ask if buying else bid, size, "buy" if buying else "sell")

    def _step(self) -> None:
        limit = math.log(FURTHEST)
        moved = self._logarithm + self._random.gauss(0.0, self._deviation)
        self._logarithm = min(limit, max(-limit, moved))
        self._steps += 1


def simulated_market(*, seed: int = 1, speed: Decimal = Decimal(1)) -> list[PriceFeed]:
    """The feeds of all simulated pairs."""
    feeds: list[PriceFeed] = []
    for symbol, price, volatility, volume in PAIRS:
        first = Decimal(price)
        feeds.append(SimulatedPair(paper_instrument(symbol, first), first, volatility, Decimal(volume), seed=seed, speed=speed))
    return feeds
