"""Which users and chats this process looks after: leases over groups of shards, shared out evenly among the bot processes.

Called by `bot/app.py` (which runs it) and by consumer, sender and dispatcher, who take the lease of a shard into their transactions:
a process that was stopped too long is refused there. What this module believes may be stale; the database decides.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

import asyncpg

from core.config.logging import get_logger
from core.config.metrics import LEASES_LOST
from core.db import leases
from core.db.leases import Lease
from core.db.pool import Pool
from core.kernel.shards import SHARDS, shard_of

log = get_logger()

SLOTS = 64
_LIVE = "select count(*) from leases where name like 'bot-process:%' and expires_at > clock_timestamp()"
DATABASE_TROUBLE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


class ShardKeeper:
    """Takes, renews and hands back groups of shards. `processes` is how many bot processes live, at least 1."""

    def __init__(self, pool: Pool, holder: str, *, groups: int, ttl: timedelta, on_change: Callable[[], None]) -> None:
        self._pool = pool
        self._holder = holder
        self._groups = groups
        self._ttl = ttl
        self._on_change = on_change
        self._held: dict[int, tuple[Lease, float]] = {}
        self._owned: tuple[frozenset[int], tuple[int, ...]] = frozenset(), ()
        self._slot: tuple[Lease, float] | None = None
        self.slot = 0
        self.processes = 1

    def lease_of(self, shard: int) -> Lease | None:
        """The lease over a shard, None where another process looks after it."""
        held = self._held.get(shard % self._groups)
        return held[0] if held is not None and held[1] > time.monotonic() else None

    def lease_of_chat(self, chat_id: int) -> Lease | None:
        """The lease over a chat's shard."""
        return self.lease_of(shard_of(chat_id))

    def owned(self) -> tuple[int, ...]:
        """The shards this process looks after now; the same object as long as they are the same."""
        now = time.monotonic()
        live = frozenset(group for group, (_, until) in self._held.items() if until > now)
        if live != self._owned[0]:
            self._owned = live, tuple(shard for shard in range(SHARDS) if shard % self._groups in live)
        return self._owned[1]

    async def run(self) -> None:
        """Keeps at it until canceled."""
        while True:
            try:
                await self.turn()
            except DATABASE_TROUBLE as error:
                log.warning("shards_not_renewed", error=type(error).__name__)
            await asyncio.sleep(self._ttl.total_seconds() / 3)

    async def turn(self) -> None:
        """Renews what is held, gives back what is too much, takes what is free."""
        await self._keep_slot()
        before = set(self._held)
        for group, (lease, _) in list(self._held.items()):
            await self._renew(group, lease)
        self.processes = max(1, int(await self._pool.fetchval(_LIVE)))
        fair = -(-self._groups // self.processes)
        for group in sorted(self._held, reverse=True)[: max(0, len(self._held) - fair)]:
            await self._give_back(group)
        await self._take(fair)
        if set(self._held) != before:
            log.info("shards_held", count=len(self._held), expected=fair)
            self._on_change()

    async def _keep_slot(self) -> None:
        """A number of its own makes the process count, and names it (`bot-0`)."""
        deadline = time.monotonic() + self._ttl.total_seconds()
        if self._slot is not None and await leases.renew(self._pool, self._slot[0]):
            self._slot = (self._slot[0], deadline)
            return
        for number in range(SLOTS):
            lease = await leases.acquire(self._pool, f"bot-process:{number}", self._holder, self._ttl)
            if lease is not None:
                self._slot, self.slot = (lease, deadline), number
                return

    async def _renew(self, group: int, lease: Lease) -> None:
        deadline = time.monotonic() + self._ttl.total_seconds()
        if await leases.renew(self._pool, lease):
            self._held[group] = (lease, deadline)
            return
        del self._held[group]
        LEASES_LOST.labels("bot-shard").inc()
        log.warning("lease_lost", lease=lease.name)

    async def _take(self, fair: int) -> None:
        for group in range(self._groups):
            if len(self._held) >= fair:
                return
            if group in self._held:
                continue
            deadline = time.monotonic() + self._ttl.total_seconds()
            lease = await leases.acquire(self._pool, f"bot-shard:{group}", self._holder, self._ttl)
            if lease is not None:
                self._held[group] = (lease, deadline)

    async def _give_back(self, group: int) -> None:
        lease, _ = self._held.pop(group)
        await leases.release(self._pool, lease)

    async def release_all(self) -> None:
        """At the end: others take over at once."""
        for group in list(self._held):
            await self._give_back(group)
        if self._slot is not None:
            await leases.release(self._pool, self._slot[0])
            self._slot = None
