"""The price stream of a desk: one publisher at a time, under the lease `streams`; others stand by.

Called by `__main__.py`. Outages are waited out with growing pauses: without PostgreSQL the lease ends and publishing with it, without
Valkey publishing is tried again until it works. Never publishes without the lease, never exits because of an outage.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any, Literal

import asyncpg

from core.bootstrap.streams import Sources, StreamsParts
from core.config.breaker import CircuitBreaker, states
from core.config.logging import get_logger
from core.config.metrics import LEASES_LOST
from core.db import leases
from core.db.heartbeats import beat
from core.db.leases import Lease
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import LeaseLost, Unavailable
from core.kernel.ids import new_id
from core.market.instruments import PAPER
from core.market.service import retire_other_instruments, save_instruments
from workers.streams.candles import CandleKeeper
from workers.streams.publisher import BookPublisher

log = get_logger()
LEASE = "streams"
PROCESS = "streams-0"
LIVE = "live prices"
STANDBY = "streams-standby"
TICK_S = 0.2
LONGEST_PAUSE_S = 2.0
DATABASE_ERRORS = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Every way in which PostgreSQL is away."""


class PriceStream:
    """Takes the lease, writes the instruments, publishes until the lease is lost or `stop` is set, over and over."""

    def __init__(self, parts: StreamsParts, sources: Sources, stop: asyncio.Event) -> None:
        self._parts = parts
        self._sources = sources
        self._stop = stop
        self._candles = CandleKeeper(parts.pool, parts.clock, history=sources.history, minute_days=parts.candle_days)
        self._publisher = BookPublisher(sources.feeds, parts.writer, parts.clock, trades=parts.trades, listeners=[self._candles])
        self._holder = new_id().hex
        self._ttl_s = parts.lease_ttl.total_seconds()
        self._valid_until = 0.0
        self._published = False
        self._store_error = ""
        self._lag_ms = 0
        self._on_live = False

    async def run(self) -> None:
        """Until `stop` is set."""
        while not self._stop.is_set():
            try:
                lease = await self._acquire()
                if lease is not None:
                    await self._lead(lease)
                    continue
                await beat(self._parts.pool, STANDBY, "ok", {"role": "standby"})
            except LeaseLost:
                LEASES_LOST.labels(lease=LEASE).inc()
                log.warning("lease_lost", lease=LEASE)
            except DATABASE_ERRORS as error:
                log.warning("database_unavailable", error=type(error).__name__)
            await self._pause(self._ttl_s * 0.2)

    async def _acquire(self) -> Lease | None:
        asked = time.monotonic()
        async with asyncio.timeout(self._ttl_s):
            lease = await leases.acquire(self._parts.pool, LEASE, self._holder, self._parts.lease_ttl)
        self._valid_until = asked + self._ttl_s
        return lease

    async def _lead(self, lease: Lease) -> None:
        """Raises LeaseLost, or a database error from the first writing; returns when `stop` is set."""
        log.info("lease_acquired", lease=LEASE, token_number=lease.token)
        try:
            await self._write_instruments(lease)
            beside = [asyncio.create_task(self._keep(lease)), asyncio.create_task(self._candles.keep(lease))]
            if self._sources.live is not None:
                beside.append(asyncio.create_task(self._sources.live.run()))
            try:
                await self._publish(lease)
            finally:
                for task in beside:
                    task.cancel()
                    with suppress(asyncio.CancelledError, LeaseLost):
                        await task
                await self._candles.close(lease)
        finally:
            with suppress(*DATABASE_ERRORS):
                async with asyncio.timeout(1):
                    await leases.release(self._parts.pool, lease)

    async def _keep(self, lease: Lease) -> None:
        """Renews the lease and beats, several times within its life. Ends with LeaseLost; `_publish` stops by the time itself."""
        while True:
            try:
                async with asyncio.timeout(self._ttl_s * 0.5):
                    await self._renew(lease)
                    await beat(self._parts.pool, PROCESS, self.state(), self.details())
            except DATABASE_ERRORS as error:
                log.warning("database_unavailable", error=type(error).__name__)
            await asyncio.sleep(self._ttl_s * 0.2)

    async def _renew(self, lease: Lease) -> None:
        asked = time.monotonic()
        if not await leases.renew(self._parts.pool, lease):
            self._valid_until = 0.0
            raise LeaseLost(f"the lease {LEASE} went to another")
        self._valid_until = asked + self._ttl_s

    async def _write_instruments(self, lease: Lease) -> None:
        instruments = self._publisher.instruments
        async with unit_of_work(self._parts.pool) as uow:
            await leases.require(uow, lease)
            await save_instruments(uow, instruments)
            await retire_other_instruments(uow, PAPER, {one.symbol for one in instruments})

    async def _publish(self, lease: Lease) -> None:
        due, failures, refused = time.monotonic(), 0, len(self._publisher.refused)
        while not self._stop.is_set():
            if time.monotonic() >= self._valid_until:
                raise LeaseLost(f"the lease {LEASE} was not renewed in time")
            self._lag_ms = max(0, int((time.monotonic() - due) * 1_000))
            await self._switch_to_live(lease)
            failures = await self._publish_once(lease, failures)
            if len(self._publisher.refused) > refused:
                refused = len(self._publisher.refused)
                await self._write_instruments(lease)
            due = max(due + TICK_S, time.monotonic()) if not failures else time.monotonic() + min(LONGEST_PAUSE_S, TICK_S * 2**failures)
            await self._pause(due - time.monotonic())

    async def _switch_to_live(self, lease: Lease) -> None:
        """Once an exchange's prices have come they replace the simulated market, for good: what was live never becomes simulated."""
        live = self._sources.live
        if live is None or self._on_live or not live.came.is_set():
            return
        self._publisher.replace_feeds(live.feeds)
        self._on_live = True
        await self._write_instruments(lease)
        log.info("market_opened", source=LIVE, count=len(live.feeds))

    async def _publish_once(self, lease: Lease, failures: int) -> int:
        """How often in a row publishing has failed now. Raises LeaseLost."""
        try:
            await self._publisher.publish_due(lease.token)
        except Unavailable as error:
            if not failures:
                log.warning("price_store_unavailable", reason=str(error))
            self._store_error = str(error)
            return failures + 1
        if failures:
            log.info("price_store_back", attempts=failures)
        self._published, self._store_error = True, ""
        return 0

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), max(seconds, 0.001))

    def state(self) -> Literal["starting", "ok", "degraded"]:
        """`degraded` while a recording is refused, live prices are not known, or the price store does not answer."""
        live = self._sources.live
        if self._refused() or self._store_error or (self._on_live and live is not None and live.stale):
            return "degraded"
        return "ok" if self._published else "starting"

    def details(self) -> dict[str, Any]:
        """What the heartbeat tells: source, pairs, refused files with the reason, how late the last round of publishing began."""
        facts: dict[str, Any] = {
            "source": LIVE if self._on_live else self._sources.name,
            "pairs": len(self._publisher.instruments),
            "refused": self._refused(),
            "lag_ms": self._lag_ms,
        }
        if self._sources.live is not None:
            facts["live"] = self._sources.live.state
        if self._store_error:
            facts["error"] = self._store_error
        return {**facts, "market": facts, "breakers": states(*self._breakers())}

    def _breakers(self) -> list[CircuitBreaker]:
        live = self._sources.live
        return [self._parts.database] if live is None else [self._parts.database, live.breaker]

    def _refused(self) -> list[str]:
        return [*self._sources.refused, *self._publisher.refused]
