"""Celery tasks that keep the house: what is final and old goes. Sent by beat every hour; twice at once does no harm."""

from __future__ import annotations

from celery import Celery

from core.bootstrap.worker import WorkerParts
from core.db.retention import prune as prune_rows
from workers.runtime import Runtime

LIMIT_S = 20
"""Longer than a run takes; the queue's visibility timeout is longer still."""


def register(app: Celery, runtime: Runtime[WorkerParts], *, days: int) -> None:
    """Adds the tasks to the app. `days` is how long final rows are kept."""

    @app.task(name="housekeeping.prune")
    def prune() -> None:
        runtime.run(lambda parts: prune_rows(parts.pool, days=days), limit_s=LIMIT_S)

    _ = prune
