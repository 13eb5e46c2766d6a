"""Takes updates from the inbox: one user's strictly in order, users side by side, a poisonous one parked and the others flow.

Run by `bot/app.py`. Owns what is in hand and in which order; the dispatcher does the work. One of the two supervisor loops that may
catch everything: whatever a handler raises ends that update, never the loop.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

import asyncpg

from bot.context import reading
from bot.dispatcher import Dispatcher
from bot.ending import end, reraise_if_ending
from bot.shards import DATABASE_TROUBLE, ShardKeeper
from core.config.logging import bind_correlation, describe, get_logger
from core.config.metrics import UPDATE_SECONDS, UPDATES_HANDLED, UPDATES_PARKED
from core.db import leases
from core.db.leases import Lease
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.inbox import service as inbox
from core.inbox.rules import FIRST_RETRY, retry_delay
from core.inbox.types import InboxRow
from core.kernel.errors import LeaseLost, Unavailable

log = get_logger()

MOST_IN_HAND = 512
MOST_OF_ONE_SENDER = 16
"""So that one user's flood leaves room for the others."""
MOST_URGENT_IN_HAND = 64
"""Beyond the others: of senders for whom an exit waits, when there is no room for everybody."""
DATABASE_PAUSE_S = 0.5
LOST_PAUSE_S = 0.1
"""After a lost lease the shard keeper needs a moment to notice."""


@dataclass(slots=True)
class _Sender:
    """One user's updates in hand, by update id."""

    rows: list[InboxRow]
    task: asyncio.Task[None] | None = None


