"""What beat sends is what workers know, and pruning reaches the database through the runtime."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from core.alerts.service import AlertService
from core.bootstrap.heralds import AlertHerald
from core.bootstrap.worker import WorkerParts
from core.config.settings import WorkerSettings
from core.db.pool import Pool, create_pool
from core.db.unit_of_work import unit_of_work
from core.kernel.secret import Secret
from core.outbox import service as outbox
from tests.support.desk import buy, make_desk
from workers.app import create_app
from workers.runtime import Runtime
from workers.schedule import SCHEDULE
from workers.tasks import alerts, broadcasts, housekeeping, notifications, portfolio, trading


async def test_every_scheduled_task_is_known_and_pruning_prunes(pool: Pool, app_dsn: Secret) -> None:
    desk = await make_desk(pool)
    await desk.trade(buy(await desk.user(), 50))
    watching = AlertService(pool, desk.books, desk.clock, AlertHerald(), timedelta(seconds=5))
    async with unit_of_work(pool) as uow:
        await outbox.append_task(uow, task="trading.place_order", row_id="row")
        await uow.connection.execute(
            "update outbox_tasks set created_at = now() - $1::interval, dispatched_at = now() - $1::interval", timedelta(days=8)
        )

    @asynccontextmanager
    async def parts() -> AsyncIterator[WorkerParts]:
        own = await create_pool(app_dsn, application_name="worker", max_size=1)
        yield WorkerParts(own, desk.trading, watching, desk.clock, desk.books)
        own.terminate()

    app = create_app(WorkerSettings(_env_file=None))
    runtime: Runtime[Any] = Runtime("worker-0", parts)
    trading.register(app, runtime)
    alerts.register(app, runtime)
    notifications.register(app, runtime)
    broadcasts.register(app, runtime)
    portfolio.register(app, runtime)
    housekeeping.register(app, runtime, days=7)
    assert {entry["task"] for entry in SCHEDULE.values()} <= set(app.tasks)

    runtime.start()
    try:
        await asyncio.to_thread(app.tasks["housekeeping.prune"])
        await asyncio.to_thread(app.tasks["portfolio.snapshot"])
    finally:
        await asyncio.to_thread(runtime.stop)
    assert await pool.fetchval("select count(*) from outbox_tasks where row_id = 'row'") == 0
    assert await pool.fetchval("select count(*) from portfolio_snapshots") == 1
