"""The trades that one feed saw lately, on our clock and numbered. Used by each feed that knows trades; no I/O.

A print's sequence is the microsecond of its time, or one more than the print before it: it grows over restarts as long as the clock does.
"""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import takewhile
from typing import Literal

from core.kernel.money import Price, Quantity
from core.market.types import TradePrint

MOST_KEPT = 4_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class PrintLog:
    """The newest prints of one symbol."""

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol
        self._prints: deque[TradePrint] = deque(maxlen=MOST_KEPT)
        self._last = 0

    def add(self, at: datetime, price: Decimal, quantity: Decimal, aggressor: Literal["buy", "sell"]) -> None:
        """Notes a trade at `at`. A quantity of 0 is no trade. Raises ValueError for a price or quantity that cannot be."""
        if quantity == 0:
            return
        self._last = max(self._last + 1, (at - EPOCH) // MICROSECOND)
        self._prints.append(TradePrint(self._symbol, Price(price), Quantity(quantity), aggressor, self._last, at))

    def since(self, sequence: int) -> list[TradePrint]:
        """Those with a higher sequence, oldest first."""
        if self._last <= sequence:
            return []
        newest_first = takewhile(lambda one: one.sequence > sequence, reversed(self._prints))
        return list(newest_first)[::-1]