class InboxConsumer:
    """Keeps at most 512 updates in hand, a task a user, `concurrency` handlers at once."""

    def __init__(self, pool: Pool, shards: ShardKeeper, dispatcher: Dispatcher, woken: asyncio.Event, *, concurrency: int) -> None:
        self._pool = pool
        self._shards = shards
        self._dispatcher = dispatcher
        self._woken = woken
        self._slots = asyncio.Semaphore(concurrency)
        self._urgent_slots = asyncio.Semaphore(1)
        self._known: dict[int, int] = {}
        self._senders: dict[int, _Sender] = defaultdict(lambda: _Sender([]))
        self._left_behind = False
        """Whether the last look had to leave rows in the inbox: then whoever ends makes room for them."""

    async def run(self) -> None:
        """Until canceled."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            try:
                await self.look()
            except DATABASE_TROUBLE as error:
                log.warning("inbox_not_read", error=type(error).__name__)
                await asyncio.sleep(DATABASE_PAUSE_S)
                self._woken.set()

    async def look(self) -> None:
        """Takes in what waits, the oldest first, as far as there is room; when some must wait, those with an exit do not."""
        owned = self._shards.owned()
        if not owned:
            return
        await self._look_at_all(owned)
        if self._left_behind:
            await self._look_at_urgent(owned)

    async def _look_at_all(self, owned: Collection[int]) -> None:
        cut = True
        while cut:
            room = MOST_IN_HAND - len(self._known)
            if room <= 0:
                self._left_behind = True
                return
            full = self._full_senders()
            async with reading(self._pool) as uow:
                rows = await inbox.claim(uow, shards=owned, known=self._known, busy_senders=full, limit=room)
            refused = [row for row in rows if not self._take(row)]
            self._left_behind = bool(full or refused) or len(rows) >= room
            cut = bool(refused)

    async def _look_at_urgent(self, owned: Collection[int]) -> None:
        room = MOST_IN_HAND + MOST_URGENT_IN_HAND - len(self._known)
        if room > 0:
            async with reading(self._pool) as uow:
                rows = await inbox.claim_urgent(
                    uow, shards=owned, known=self._known, busy_senders=self._full_senders(), limit=min(room, MOST_URGENT_IN_HAND)
                )
            for row in rows:
                self._take(row)

    def _full_senders(self) -> list[int]:
        return [sender_id for sender_id, sender in self._senders.items() if len(sender.rows) >= MOST_OF_ONE_SENDER]

    def _take(self, row: InboxRow) -> bool:
        """False when its sender has enough in hand: then it waits in the inbox."""
        if row.id in self._known:
            return True
        sender = self._senders[row.sender_id]
        if len(sender.rows) >= MOST_OF_ONE_SENDER:
            return False
        self._known[row.id] = row.sender_id
        sender.rows.append(row)
        if len(sender.rows) > 1:
            head = 1 if sender.task is not None else 0  # the first one is being handled
            sender.rows[head:] = sorted(sender.rows[head:], key=lambda one: (one.bot_id, one.update_id))
        if sender.task is None:
            sender.task = asyncio.get_running_loop().create_task(self._work(row.sender_id, sender))
        return True

    async def _work(self, sender_id: int, sender: _Sender) -> None:
        """One user's updates, in order. One that we may not handle takes all that follow out of hand: they are read again in order."""
        try:
            while sender.rows:
                row = sender.rows[0]
                if not await self._finish(row):
                    await asyncio.sleep(LOST_PAUSE_S)
                    return
                sender.rows.pop(0)
                self._known.pop(row.id, None)
        finally:
            for row in sender.rows:
                self._known.pop(row.id, None)
            self._senders.pop(sender_id, None)
            if sender.rows or self._left_behind:
                self._woken.set()

    async def _finish(self, row: InboxRow) -> bool:
        """Until it is done or parked; False when it is not ours any more."""
        bind_correlation(row.correlation_id)
        while True:
            lease = self._shards.lease_of(row.shard)
            if lease is None:
                return False
            try:
                async with self._slot(row.sender_id):
                    delay = await self._once(row, lease)
            except LeaseLost:
                UPDATES_HANDLED.labels("lease_lost").inc()
                return False
            if delay is None:
                return True
            await asyncio.sleep(delay)

    def _slot(self, sender_id: int) -> asyncio.Semaphore:
        """Whoever has an exit in hand does not queue with the others."""
        return self._urgent_slots if any(row.urgent for row in self._senders[sender_id].rows) else self._slots

    async def _once(self, row: InboxRow, lease: Lease) -> float | None:
        """Handles a row; seconds until it is to be tried again, None when it is done or parked. Raises LeaseLost."""
        began = time.perf_counter()
        try:
            await self._dispatcher.handle(row, lease)
        except LeaseLost:
            raise
        except Unavailable as error:
            reraise_if_ending()
            return await self._postpone(row, lease, error)
        except DATABASE_TROUBLE as error:
            if not _is_database_away(error):
                return await self._park(row, lease, error)
            log.warning("update_waits_for_database", update_id=row.update_id, error=type(error).__name__)
            return DATABASE_PAUSE_S
        except Exception as error:  # noqa: BLE001 - supervisor loop: one update never stops the others
            return await self._park(row, lease, error)
        UPDATE_SECONDS.observe(time.perf_counter() - began)
        UPDATES_HANDLED.labels("done").inc()
        return None

    async def _postpone(self, row: InboxRow, lease: Lease, error: Unavailable) -> float | None:
        try:
            async with unit_of_work(self._pool) as uow:
                await leases.require(uow, lease)
                attempts = await inbox.count_attempt(uow, row.id, str(error))
            delay = retry_delay(attempts)
            if delay is None:
                await self._give_up(row, lease, str(error), "unavailable")
                return None
        except DATABASE_TROUBLE:
            return DATABASE_PAUSE_S
        UPDATES_HANDLED.labels("postponed").inc()
        return delay.total_seconds()

    async def _park(self, row: InboxRow, lease: Lease, error: Exception) -> float | None:
        log.error("update_parked", update_id=row.update_id, bot_id=row.bot_id, exc_info=error)
        told = describe(error)
        try:
            await self._give_up(
                row, lease, f"{told['error']} {told.get('error_text', '')} {' < '.join(reversed(told['where']))}", "went-wrong"
            )
        except DATABASE_TROUBLE:
            return FIRST_RETRY.total_seconds() * 10
        return None

    async def _give_up(self, row: InboxRow, lease: Lease, error: str, message: str) -> None:
        await self._dispatcher.give_up(row, lease, error, message=message)
        UPDATES_PARKED.inc()
        UPDATES_HANDLED.labels("parked").inc()

    async def close(self) -> None:
        """Lets handlers under way end, a second at most; what is left stays in the inbox."""
        tasks = [sender.task for sender in self._senders.values() if sender.task is not None]
        for sender in self._senders.values():
            del sender.rows[1:]
        if tasks:
            _, left = await asyncio.wait(tasks, timeout=1.0)
            await end(left)


def _is_database_away(error: BaseException) -> bool:
    """Connections that fail, timeouts and conflicts pass; anything else PostgreSQL says is about this update."""
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return state[:2] in ("08", "40", "53", "55", "57") or state == "25P03"  # the last: this process stood still in its transaction
    return isinstance(error, OSError | TimeoutError | asyncpg.InterfaceError | asyncpg.InternalClientError)
