"""The worker's one loop, from other threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from core.bootstrap.worker import DatabaseParts
from core.config.breaker import CircuitBreaker
from core.db.pool import Pool, create_pool
from core.kernel.secret import Secret
from tests.support.waiting import eventually
from workers.runtime import Runtime


@pytest.fixture
def runtime(app_dsn: Secret) -> Iterator[Runtime[DatabaseParts]]:
    failures, venue = [OSError("not yet")], CircuitBreaker("somewhere", threshold=1)
    venue.state = "open"

    @asynccontextmanager
    async def parts() -> AsyncIterator[DatabaseParts]:
        if failures:
            raise failures.pop()
        pool = await create_pool(app_dsn, application_name="runtime")
        yield DatabaseParts(pool, [venue])
        pool.terminate()

    made = Runtime("worker-9", parts)
    made.start()
    yield made
    made.stop()


async def one(parts: DatabaseParts) -> int:
    return int(await parts.pool.fetchval("select 1"))


async def test_work_runs_on_one_loop_also_when_the_database_came_late(runtime: Runtime[DatabaseParts]) -> None:
    async def where(_: DatabaseParts) -> str:
        return threading.current_thread().name

    assert await asyncio.to_thread(runtime.run, one, limit_s=5) == 1
    names = await asyncio.gather(*(asyncio.to_thread(runtime.run, where, limit_s=5) for _ in range(8)))
    assert set(names) == {"event-loop"}


async def test_an_open_breaker_is_told_with_the_heartbeat(runtime: Runtime[DatabaseParts], pool: Pool) -> None:
    assert await asyncio.to_thread(runtime.run, one, limit_s=5) == 1

    async def told() -> bool:
        row = await pool.fetchrow("select state, details from process_heartbeats where process = 'worker-9'")
        return row is not None and (row["state"], row["details"]) == ("degraded", {"breakers": {"somewhere": "open"}})

    await eventually(told)


async def test_work_that_takes_too_long_is_canceled(runtime: Runtime[DatabaseParts]) -> None:
    canceled = threading.Event()

    async def forever(_: DatabaseParts) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            canceled.set()

    with pytest.raises(TimeoutError):
        await asyncio.to_thread(runtime.run, forever, limit_s=0.05)
    assert canceled.is_set()


async def test_an_error_reaches_the_task(runtime: Runtime[DatabaseParts]) -> None:
    async def broken(_: DatabaseParts) -> None:
        raise LookupError("told")

    with pytest.raises(LookupError, match="told"):
        await asyncio.to_thread(runtime.run, broken, limit_s=5)
    assert await asyncio.to_thread(runtime.run, one, limit_s=5) == 1
