"""Process `relay`: `python -m workers.relay`. Hands to the queue what the fast path did not, and sends again what went stale.

Woken by LISTEN, and by itself every second. One relay leads, under a lease: every write is fenced by the lease's token, so one that
was stopped too long cannot write any more. A row is marked after its publication: a crash in between sends a task twice, never not
at all. Nothing is published for longer than half the lease's time: then what went is marked and the lease is renewed, so that a slow
queue makes progress. Must never publish inside a unit of work.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

import asyncpg

from core.bootstrap.worker import RelayParts, open_relay
from core.config.breaker import CircuitBreaker, states
from core.config.logging import configure_logging, get_logger
from core.config.metrics import LEASES_LOST, OUTBOX_DISPATCHED, OUTBOX_WAITING
from core.config.settings import RelaySettings
from core.db import leases
from core.db.heartbeats import State, beat
from core.db.listen import Listener
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.kernel.errors import LeaseLost, Unavailable
from core.outbox import service as outbox
from core.outbox.ports import TaskPublisher
from core.outbox.types import QueuedTask
from core.trading.sweeping import Stale, claim_stale

LEASE = "relay"
LOOK_EVERY_S = 1.0
BATCH = 100
DATABASE_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, TimeoutError)
_log = get_logger()


class Relay:
    """One relay. `step` does one round of work, if it leads."""

    def __init__(
        self, parts: RelayParts, settings: RelaySettings, *, holder: str = "", monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._pool = parts.pool
        self._publisher: TaskPublisher = parts.publisher
        self._ttl = timedelta(milliseconds=settings.lease_ttl_ms)
        self.grace = timedelta(milliseconds=settings.relay_grace_ms)
        self._sweep_after = timedelta(milliseconds=settings.sweep_after_ms)
        self._holder = holder or f"{socket.gethostname()}:{os.getpid()}"
        self._monotonic = monotonic
        self._lease: leases.Lease | None = None
        self._publish_until = 0.0
        self.breaker = CircuitBreaker("queue")
        self._database = parts.database

    async def step(self) -> int:
        """One round: relays, sweeps, each under a fresh lease. How many tasks were published. Raises database errors and LeaseLost."""
        published = 0
        for part in (self._relay, self._sweep):
            lease = await self._keep_lease()
            if lease is None:
                break
            published += await part(lease)
        return published

    async def tell(self) -> None:
        """The heartbeat: degraded while the queue is away."""
        state: State = "ok" if self.breaker.state == "closed" else "degraded"
        role = "standby" if self._lease is None else "leader"
        name = "relay-0" if role == "leader" else "relay-standby"
        await beat(self._pool, name, state, {"role": role, "breakers": states(self._database, self.breaker)})

    async def give_up_lease(self) -> None:
        """At the end: another relay may lead at once."""
        if self._lease is not None:
            lease, self._lease = self._lease, None
            await leases.release(self._pool, lease)

    async def _keep_lease(self) -> leases.Lease | None:
        self._publish_until = self._monotonic() + self._ttl / timedelta(seconds=2)
        if self._lease is not None and not await leases.renew(self._pool, self._lease):
            self._lose_lease()
        if self._lease is None:
            self._lease = await leases.acquire(self._pool, LEASE, self._holder, self._ttl)
            if self._lease is not None:
                _log.info("relay_leads", token_number=self._lease.token)
        return self._lease

    async def _relay(self, lease: leases.Lease) -> int:
        """Rows that nobody dispatched since the grace of the fast path."""
        async with unit_of_work(self._pool) as uow:
            await self._require(uow, lease)
            waiting = await outbox.claim_tasks(uow, older_than=self.grace, limit=BATCH)
        OUTBOX_WAITING.labels("tasks").set(len(waiting))
        sent = await self._publish_rows(waiting)
        if sent:
            async with unit_of_work(self._pool) as uow:
                await self._require(uow, lease)
                await outbox.mark_task_dispatched(uow, sent)
        OUTBOX_DISPATCHED.labels("relay").inc(len(sent))
        return len(sent)

    async def _sweep(self, lease: leases.Lease) -> int:
        """Orders that were handed over and never decided (the queue lost the task), reports recorded and never applied."""
        async with unit_of_work(self._pool) as uow:
            await self._require(uow, lease)
            stale: Sequence[Stale] = await claim_stale(uow, self._sweep_after)
        sent = 0
        for one in stale:
            if self._is_time_to_renew() or not await self._publish(one.task, one.row_id):
                break
            sent += 1
        if sent:
            _log.warning("stale_tasks_sent_again", count=sent)
            OUTBOX_DISPATCHED.labels("sweeper").inc(sent)
        return sent

    async def _publish_rows(self, rows: Sequence[QueuedTask]) -> list[int]:
        sent: list[int] = []
        for row in rows:
            if self._is_time_to_renew() or not await self._publish(row.task, row.row_id, row.queue):
                break
            sent.append(row.id)
        return sent

    def _is_time_to_renew(self) -> bool:
        """Half of the lease's time is over; what is left waits for the next round."""
        return self._monotonic() >= self._publish_until

    async def _publish(self, task: str, row_id: str, queue: str = "trade") -> bool:
        try:
            async with self.breaker.guard():
                await self._publisher.publish(task, row_id, queue)
        except Unavailable:
            return False
        return True

    async def _require(self, uow: UnitOfWork, lease: leases.Lease) -> None:
        try:
            await leases.require(uow, lease)
        except LeaseLost:
            self._lose_lease()
            raise

    def _lose_lease(self) -> None:
        self._lease = None
        LEASES_LOST.labels(LEASE).inc()
        _log.warning("lease_lost", lease=LEASE)


