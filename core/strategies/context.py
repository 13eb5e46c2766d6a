"""What the modules of `core/strategies` work with. Built by bootstrap through `service.py`; holds no state of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.db.pool import Pool
from core.kernel.clock import Clock
from core.market.ports import BookReader
from core.trading.service import TradingService


@dataclass(frozen=True, slots=True)
class StrategyLimits:
    """`price_max_age`: an older book counts for nothing. `lifetime`: an armed order expires after it. `most_live`: of one user.

    `hold_back`: how long a leg that may not act now (kill switch, no funds free) waits before it asks again.
    """

    price_max_age: timedelta = timedelta(seconds=5)
    lifetime: timedelta = timedelta(days=90)
    most_live: int = 50
    hold_back: timedelta = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class StrategyContext:
    """`trading` is the one way to an order."""

    pool: Pool
    trading: TradingService
    books: BookReader
    clock: Clock
    limits: StrategyLimits
