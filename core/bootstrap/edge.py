"""Composition root of the edges `bot`, `api` and `ops`: builds what they need from their settings.

The only place where they meet adapters. Called once by each entry point; must never be called by the rest of core.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from core.adapters.marketdata.valkey_books import ValkeyBooks
from core.adapters.tasks.guarded_publisher import GuardedPublisher
from core.adapters.tasks.kombu_publisher import KombuPublisher
from core.config.breaker import CircuitBreaker, states
from core.config.settings import BotSettings
from core.db.pool import Pool, create_pool, database_breaker
from core.kernel.clock import Clock, SystemClock
from core.kernel.secret import Secret
from core.market.ports import BookReader
from core.outbox.ports import TaskPublisher
from core.strategies.service import ConditionalService
from core.trading.service import TradingService


@dataclass(frozen=True, slots=True)
class Edge:
    """The parts of an edge that trades. `trading` knows no venues: edges ask for orders, workers place them."""

    pool: Pool
    valkey: Redis
    books: BookReader
    clock: Clock
    publisher: TaskPublisher
    trading: TradingService
    conditional: ConditionalService
    queue: CircuitBreaker
    database: CircuitBreaker

    def breakers(self) -> dict[str, str]:
        """For the heartbeat: each breaker's dependency and its state (closed, half_open or open)."""
        return states(self.database, self.queue)


def valkey_client(url: Secret) -> Redis:
    """A client that gives up quickly: what Valkey holds is never the truth. Close it with `aclose`."""
    return Redis.from_url(url.reveal(), socket_timeout=1.0, socket_connect_timeout=1.0, max_connections=64)


@asynccontextmanager
async def open_edge(settings: BotSettings, name: str) -> AsyncIterator[Edge]:
    """Opens database, prices and queue, and closes them in order. Raises OSError or asyncpg.PostgresError without the database."""
    database = database_breaker()
    pool = await create_pool(settings.database_url, application_name=name, max_size=settings.database_pool_size, breaker=database)
    valkey = valkey_client(settings.redis_url)
    kombu, queue = KombuPublisher(settings.redis_url), CircuitBreaker("queue")
    publisher = GuardedPublisher(kombu, queue)
    books, clock = ValkeyBooks(valkey), SystemClock()
    trading = TradingService(pool=pool, books=books, clock=clock, settings=settings, publisher=publisher)
    try:
        conditional = ConditionalService(pool=pool, trading=trading, books=books, clock=clock, settings=settings)
        yield Edge(pool, valkey, books, clock, publisher, trading, conditional, queue, database)
    finally:
        await trading.close()
        await kombu.close()
        await valkey.aclose()
        await pool.close()
