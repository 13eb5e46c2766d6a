"""Evaluates conditional orders on every new book: one evaluator at a time, under the lease `conditional`; others stand by.

Called by `__main__.py`, beside the price stream. New books come over Valkey, changed conditional orders over LISTEN; both are hints, and
everything is looked at every second anyway. After losing the lease, the database or anything else it begins anew from the rows. Must
never write without the lease's token, never exit because of an outage.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any
from uuid import UUID

from core.bootstrap.conditional import ConditionalParts
from core.config.logging import get_logger
from core.config.metrics import LEASES_LOST
from core.db import leases
from core.db.heartbeats import beat
from core.db.leases import Lease
from core.db.listen import Listener
from core.kernel.errors import LeaseLost, Unavailable
from core.kernel.ids import new_id
from core.strategies.evaluator import Evaluator
from core.strategies.repository import CHANGES
from workers.streams.service import DATABASE_ERRORS

log = get_logger()
LEASE = "conditional"
PROCESS = "conditional-0"
ROUND_S = 0.25
"""Longest pause between two rounds: time exits and emitted orders are looked at in each."""
LOOK_S = 1.0
"""How often everything is looked at without a hint."""
AGAIN_S = 0.5
LOOK_AGAIN_S = 600
"""Everything is read again after so long without a word; a lost connection says so at once."""


class ConditionalStream:
    """Takes the lease, loads what is armed, evaluates until the lease is lost or `stop` is set, over and over."""

    def __init__(self, parts: ConditionalParts, stop: asyncio.Event) -> None:
        self._parts = parts
        self._stop = stop
        self._holder = new_id().hex
        self._ttl_s = parts.lease_ttl.total_seconds()
        self._valid_until = 0.0
        self._symbols: set[str] = set()
        self._changed: set[UUID] = set()
        self._everything = False
        self._woken = asyncio.Event()
        self._error = ""

    async def run(self) -> None:
        """Until `stop` is set."""
        while not self._stop.is_set():
            try:
                lease = await self._acquire()
                if lease is not None:
                    await self._lead(lease)
                    continue
            except LeaseLost:
                LEASES_LOST.labels(lease=LEASE).inc()
                log.warning("lease_lost", lease=LEASE)
            except DATABASE_ERRORS as error:
                log.warning("database_unavailable", error=type(error).__name__)
            except Exception as error:  # supervisor loop: begins anew from the rows
                log.error("conditional_round_failed", exc_info=error)
            await self._pause(self._ttl_s * 0.2)

    async def _acquire(self) -> Lease | None:
        asked = time.monotonic()
        async with asyncio.timeout(self._ttl_s):
            lease = await leases.acquire(self._parts.pool, LEASE, self._holder, self._parts.lease_ttl)
        self._valid_until = asked + self._ttl_s
        return lease

    async def _lead(self, lease: Lease) -> None:
        log.info("lease_acquired", lease=LEASE, token_number=lease.token)
        evaluator = self._parts.service.evaluator(lease)
        helpers = [self._keep(lease, evaluator), self._hear_books(), self._hear_changes()]
        running = [asyncio.create_task(one) for one in helpers]
        try:
            await self._serve(evaluator)
        finally:
            await _end(running)
            with suppress(*DATABASE_ERRORS):
                async with asyncio.timeout(1):
                    await leases.release(self._parts.pool, lease)

    async def _serve(self, evaluator: Evaluator) -> None:
        self._everything = True
        looked_at = 0.0
        while not self._stop.is_set():
            if time.monotonic() >= self._valid_until:
                raise LeaseLost(f"the lease {LEASE} was not renewed in time")
            if self._everything:
                self._everything = False
                await evaluator.load()
            changed, self._changed = self._changed, set()
            if changed:
                await evaluator.refresh(changed)
            symbols, self._symbols = self._symbols, set()
            if changed or time.monotonic() - looked_at >= LOOK_S:
                symbols, looked_at = evaluator.symbols, time.monotonic()
            await self._round(evaluator, symbols)
            await self._wait()

    async def _round(self, evaluator: Evaluator, symbols: set[str]) -> None:
        try:
            await evaluator.evaluate(symbols)
            self._error = ""
        except Unavailable as error:
            self._error = str(error)
        await evaluator.by_clock()
        await evaluator.follow()
        await evaluator.keep_evaluations()

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(ROUND_S):
                await self._woken.wait()
        self._woken.clear()

    async def _hear_books(self) -> None:
        while True:
            try:
                self._symbols |= await self._parts.signals.wait(LOOK_S)
            except Unavailable:
                await asyncio.sleep(AGAIN_S)
                continue
            if self._symbols:
                self._woken.set()

    async def _hear_changes(self) -> None:
        while True:
            try:
                async with Listener(self._parts.database_url, [CHANGES], application_name="conditional listen") as listener:
                    self._everything = True
                    while True:
                        heard = await listener.wait(LOOK_AGAIN_S)
                        if heard:
                            self._changed |= {UUID(payload) for _, payload in heard}
                        else:
                            self._everything = True
                        self._woken.set()
            except DATABASE_ERRORS as error:
                log.warning("database_unavailable", error=type(error).__name__)
                await asyncio.sleep(AGAIN_S)

    async def _keep(self, lease: Lease, evaluator: Evaluator) -> None:
        """Renews the lease and beats, several times within its life; `_serve` stops by the time itself."""
        while True:
            try:
                async with asyncio.timeout(self._ttl_s * 0.5):
                    asked = time.monotonic()
                    if not await leases.renew(self._parts.pool, lease):
                        self._valid_until = 0.0
                        return
                    self._valid_until = asked + self._ttl_s
                    details = {"armed": evaluator.armed} | ({"error": self._error} if self._error else {})
                    await beat(self._parts.pool, PROCESS, "degraded" if self._error else "ok", details)
            except DATABASE_ERRORS as error:
                log.warning("database_unavailable", error=type(error).__name__)
            await asyncio.sleep(self._ttl_s * 0.2)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), max(seconds, 0.001))


async def _end(running: list[asyncio.Task[Any]]) -> None:
    """Cancels helpers and waits for them."""
    for one in running:
        one.cancel()
    for one in running:
        with suppress(asyncio.CancelledError, LeaseLost, *DATABASE_ERRORS):
            await one
