"""Celery task of broadcasts, sent by beat every two seconds: fills the outbox up again while one is running. Twice at once does no harm."""

from __future__ import annotations

from celery import Celery

from core.bootstrap.worker import WorkerParts
from core.db.unit_of_work import unit_of_work
from core.notifications import broadcasts
from workers.runtime import Runtime

LIMIT_S = 20
"""Longer than a round takes; the queue's visibility timeout is longer still."""
MOST_CHUNKS = 10


async def advance_broadcasts(parts: WorkerParts) -> int:
    """Chunks, each a transaction of its own, until the outbox has enough or nothing is left. How many users were dealt with."""
    told = 0
    for _ in range(MOST_CHUNKS):
        async with unit_of_work(parts.pool) as uow:
            count = await broadcasts.advance(uow, parts.clock.now())
        told += count
        if count == 0:
            break
    return told


def register(app: Celery, runtime: Runtime[WorkerParts]) -> None:
    """Adds the task to the app."""

    @app.task(name="broadcasts.advance")
    def advance() -> None:
        runtime.run(advance_broadcasts, limit_s=LIMIT_S)

    _ = advance
