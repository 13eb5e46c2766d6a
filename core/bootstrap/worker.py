"""Composition root of the processes `worker`, `beat` and `relay`. Builds parts and closes them again; runs nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from core.adapters.marketdata.valkey_books import ValkeyBooks
from core.adapters.tasks.kombu_publisher import KombuPublisher
from core.adapters.venues.guarded import GuardedVenue
from core.adapters.venues.paper.venue import PaperVenue
from core.alerts.service import AlertService
from core.bootstrap.heralds import AlertHerald
from core.config.breaker import CircuitBreaker
from core.config.settings import DatabaseSettings, RelaySettings, WorkerSettings
from core.db.pool import Pool, create_pool, database_breaker
from core.kernel.clock import Clock, SystemClock
from core.market.ports import BookReader
from core.outbox.ports import TaskPublisher
from core.trading.service import TradingService

STORE_TIMEOUT_S = 2
VENUE_CONNECTIONS = 4
VENUE_FAILURES = 5
"""Answers in a row that did not come before a venue is left alone: an order each."""


@dataclass(frozen=True, slots=True)
class DatabaseParts:
    """A process that only needs the database."""

    pool: Pool
    breakers: Sequence[CircuitBreaker]


@dataclass(frozen=True, slots=True)
class WorkerParts:
    """What the tasks work with."""

    pool: Pool
    trading: TradingService
    alerts: AlertService
    clock: Clock
    books: BookReader
    breakers: Sequence[CircuitBreaker] = ()


@dataclass(frozen=True, slots=True)
class RelayParts:
    """What the relay works with."""

    pool: Pool
    publisher: TaskPublisher
    database: CircuitBreaker = field(default_factory=database_breaker)


@asynccontextmanager
async def open_relay(settings: RelaySettings) -> AsyncIterator[RelayParts]:
    """Connects; closes at the end. Raises OSError or asyncpg.PostgresError where PostgreSQL does not answer; the queue may come later."""
    database = database_breaker()
    pool = await create_pool(settings.database_url, application_name="relay", max_size=2, breaker=database)
    publisher = KombuPublisher(settings.redis_url)
    try:
        yield RelayParts(pool, publisher, database)
    finally:
        await publisher.close()
        pool.terminate()


@asynccontextmanager
async def open_database(settings: DatabaseSettings, name: str) -> AsyncIterator[DatabaseParts]:
    """Connects; closes at the end. Raises OSError or asyncpg.PostgresError where PostgreSQL does not answer."""
    database = database_breaker()
    pool = await create_pool(settings.database_url, application_name=name, max_size=2, breaker=database)
    try:
        yield DatabaseParts(pool, [database])
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
        database = database_breaker()
        size = settings.database_pool_size
        pool = await create_pool(settings.database_url, application_name="worker", max_size=size, breaker=database)
        stack.callback(pool.terminate)
        venue_pool = await create_pool(settings.database_url, application_name="paper venue", max_size=VENUE_CONNECTIONS)
        stack.callback(venue_pool.terminate)
        books, clock = ValkeyBooks(client), SystemClock()
        paper = PaperVenue(venue_pool, books, clock, latency=timedelta(milliseconds=settings.paper_latency_ms))
        venue = CircuitBreaker(paper.name, threshold=VENUE_FAILURES)
        venues = {paper.name: GuardedVenue(paper, venue)}
        trading = TradingService(pool=pool, books=books, clock=clock, settings=settings, venues=venues)
        alerts = AlertService(pool, books, clock, AlertHerald(), timedelta(milliseconds=settings.price_max_age_ms))
        yield WorkerParts(pool, trading, alerts, clock, books, [database, venue])
