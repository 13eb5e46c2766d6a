"""Writes down what became of chat rows, many at a time: one transaction for all that ended meanwhile, fenced by the shards' leases.

Called by the sender. Between Telegram's answer and this commit a crash makes a new message come twice (edits do not mind); that is
the at-least-once of docs/architecture.md. Must never wait for Telegram.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from bot.shards import DATABASE_TROUBLE
from core.config.logging import get_logger
from core.config.metrics import CHAT_SUPERSEDED
from core.db import leases
from core.db.leases import Lease
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import LeaseLost
from core.outbox import service as outbox
from core.outbox.types import Delivery

log = get_logger()

AGAIN_S = 0.5


@dataclass(frozen=True, slots=True)
class Postponed:
    """A row that goes out later."""

    row_id: int
    delay: timedelta
    error: str


@dataclass(frozen=True, slots=True)
class _Entry:
    what: Delivery | Postponed
    lease: Lease
    written: asyncio.Future[bool]


class Recorder:
    """`record` returns True when it is committed, False when the lease is lost and it is no longer ours to write."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._entries: list[_Entry] = []
        self._some = asyncio.Event()

    async def record(self, what: Delivery | Postponed, lease: Lease) -> bool:
        """Puts it into the next transaction and waits for that."""
        entry = _Entry(what, lease, asyncio.get_running_loop().create_future())
        self._entries.append(entry)
        self._some.set()
        return await entry.written

    async def run(self) -> None:
        """Until canceled."""
        while True:
            await self._some.wait()
            self._some.clear()
            batch, self._entries = self._entries, []
            if not await self._try(batch):
                self._entries = [*batch, *self._entries]
                self._some.set()
                await asyncio.sleep(AGAIN_S)

    async def _try(self, batch: list[_Entry]) -> bool:
        """False while the database is away."""
        try:
            await self._write(batch)
        except LeaseLost:
            await self._write_by_lease(batch)
        except DATABASE_TROUBLE as error:
            log.warning("deliveries_wait_for_database", count=len(batch), error=type(error).__name__)
            return False
        _tell(batch, True)
        return True

    async def _write(self, batch: list[_Entry]) -> None:
        async with unit_of_work(self._pool) as uow:
            for lease in {entry.lease for entry in batch}:
                await leases.require(uow, lease)
            superseded = await outbox.record_deliveries(uow, [entry.what for entry in batch if isinstance(entry.what, Delivery)])
            for entry in batch:
                if isinstance(entry.what, Postponed):
                    await outbox.postpone_message(uow, entry.what.row_id, delay=entry.what.delay, error=entry.what.error)
        CHAT_SUPERSEDED.inc(superseded)

    async def _write_by_lease(self, batch: list[_Entry]) -> None:
        """One of the leases is lost: the others still count."""
        for lease in {entry.lease for entry in batch}:
            try:
                await self._write([entry for entry in batch if entry.lease == lease])
            except LeaseLost:
                log.warning("delivery_of_a_lost_shard", lease=lease.name)
                _tell([entry for entry in batch if entry.lease == lease], False)

    async def close(self) -> None:
        """Writes what is there, once."""
        if self._entries:
            batch, self._entries = self._entries, []
            await self._try(batch)


def _tell(batch: list[_Entry], written: bool) -> None:
    for entry in batch:
        if not entry.written.done():
            entry.written.set_result(written)
