"""Celery task of alerts, sent by beat every two seconds. Twice at once does no harm: an alert ends where it is told."""

from __future__ import annotations

from celery import Celery

from core.bootstrap.worker import WorkerParts
from workers.runtime import Runtime

LIMIT_S = 20
"""Longer than a round takes; the queue's visibility timeout is longer still."""


def register(app: Celery, runtime: Runtime[WorkerParts]) -> None:
    """Adds the task to the app."""

    @app.task(name="alerts.evaluate")
    def evaluate() -> None:
        runtime.run(lambda parts: parts.alerts.evaluate(), limit_s=LIMIT_S)

    _ = evaluate
