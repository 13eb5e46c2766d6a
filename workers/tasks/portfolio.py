"""Celery tasks of the portfolio: what accounts are worth at each full hour. Sent by beat every minute; twice at once does no harm."""

from __future__ import annotations

from celery import Celery

from core.bootstrap.worker import WorkerParts
from core.portfolio.snapshots import take_snapshots, thin_snapshots
from workers.runtime import Runtime

LIMIT_S = 50
"""Longer than the snapshots of an hour take; the queue's visibility timeout is longer still."""


async def snapshot_hour(parts: WorkerParts) -> int:
    """Takes what is missing for the last full hour, and thins what is old when there was something to take. How many were taken."""
    now = parts.clock.now()
    taken = await take_snapshots(parts.pool, parts.books, now)
    if taken:
        await thin_snapshots(parts.pool, now)
    return taken


def register(app: Celery, runtime: Runtime[WorkerParts]) -> None:
    """Adds the task to the app."""

    @app.task(name="portfolio.snapshot")
    def snapshot() -> None:
        runtime.run(snapshot_hour, limit_s=LIMIT_S)

    _ = snapshot
