"""The paper exchange's engine in this process: one at a time under the lease `paper-matching`, others stand by.

Called by `__main__.py` beside the price stream, of which it needs nothing: it reads books and trades where everybody does. What the
engine did is handed to trading as raw reports and tasks in one transaction, then noted as told; whoever dies in between tells it again.
Outages are waited out with growing pauses. Never matches without the lease, never moves money.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Protocol

from core.config.logging import get_logger
from core.config.metrics import LEASES_LOST
from core.db import leases
from core.db.leases import Lease
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import LeaseLost, Unavailable
from core.kernel.ids import new_id
from core.market.instruments import PAPER
from core.trading.notices import take_notices
from core.venues.types import Notice
from workers.streams.service import DATABASE_ERRORS, LONGEST_PAUSE_S

log = get_logger()
LEASE = "paper-matching"
ROUND_S = 0.1
"""Twice as often as books are published."""


class Engine(Protocol):
    """An exchange of ours that fills what waits in its book by itself."""

    async def round(self, lease: Lease | None = None) -> int:
        """Meets what waits with the newest prices; how many fills that made. Raises Unavailable without prices, LeaseLost."""
        ...

    async def notices(self) -> Sequence[Notice]:
        """What happened and was not told."""
        ...

    async def told(self, notices: Sequence[Notice]) -> None:
        """These need not be told again."""
        ...


class Matching:
    """Takes the lease and runs rounds until the lease is lost or `stop` is set, over and over."""

    def __init__(self, engine: Engine, pool: Pool, stop: asyncio.Event, *, lease_ttl: timedelta) -> None:
        self._engine = engine
        self._pool = pool
        self._stop = stop
        self._ttl = lease_ttl
        self._holder = new_id().hex

    async def run(self) -> None:
        """Until `stop` is set."""
        while not self._stop.is_set():
            try:
                lease = await leases.acquire(self._pool, LEASE, self._holder, self._ttl)
                if lease is not None:
                    await self._lead(lease)
                    continue
            except LeaseLost:
                LEASES_LOST.labels(lease=LEASE).inc()
                log.warning("lease_lost", lease=LEASE)
            except DATABASE_ERRORS as error:
                log.warning("database_unavailable", error=type(error).__name__)
            await self._pause(self._ttl.total_seconds() * 0.2)

    async def _lead(self, lease: Lease) -> None:
        log.info("lease_acquired", lease=LEASE, token_number=lease.token)
        try:
            await self._rounds(lease)
        finally:
            with suppress(*DATABASE_ERRORS):
                async with asyncio.timeout(1):
                    await leases.release(self._pool, lease)

    async def _rounds(self, lease: Lease) -> None:
        """Raises LeaseLost; every round renews when a fifth of the lease's life has passed."""
        renew_at, failures = 0.0, 0
        while not self._stop.is_set():
            if time.monotonic() >= renew_at:
                await self._renew(lease)
                renew_at = time.monotonic() + self._ttl.total_seconds() * 0.2
            failures = await self._round(lease, failures)
            await self._pause(min(LONGEST_PAUSE_S, ROUND_S * 2**failures, self._ttl.total_seconds() * 0.2))

    async def _renew(self, lease: Lease) -> None:
        if not await leases.renew(self._pool, lease):
            raise LeaseLost(f"the lease {LEASE} went to another")

    async def _round(self, lease: Lease, failures: int) -> int:
        """Matches and tells; how often in a row prices could not be read."""
        try:
            await self._engine.round(lease)
            failures = 0
        except Unavailable as error:
            if not failures:
                log.warning("price_store_unavailable", reason=str(error))
            failures += 1
        await tell(self._engine, self._pool, lease)
        return failures

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), max(seconds, 0.001))


async def tell(engine: Engine, pool: Pool, lease: Lease | None = None) -> int:
    """Hands trading what happened and was not told; how many orders that were."""
    notices = await engine.notices()
    if not notices:
        return 0
    async with unit_of_work(pool) as uow:
        if lease is not None:
            await leases.require(uow, lease)
        await take_notices(uow, PAPER, [one.report for one in notices])
    await engine.told(notices)
    return len(notices)