async def serve(parts: RelayParts, settings: RelaySettings, stop: asyncio.Event) -> None:
    """Relays until `stop` is set; while database or queue are away it goes on asking."""
    relay = Relay(parts, settings)
    told_at = 0.0
    async with Listener(settings.database_url, ["outbox_tasks"], application_name="relay listen") as listener:
        while not stop.is_set():
            try:
                await relay.step()
                if time.monotonic() - told_at >= LOOK_EVERY_S:
                    await relay.tell()
                    told_at = time.monotonic()
                await _wait(listener, relay.grace, stop)
            except LeaseLost:
                continue
            except DATABASE_ERRORS as error:
                _log.warning("database_unavailable", error=type(error).__name__)
                await _pause(stop, LOOK_EVERY_S)
    with suppress(*DATABASE_ERRORS):
        await relay.give_up_lease()


async def _wait(listener: Listener, grace: timedelta, stop: asyncio.Event) -> None:
    """Until something was appended, plus the grace of the fast path; at most a second where nothing was."""
    ended = asyncio.ensure_future(stop.wait())
    woken = asyncio.ensure_future(listener.wait(LOOK_EVERY_S))
    done, _ = await asyncio.wait({ended, woken}, return_when=asyncio.FIRST_COMPLETED)
    for unfinished in {ended, woken} - done:
        unfinished.cancel()
        with suppress(asyncio.CancelledError):
            await unfinished
    if woken in done and woken.result():
        await _pause(stop, min(grace / timedelta(seconds=1), LOOK_EVERY_S))


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def run(settings: RelaySettings, stop: asyncio.Event) -> None:
    """Opens the parts, again while the database is away, and serves."""
    while not stop.is_set():
        try:
            async with open_relay(settings) as parts:
                await serve(parts, settings, stop)
        except DATABASE_ERRORS as error:
            _log.warning("database_unavailable", error=type(error).__name__)
            await _pause(stop, LOOK_EVERY_S)


async def _main(settings: RelaySettings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run(settings, stop)


def main() -> None:
    """The process's entry point."""
    settings = RelaySettings()
    configure_logging("relay", settings.log_level)
    asyncio.run(_main(settings))


if __name__ == "__main__":
    main()
