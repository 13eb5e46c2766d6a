"""Composition root of the evaluator of conditional orders, in the process `streams`. Builds parts and closes them again; runs nothing.

Its trading knows no venues: it asks for orders as an edge does, and workers place them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from core.adapters.marketdata.valkey_books import ValkeyBooks
from core.adapters.marketdata.valkey_signals import ValkeySignals
from core.adapters.tasks.kombu_publisher import KombuPublisher
from core.config.settings import StreamsSettings
from core.db.pool import Pool, create_pool
from core.kernel.clock import SystemClock
from core.kernel.secret import Secret
from core.market.ports import BookSignals
from core.strategies.context import StrategyLimits
from core.strategies.service import ConditionalService
from core.trading.context import TradingLimits
from core.trading.service import TradingService

STORE_TIMEOUT_S = 2
CONNECTIONS = 6


@dataclass(frozen=True, slots=True)
class ConditionalParts:
    """What the evaluator works with. `database_url` is for its LISTEN."""

    pool: Pool
    service: ConditionalService
    signals: BookSignals
    lease_ttl: timedelta
    database_url: Secret


@asynccontextmanager
async def open_conditional(settings: StreamsSettings) -> AsyncIterator[ConditionalParts]:
    """Connects; closes at the end. Raises OSError or asyncpg.PostgresError where PostgreSQL does not answer; Valkey may come later."""
    async with AsyncExitStack() as stack:
        client = Redis.from_url(
            settings.redis_url.reveal(), socket_timeout=STORE_TIMEOUT_S, socket_connect_timeout=STORE_TIMEOUT_S, retry=Retry(NoBackoff(), 0)
        )
        stack.push_async_callback(client.aclose)
        pool = await create_pool(settings.database_url, application_name="conditional", max_size=CONNECTIONS)
        stack.callback(pool.terminate)
        publisher = KombuPublisher(settings.redis_url)
        stack.push_async_callback(publisher.close)
        signals = ValkeySignals(client)
        stack.push_async_callback(signals.aclose)
        books, clock, max_age = ValkeyBooks(client), SystemClock(), timedelta(milliseconds=settings.price_max_age_ms)
        limits = TradingLimits(send_window=max_age, price_max_age=max_age, duplicate_window=timedelta(0))
        trading = TradingService(pool=pool, books=books, clock=clock, settings=limits, publisher=publisher)
        stack.push_async_callback(trading.close)
        service = ConditionalService(pool=pool, trading=trading, books=books, clock=clock, settings=StrategyLimits(price_max_age=max_age))
        yield ConditionalParts(pool, service, signals, timedelta(milliseconds=settings.lease_ttl_ms), settings.database_url)
