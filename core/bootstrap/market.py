"""Composition root of `python -m ops market`: an exchange's public client, and the recordings' past. Called by `ops/market.py`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from redis.asyncio import Redis

from core.adapters.marketdata.candle_history import recorded_between
from core.adapters.marketdata.live_exchange import LiveExchange, open_exchange, reachable
from core.adapters.marketdata.recorder import Recorded, record
from core.adapters.marketdata.valkey_books import ValkeyBooks
from core.config.settings import MarketDataSettings
from core.kernel.errors import Unavailable
from core.market.types import INTERVALS, Candle, OrderBook


async def book_of(client: Redis, symbol: str) -> OrderBook | None:
    """The newest book, from the desk's price store. Raises Unavailable."""
    return await ValkeyBooks(client).book(symbol)


@asynccontextmanager
async def _exchange(settings: MarketDataSettings) -> AsyncIterator[LiveExchange]:
    if not await reachable(settings.market_live_url):
        raise Unavailable("the exchange cannot be reached from here")
    exchange = await open_exchange(settings.market_live_url)
    try:
        yield exchange
    finally:
        await exchange.close()


async def record_market(settings: MarketDataSettings, symbols: Sequence[str], folder: Path, *, seconds: float) -> list[Recorded]:
    """Records the public feed of `symbols` into files that replay. Raises Unavailable, FeedRefused, OSError."""
    async with _exchange(settings) as exchange:
        known = await exchange.ticks(symbols)
        if missing := [symbol for symbol in symbols if symbol not in known]:
            raise Unavailable(f"{', '.join(missing)} cannot be traded there")
        return await record(exchange, symbols, folder, seconds=seconds)


async def exchange_candles(settings: MarketDataSettings, symbol: str, since: datetime) -> list[Candle]:
    """The exchange's finished 1m candles from `since` to now. Raises Unavailable."""
    found: list[Candle] = []
    async with _exchange(settings) as exchange:
        while part := await exchange.candles(symbol, "1m", since):
            found += part
            since = part[-1].open_at + INTERVALS["1m"]
    return found


async def recorded_candles(settings: MarketDataSettings, book: OrderBook, since: datetime) -> list[Candle]:
    """Recorded candles as the past of what is replayed now, times shifted. Raises FeedRefused, Unavailable, OSError."""
    if settings.market_data_dir is None:
        raise Unavailable("MARKET_DATA_DIR is not set: name the folder of recordings that the desk replays")
    return await asyncio.to_thread(recorded_between, settings.market_data_dir, settings.market_replay_speed, book, since)
