"""Composition root of the processes `worker`, `beat` and `relay`. Builds parts and closes them again; runs nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from core.adapters.marketdata.valkey_books import ValkeyBooks
from core.adapters.tasks.kombu_publisher import KombuPublisher
from core.adapters.venues.paper.venue import PaperVenue
from core.config.settings import DatabaseSettings, RelaySettings, WorkerSettings
from core.db.pool import Pool, create_pool
from core.kernel.clock import SystemClock
from core.outbox.ports import TaskPublisher
from core.trading.service import TradingService

STORE_TIMEOUT_S = 2
VENUE_CONNECTIONS = 4


@dataclass(frozen=True, slots=True)
class DatabaseParts:
    """A process that only needs the database."""

    pool: Pool


@dataclass(frozen=True, slots=True)
class WorkerParts:
    """What the tasks work with."""

    pool: Pool
    trading: TradingService


@dataclass(frozen=True, slots=True)
class RelayParts:
    """What the relay works with."""

    pool: Pool
    publisher: TaskPublisher


@asynccontextmanager
async def open_relay(settings: RelaySettings) -> AsyncIterator[RelayParts]:
    """Connects; closes at the end. Raises OSError or asyncpg.PostgresError where PostgreSQL does not answer; the queue may come later."""
    pool = await create_pool(settings.database_url, application_name="relay", max_size=2)
    publisher = KombuPublisher(settings.redis_url)
    try:
        yield RelayParts(pool, publisher)
    finally:
        await publisher.close()
        pool.terminate()


@asynccontextmanager
async def open_database(settings: DatabaseSettings, name: str) -> AsyncIterator[DatabaseParts]:
    """Connects; closes at the end. Raises OSError or asyncpg.PostgresError where PostgreSQL does not answer."""
    pool = await create_pool(settings.database_url, application_name=name, max_size=2)
    try:
        yield DatabaseParts(pool)
    finally:
        pool.terminate()


@asynccontextmanager
async def open_worker(settings: WorkerSettings) -> AsyncIterator[WorkerParts]:
    """Connects; closes at the end. Raises OSError or asyncpg.PostgresError where PostgreSQL does not answer; Valkey may come later.

    The paper venue gets connections of its own: it is another house.
    """
    async with AsyncExitStack() as stack:
        client = Redis.from_url(
            settings.redis_url.reveal(), socket_timeout=STORE_TIMEOUT_S, socket_connect_timeout=STORE_TIMEOUT_S, retry=Retry(NoBackoff(), 0)
        )
        stack.push_async_callback(client.aclose)
        pool = await create_pool(settings.database_url, application_name="worker", max_size=settings.database_pool_size)
        stack.callback(pool.terminate)
        venue_pool = await create_pool(settings.database_url, application_name="paper venue", max_size=VENUE_CONNECTIONS)
        stack.callback(venue_pool.terminate)
        books, clock = ValkeyBooks(client), SystemClock()
        paper = PaperVenue(venue_pool, books, clock, latency=timedelta(milliseconds=settings.paper_latency_ms))
        yield WorkerParts(pool, TradingService(pool=pool, books=books, clock=clock, settings=settings, venues={paper.name: paper}))
