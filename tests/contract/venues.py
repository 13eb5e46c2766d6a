"""What the venue contract needs to know about each adapter: how to build one, how to move its market, how to make it open or silent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

from core.adapters.venues.guarded import GuardedVenue
from core.adapters.venues.paper.engine import MatchingEngine
from core.adapters.venues.paper.trouble import Trouble
from core.adapters.venues.paper.venue import PaperVenue
from core.config.breaker import CircuitBreaker
from core.db.pool import Pool
from core.kernel.clock import ManualClock
from core.kernel.money import Price, Quantity
from core.market.types import Instrument
from core.venues.ports import Venue
from core.venues.types import OrderRequest, OrderType, Side, TimeInForce
from tests.support.books import Pair, StaticBooks
from tests.support.desk import BTC_USDT

RESTS_FOR = timedelta(seconds=60)


@dataclass
class VenueUnderTest:
    """`make` builds the adapter anew (a restart), `resting` one whose orders stay open for a minute, `silent` one that never answers.

    `match` lets the venue see its market as it is now, with everything in it that matches orders started anew. `garbling` builds one that
    leaves fills out and tells others twice.
    """

    name: str
    instrument: Instrument
    clock: ManualClock
    set_market: Callable[[Sequence[Pair], Sequence[Pair]], None]
    close_market: Callable[[], None]
    make: Callable[[], Venue]
    resting: Callable[[], Venue]
    silent: Callable[[], Venue]
    garbling: Callable[[], Venue]
    match: Callable[[], Awaitable[None]]
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
        time_in_force: TimeInForce | None = None,
        post_only: bool = False,
        good_for: timedelta | None = None,
    ) -> OrderRequest:
        """An order; by default a market buy of 1 with a wide limit, with `time_in_force` a limit order."""
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
            OrderType.MARKET if time_in_force is None else OrderType.LIMIT,
            time_in_force or TimeInForce.IOC,
            post_only,
            None if good_for is None else self.clock.now() + good_for,
        )

    async def later(self, bids: Sequence[Pair], asks: Sequence[Pair], after: timedelta = timedelta(seconds=1)) -> None:
        """The market a while later, seen by the venue."""
        self.clock.advance(after)
        self.set_market(bids, asks)
        await self.match()


def paper(pool: Pool) -> VenueUnderTest:
    """The paper venue."""
    clock, books = ManualClock(datetime(2026, 1, 1, tzinfo=UTC)), StaticBooks()
    instrument = replace(BTC_USDT, maker_fee_bps=8)
    symbol, sequences = instrument.symbol, count(1)

    def make(trouble: Trouble | None = None) -> Venue:
        return PaperVenue(pool, books, clock, trouble=trouble)

    def set_market(bids: Sequence[Pair], asks: Sequence[Pair]) -> None:
        books.set(symbol, bids, asks, observed_at=clock.now(), sequence=next(sequences))

    async def match() -> None:
        await MatchingEngine(pool, books, clock).round()

    return VenueUnderTest(
        "paper",
        instrument,
        clock,
        set_market=set_market,
        close_market=lambda: books.remove(symbol),
        make=make,
        resting=lambda: make(Trouble(rests=100, rest_for=RESTS_FOR)),
        silent=lambda: make(Trouble(times_out=100)),
        garbling=lambda: make(Trouble(gaps=60, repeats=60)),
        match=match,
    )


def guarded_paper(pool: Pool) -> VenueUnderTest:
    """The same behind its circuit breaker, as a worker has it."""
    inner = paper(pool)

    def guard(make: Callable[[], Venue]) -> Callable[[], Venue]:
        return lambda: GuardedVenue(make(), CircuitBreaker("paper"))

    return replace(inner, make=guard(inner.make), resting=guard(inner.resting), silent=guard(inner.silent), garbling=guard(inner.garbling))


VENUES: dict[str, Callable[[Pool], VenueUnderTest]] = {"paper": paper, "guarded paper": guarded_paper}
"""Every adapter is listed here and passes the same suite."""
