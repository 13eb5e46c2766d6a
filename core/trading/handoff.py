"""The fast path from a committed request to the queue. Called by requests inside their unit of work; runs after its commit.

The task row in the outbox is the promise; this only makes it quick. After the commit the task is published and the row is marked a
moment later, many rows at a time. A publication that fails, or a process that dies in between, leaves the row to the relay: then the
task may arrive twice, which does no harm. It must never publish before the commit. See docs/decisions/0003-handoff.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import asyncpg

from core.config.logging import get_logger
from core.config.metrics import OUTBOX_DISPATCHED
from core.db.pool import Pool
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.kernel.errors import Unavailable
from core.outbox import service as outbox
from core.outbox.ports import TaskPublisher

QUEUE = "trade"
MARK_AFTER_S = 0.1
"""Shorter than the relay's grace: what is published is marked before the relay looks for it."""
CLOSE_WITHIN_S = 1.0
DROP_WITHIN_S = 0.5
_log = get_logger()


class HandOff:
    """Appends task rows and publishes them after the commit. Without a publisher everything is left to the relay."""

    def __init__(self, pool: Pool, publisher: TaskPublisher | None) -> None:
        self._pool = pool
        self._publisher = publisher
        self._published: list[int] = []
        self._running: set[asyncio.Task[None]] = set()

    async def append(self, uow: UnitOfWork, task: str, row_id: str) -> None:
        """Promises the task in the caller's transaction; it is on its way at once after the commit."""
        outbox_id = await outbox.append_task(uow, task=task, row_id=row_id, queue=QUEUE)
        if self._publisher is not None:
            publisher = self._publisher
            uow.after_commit(lambda: self._start(self._publish(publisher, task, row_id, outbox_id)))

    async def close(self) -> None:
        """Waits a second for what is on its way and drops the rest: the relay has it."""
        try:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                while self._running:
                    await asyncio.wait(set(self._running))
        except TimeoutError:
            left = set(self._running)
            for one in left:
                one.cancel()
            await asyncio.wait(left, timeout=DROP_WITHIN_S)
            _log.info("task_left_to_the_relay", count=len(left))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        running = asyncio.get_running_loop().create_task(work)
        self._running.add(running)
        running.add_done_callback(self._running.discard)

    async def _publish(self, publisher: TaskPublisher, task: str, row_id: str, outbox_id: int) -> None:
        try:
            await publisher.publish(task, row_id, QUEUE)
        except Unavailable:
            _log.info("task_left_to_the_relay", task=task, row_id=row_id)
            return
        OUTBOX_DISPATCHED.labels("fast").inc()
        self._published.append(outbox_id)
        if len(self._published) == 1:
            self._start(self._mark())

    async def _mark(self) -> None:
        await asyncio.sleep(MARK_AFTER_S)
        batch, self._published = self._published, []
        try:
            async with unit_of_work(self._pool) as uow:
                await outbox.mark_task_dispatched(uow, batch)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            _log.info("task_left_to_the_relay", count=len(batch), error=type(error).__name__)
