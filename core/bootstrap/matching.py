"""Composition root of the paper exchange's engine in the process `streams`: connections of its own, prices as everybody reads them.

Called by `workers/streams`. Nothing here runs anything: it builds parts and closes them again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from core.adapters.marketdata.valkey_books import ValkeyBooks
from core.adapters.marketdata.valkey_prints import ValkeyPrints
from core.adapters.venues.paper.engine import MatchingEngine
from core.config.settings import StreamsSettings
from core.db.pool import Pool, create_pool
from core.kernel.clock import SystemClock

STORE_TIMEOUT_S = 2
CONNECTIONS = 2


@dataclass(frozen=True, slots=True)
class MatchingParts:
    """The exchange's engine, and the pool on which trading is told what it did."""

    engine: MatchingEngine
    pool: Pool
    lease_ttl: timedelta


@asynccontextmanager
async def open_matching(settings: StreamsSettings) -> AsyncIterator[MatchingParts]:
    """Connects; closes at the end. Raises OSError or asyncpg.PostgresError where PostgreSQL does not answer; Valkey may come later.

    The exchange gets connections of its own: it is another house.
    """
    client = Redis.from_url(
        settings.redis_url.reveal(), socket_timeout=STORE_TIMEOUT_S, socket_connect_timeout=STORE_TIMEOUT_S, retry=Retry(NoBackoff(), 0)
    )
    try:
        exchange = await create_pool(settings.database_url, application_name="paper exchange", max_size=CONNECTIONS)
        try:
            pool = await create_pool(settings.database_url, application_name="paper notices", max_size=CONNECTIONS)
            try:
                engine = MatchingEngine(exchange, ValkeyBooks(client), SystemClock(), trades=ValkeyPrints(client))
                yield MatchingParts(engine, pool, timedelta(milliseconds=settings.lease_ttl_ms))
            finally:
                pool.terminate()
        finally:
            exchange.terminate()
    finally:
        await client.aclose()
