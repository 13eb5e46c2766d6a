"""Celery task of notifications, sent by beat every minute: what was held is told when the quiet hours end."""

from __future__ import annotations

from celery import Celery

from core.bootstrap.worker import WorkerParts
from core.db.unit_of_work import unit_of_work
from core.notifications import service as notifications
from workers.runtime import Runtime

LIMIT_S = 20
"""Longer than a round takes; the queue's visibility timeout is longer still."""


async def deliver_digests(parts: WorkerParts) -> None:
    """One round; rows that another worker holds are left to it."""
    async with unit_of_work(parts.pool) as uow:
        await notifications.deliver_digests(uow, parts.clock.now())


def register(app: Celery, runtime: Runtime[WorkerParts]) -> None:
    """Adds the task to the app."""

    @app.task(name="notifications.digests")
    def digests() -> None:
        runtime.run(deliver_digests, limit_s=LIMIT_S)

    _ = digests
