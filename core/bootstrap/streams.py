"""Composition root of the process `streams`: its pool, its price store and the sources of prices its settings name.

Called by `workers/streams`. Nothing here runs anything: it builds parts and closes them again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from core.adapters.marketdata.catalog import open_market
from core.adapters.marketdata.live_exchange import open_exchange, reachable
from core.adapters.marketdata.live_market import LiveMarket
from core.adapters.marketdata.valkey_books import ValkeyBooks
from core.adapters.marketdata.valkey_prints import ValkeyPrints
from core.config.breaker import CircuitBreaker
from core.config.settings import StreamsSettings
from core.db.pool import Pool, create_pool, database_breaker
from core.kernel.clock import Clock, SystemClock
from core.market.ports import BookWriter, CandleHistory, LivePrices, PriceFeed, TradeWriter

STORE_TIMEOUT_S = 2


@dataclass(frozen=True, slots=True)
class Sources:
    """Where prices come from: `name` for people, feeds to publish, and one line for each file that is refused or left out."""

    name: str
    feeds: Sequence[PriceFeed]
    refused: Sequence[str]
    skipped: Sequence[str]
    history: CandleHistory | None = None
    live: LivePrices | None = None


@dataclass(frozen=True, slots=True)
class StreamsParts:
    """What the process works with."""

    pool: Pool
    writer: BookWriter
    clock: Clock
    lease_ttl: timedelta
    trades: TradeWriter | None = None
    candle_days: int = 90
    database: CircuitBreaker = field(default_factory=database_breaker)


async def open_sources(settings: StreamsSettings) -> Sources:
    """Checks the recordings (seconds for large folders, in a thread) or sets up the simulated market. Raises ValueError for a bad speed."""
    market = await asyncio.to_thread(open_market, settings.market_data_dir, settings.market_replay_speed)
    live = live_market(settings) if market.source == "simulated market" and settings.market_live == "on" else None
    return Sources(market.source, market.feeds, market.refused, market.skipped, market.history, live)


def live_market(settings: StreamsSettings) -> LiveMarket:
    """The exchange's public prices, to be tried in the background. Connects to nothing yet."""
    url = settings.market_live_url
    pairs = [pair.strip() for pair in settings.market_live_pairs.split(",") if pair.strip()]
    return LiveMarket(pairs, SystemClock(), connect=lambda: open_exchange(url), knock=lambda: reachable(url))


@asynccontextmanager
async def open_parts(settings: StreamsSettings) -> AsyncIterator[StreamsParts]:
    """Connects; closes at the end. Raises OSError or asyncpg.PostgresError where PostgreSQL does not answer; Valkey may come later."""
    client = Redis.from_url(
        settings.redis_url.reveal(), socket_timeout=STORE_TIMEOUT_S, socket_connect_timeout=STORE_TIMEOUT_S, retry=Retry(NoBackoff(), 0)
    )
    try:
        database = database_breaker()
        pool = await create_pool(settings.database_url, application_name="streams", max_size=4, breaker=database)
        try:
            ttl = timedelta(milliseconds=settings.lease_ttl_ms)
            yield StreamsParts(
                pool, ValkeyBooks(client), SystemClock(), ttl, ValkeyPrints(client), settings.candle_retention_days, database
            )
        finally:
            pool.terminate()
    finally:
        await client.aclose()
