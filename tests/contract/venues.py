"""What the venue contract needs to know about each adapter: how to build one, how to set its market, how to make it open or silent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

from core.adapters.venues.guarded import GuardedVenue
from core.adapters.venues.paper.trouble import Trouble
from core.adapters.venues.paper.venue import PaperVenue
from core.config.breaker import CircuitBreaker
from core.db.pool import Pool
from core.kernel.clock import ManualClock
from core.kernel.money import Price, Quantity
from core.market.types import Instrument
from core.venues.ports import Venue
from core.venues.types import OrderRequest, Side
from tests.support.books import Pair, StaticBooks
from tests.support.desk import BTC_USDT

RESTS_FOR = timedelta(seconds=60)


@dataclass
class VenueUnderTest:
    """`make` builds the adapter anew (a restart), `resting` one whose orders stay open for a minute, `silent` one that never answers."""

    name: str
    instrument: Instrument
    clock: ManualClock
    set_market: Callable[[Sequence[Pair], Sequence[Pair]], None]
    close_market: Callable[[], None]
    make: Callable[[], Venue]
    resting: Callable[[], Venue]
    silent: Callable[[], Venue]
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def request(
        self,
        side: Side = Side.BUY,
        *,
        quantity: str | None = None,
        budget: str | None = None,
        limit: str = "1000",
        client_order_id: str = "",
        send_within: timedelta = timedelta(seconds=5),
    ) -> OrderRequest:
        """An order; by default a buy of 1 with a wide limit."""
        if quantity is None and budget is None:
            quantity = "1"
        return OrderRequest(
            client_order_id or f"sr{next(self._numbers):032x}",
            self.instrument,
            side,
            Price(Decimal(limit)),
            self.clock.now() + send_within,
            None if quantity is None else Quantity(Decimal(quantity)),
            None if budget is None else Decimal(budget),
        )


def paper(pool: Pool) -> VenueUnderTest:
    """The paper venue."""
    clock, books = ManualClock(datetime(2026, 1, 1, tzinfo=UTC)), StaticBooks()
    symbol = BTC_USDT.symbol

    def make(trouble: Trouble | None = None) -> Venue:
        return PaperVenue(pool, books, clock, trouble=trouble)

    return VenueUnderTest(
        "paper",
        BTC_USDT,
        clock,
        set_market=lambda bids, asks: _set(books, symbol, bids, asks),
        close_market=lambda: books.remove(symbol),
        make=make,
        resting=lambda: make(Trouble(rests=100, rest_for=RESTS_FOR)),
        silent=lambda: make(Trouble(times_out=100)),
    )


def guarded_paper(pool: Pool) -> VenueUnderTest:
    """The same behind its circuit breaker, as a worker has it."""
    inner = paper(pool)

    def guard(make: Callable[[], Venue]) -> Callable[[], Venue]:
        return lambda: GuardedVenue(make(), CircuitBreaker("paper"))

    return replace(inner, make=guard(inner.make), resting=guard(inner.resting), silent=guard(inner.silent))


def _set(books: StaticBooks, symbol: str, bids: Sequence[Pair], asks: Sequence[Pair]) -> None:
    books.set(symbol, bids, asks)


VENUES: dict[str, Callable[[Pool], VenueUnderTest]] = {"paper": paper, "guarded paper": guarded_paper}
"""Every adapter is listed here and passes the same suite."""
