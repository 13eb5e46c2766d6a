"""The paper venue: a real exchange of its own that fills at real prices with money that is none.

Walks the newest book level by level at the moment of execution, after its latency; fills exactly what stands there; charges its fee;
refuses what comes after `send_until`. What may rest waits in its book, where its matching engine fills it (`engine.py`). Client order ids
are idempotent while the order is open and may be used again afterwards, as at Binance and Kraken. Its memory is its database, so any
process and any restart sees the same. It does not take liquidity out of the recorded book: two orders at the same moment fill at the same
prices.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import asyncpg

from core.adapters.venues.paper.matching import Plan, plan_execution, rest_later, would_take
from core.adapters.venues.paper.store import PaperStore
from core.adapters.venues.paper.trouble import Dice, Throw, Trouble
from core.db.pool import Pool
from core.kernel.clock import Clock
from core.kernel.errors import Unavailable
from core.kernel.transaction_guard import require_no_transaction
from core.market.ports import BookReader
from core.market.types import Instrument, OrderBook
from core.venues.types import Accepted, NotFound, OrderReport, OrderRequest, Outcome, Refused, Unknown, VenueOrderState

NAME = "paper"


class PaperVenue:
    """Implements `core.venues.ports.Venue`. Announces itself: its name is `paper` and every fill carries the price's source."""

    def __init__(
        self, pool: Pool, books: BookReader, clock: Clock, *, latency: timedelta = timedelta(0), trouble: Trouble | None = None
    ) -> None:
        self.store = PaperStore(pool)
        self._books = books
        self._clock = clock
        self._latency = latency
        self._trouble = trouble or Trouble()
        self._dice = Dice(self._trouble)

    @property
    def name(self) -> str:
        """`paper`."""
        return NAME

    async def submit(self, request: OrderRequest) -> Outcome:
        """See Venue. Refusals: too_late, no_price, post_only_would_take, rejected (on demand).

        A broken connection to its database is an unknown outcome.
        """
        require_no_transaction("paper.submit")
        throw = self._dice.throw(request.client_order_id)
        await self._travel(throw)
        if throw.happens(self._trouble.lost):
            return Unknown("lost on the way")
        try:
            outcome = await self._take(request, throw)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            return Unknown(type(error).__name__)
        if isinstance(outcome, Accepted) and throw.happens(self._trouble.times_out):
            return Unknown("timed out")
        return outcome

    async def cancel(self, client_order_id: str, instrument: Instrument) -> Outcome:
        """See Venue. Refusals: order_closed, order_unknown."""
        require_no_transaction("paper.cancel")
        throw = self._dice.throw(client_order_id)
        await self._travel(throw)
        try:
            return await self._cancel(client_order_id, instrument, throw)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            return Unknown(type(error).__name__)

    async def lookup(self, client_order_id: str, instrument: Instrument) -> OrderReport | NotFound:
        """See Venue. After a submission that is under way: its answer, or a time after which that one is refused."""
        require_no_transaction("paper.lookup")
        throw = self._dice.throw(client_order_id)
        await self._travel(throw)
        if throw.happens(self._trouble.unreachable):
            raise Unavailable("the paper venue does not answer")
        try:
            async with self.store.exclusive(client_order_id) as connection:
                order = await self.store.newest(connection, client_order_id, instrument.symbol)
                now = self._clock.now()
                if order is None:
                    return NotFound(now)
                await self.store.close_due(connection, order, now)
                return throw.garble(await self.store.report(connection, order, now))
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise Unavailable("the paper venue's database does not answer") from error

    async def _travel(self, throw: Throw) -> None:
        """The way there and back: the venue sees the order after it, and time has passed."""
        late = self._trouble.late_by if throw.happens(self._trouble.late) else timedelta(0)
        pause = self._latency + late
        if pause:
            await asyncio.sleep(pause / timedelta(seconds=1))

    async def _take(self, request: OrderRequest, throw: Throw) -> Outcome:
        book = await self._book(request.instrument.symbol)
        async with self.store.exclusive(request.client_order_id) as connection:
            now = self._clock.now()
            if now > request.send_until or (request.expires_at is not None and now >= request.expires_at):
                return Refused("too_late")
            known = await self.store.newest(connection, request.client_order_id, request.instrument.symbol)
            if known is not None and now < known.closes_at:
                return Accepted(known.venue_order_id, throw.garble(await self.store.report(connection, known, now)))
            if throw.happens(self._trouble.rejects):
                return Refused("rejected")
            if book is None:
                return Refused("no_price")
            if request.post_only and would_take(request, book):
                return Refused("post_only_would_take")
            plan = self._rested(plan_execution(request, book, now), request, throw)
            order = await self.store.insert(connection, request, plan, book.source, now)
            return Accepted(order.venue_order_id, throw.garble(await self.store.report(connection, order, now)))

    def _rested(self, plan: Plan, request: OrderRequest, throw: Throw) -> Plan:
        if not throw.happens(self._trouble.rests):
            return plan
        return rest_later(plan, request.instrument, self._trouble.rest_for)

    async def _book(self, symbol: str) -> OrderBook | None:
        try:
            return await self._books.book(symbol)
        except Unavailable:
            return None

    async def _cancel(self, client_order_id: str, instrument: Instrument, throw: Throw) -> Outcome:
        async with self.store.exclusive(client_order_id) as connection:
            order = await self.store.newest(connection, client_order_id, instrument.symbol)
            now = self._clock.now()
            if order is None:
                return Refused("order_unknown")
            if now >= order.closes_at:
                await self.store.close_due(connection, order, now)
                return Refused("order_closed")
            closed = await self.store.cancel(connection, order, now)
            report = await self.store.report(connection, closed, now)
            if report.state is not VenueOrderState.CANCELED:
                return Unknown("not closed")
            return Accepted(order.venue_order_id, throw.garble(report))
