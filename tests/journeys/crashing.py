"""A process that dies at a chosen step: wrappers around everything the life of an order does outside its own memory.

Every transaction, publication, look at the prices and venue call has a step before and a step after it. The step with the chosen
number raises `Crash`, as does every step after it: a dead process does nothing more. Steps are counted, so a test can try them all.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from core.db.pool import Pool
from core.market.ports import BookReader
from core.market.types import Instrument, OrderBook
from core.venues.ports import Venue
from core.venues.types import NotFound, OrderReport, OrderRequest, Outcome


class Crash(BaseException):
    """The process is gone. Not an Exception: nothing in the house may catch it and go on."""


class Doom:
    """Counts steps and strikes at one. `names` tells what each step was."""

    def __init__(self, at: int | None) -> None:
        self._at = at
        self.names: list[str] = []

    def step(self, name: str) -> None:
        """One boundary."""
        self.names.append(name)
        if self._at is not None and len(self.names) > self._at:
            raise Crash(name)

    @property
    def struck(self) -> bool:
        """Whether the process died."""
        return self._at is not None and len(self.names) > self._at


class DoomedPool:
    """A pool whose connections are taken and given back with a step each; what is not committed by then is rolled back."""

    def __init__(self, pool: Pool, doom: Doom) -> None:
        self._pool = pool
        self._doom = doom

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Any]:
        self._doom.step("before a transaction")
        async with self._pool.acquire() as connection:
            yield connection
        self._doom.step("after a transaction")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)


class DoomedBooks:
    """Prices."""

    def __init__(self, books: BookReader, doom: Doom) -> None:
        self._books = books
        self._doom = doom

    async def book(self, symbol: str) -> OrderBook | None:
        self._doom.step("before prices")
        return await self._books.book(symbol)

    async def books(self, symbols: Sequence[str]) -> dict[str, OrderBook]:
        return await self._books.books(symbols)


class DoomedVenue:
    """A venue that outlives the process: what was sent before the crash is executed."""

    def __init__(self, venue: Venue, doom: Doom) -> None:
        self._venue = venue
        self._doom = doom

    @property
    def name(self) -> str:
        return self._venue.name

    async def submit(self, request: OrderRequest) -> Outcome:
        self._doom.step("before submit")
        outcome = await self._venue.submit(request)
        self._doom.step("after submit")
        return outcome

    async def cancel(self, client_order_id: str, instrument: Instrument) -> Outcome:
        self._doom.step("before cancel")
        outcome = await self._venue.cancel(client_order_id, instrument)
        self._doom.step("after cancel")
        return outcome

    async def lookup(self, client_order_id: str, instrument: Instrument) -> OrderReport | NotFound:
        self._doom.step("before lookup")
        answer = await self._venue.lookup(client_order_id, instrument)
        self._doom.step("after lookup")
        return answer


class DoomedQueue:
    """The queue: keeps what it was given, also when the giver dies a moment later."""

    def __init__(self, doom: Doom) -> None:
        self._doom = doom
        self.taken: list[tuple[str, str]] = []

    async def publish(self, task: str, row_id: str, queue: str) -> None:  # noqa: ARG002
        self._doom.step("before publish")
        self.taken.append((task, row_id))
        self._doom.step("after publish")
