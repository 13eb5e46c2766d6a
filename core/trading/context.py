"""What the use cases of trading work with. Built by bootstrap, handed to every module of `core/trading`; holds no state of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from core.config.settings import TradingSettings
from core.db.pool import Pool
from core.kernel.clock import Clock
from core.market.ports import BookReader
from core.risk.volatility import Volatility
from core.trading.handoff import HandOff
from core.venues.ports import Venue


@dataclass(frozen=True, slots=True)
class TradingLimits:
    """How long things may take.

    `never_arrived_margin`: how far past `send_until` the venue's clock must be before 'not found' is proof. `ask_again`: pause between
    two questions about an open order. `answer_within`: how long we wait for a venue before the outcome is unknown. `price_patience`: how
    long an order waits for a fresh price before it is decided without one (a publisher that was killed is back by then). `rests_for`: how
    long an order without a date rests; `rests_at_most`: the latest date. `seldom`: the longest pause between two questions about an order
    that rests, whose reports come by themselves. `expiry_grace`: how long the venue has to end what expired before we cancel it.
    """

    send_window: timedelta
    price_max_age: timedelta
    duplicate_window: timedelta
    never_arrived_margin: timedelta = timedelta(seconds=1)
    ask_again: timedelta = timedelta(seconds=2)
    answer_within: timedelta = timedelta(seconds=10)
    price_patience: timedelta = timedelta(0)
    rests_for: timedelta = timedelta(days=7)
    rests_at_most: timedelta = timedelta(days=90)
    seldom: timedelta = timedelta(minutes=10)
    expiry_grace: timedelta = timedelta(seconds=5)

    @classmethod
    def from_settings(cls, settings: TradingSettings) -> TradingLimits:
        """The operator's figures."""
        return cls(
            send_window=timedelta(milliseconds=settings.order_send_window_ms),
            price_max_age=timedelta(milliseconds=settings.price_max_age_ms),
            duplicate_window=timedelta(milliseconds=settings.duplicate_window_ms),
            price_patience=timedelta(milliseconds=settings.price_patience_ms),
        )


@dataclass(frozen=True, slots=True)
class TradingContext:
    """`tradable` names the venues orders may go to; `venues` are the ones this process can reach (none in an edge)."""

    pool: Pool
    books: BookReader
    venues: Mapping[str, Venue]
    tradable: Collection[str]
    clock: Clock
    hand_off: HandOff
    limits: TradingLimits
    volatility: Volatility = field(default_factory=Volatility)
