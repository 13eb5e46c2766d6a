"""Celery tasks of trading. Each carries a row id and nothing else, and may come any number of times, late and out of order."""

from __future__ import annotations

from uuid import UUID

from celery import Celery

from core.bootstrap.worker import WorkerParts
from workers.runtime import Runtime

LIMIT_S = 20
"""Longer than a venue's answer may take; the queue's visibility timeout is longer still."""
RECONCILE_LIMIT_S = 35
"""Longer than a round of reconciliation may take: the last order it begins with, and two answers of its venue."""


def register(app: Celery, runtime: Runtime[WorkerParts]) -> None:
    """Adds the tasks to the app. They run in Celery's threads and wait for the runtime's loop."""

    @app.task(name="trading.place_order")
    def place_order(order_id: str) -> None:
        runtime.run(lambda parts: parts.trading.place_order(UUID(order_id)), limit_s=LIMIT_S)

    @app.task(name="trading.cancel_order")
    def cancel_order(order_id: str) -> None:
        runtime.run(lambda parts: parts.trading.cancel_order(UUID(order_id)), limit_s=LIMIT_S)

    @app.task(name="trading.apply_reports")
    def apply_reports(order_id: str) -> None:
        runtime.run(lambda parts: parts.trading.apply_reports(UUID(order_id)), limit_s=LIMIT_S)

    @app.task(name="trading.reconcile")
    def reconcile() -> None:
        runtime.run(lambda parts: parts.trading.reconcile(), limit_s=RECONCILE_LIMIT_S)

    _ = (place_order, cancel_order, apply_reports, reconcile)
