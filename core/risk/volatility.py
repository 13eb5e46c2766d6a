"""How much markets move, as limits scale with it: measured by `core/market` from candles, asked once a minute for each symbol.

Held by what decides (one a process); any process measures the same within the minute. Must never be asked for symbols nobody trades.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from core.db.unit_of_work import UnitOfWork
from core.market.service import volatility_bps

KEPT = timedelta(minutes=1)


class Volatility:
    """The last measurement of each symbol."""

    def __init__(self) -> None:
        self._measured: dict[str, tuple[datetime, int | None]] = {}

    async def of(self, uow: UnitOfWork, symbol: str, now: datetime) -> int | None:
        """A day's move in basis points; None where too little is known. At most a minute old."""
        found = self._measured.get(symbol)
        if found is None or not found[0] <= now < found[0] + KEPT:
            found = (now, await volatility_bps(uow, symbol, now=now))
            self._measured[symbol] = found
        return found[1]
