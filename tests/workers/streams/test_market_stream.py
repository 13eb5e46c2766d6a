"""What the price stream gained: trades and candles come of what is observed, live prices replace the simulated market when they come."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import orjson
import pytest
from redis.asyncio import Redis

from core.adapters.marketdata.catalog import open_market
from core.adapters.marketdata.valkey_books import ValkeyBooks
from core.adapters.marketdata.valkey_prints import ValkeyPrints
from core.bootstrap.streams import Sources, StreamsParts
from core.config.breaker import CircuitBreaker
from core.db.unit_of_work import unit_of_work
from core.kernel.clock import SystemClock
from core.market import service as market
from tests.support.books import START_NS, recording_lines, write_lines, write_recording
from tests.support.waiting import eventually
from workers.streams.service import PriceStream

TTL = timedelta(seconds=1)


@pytest.fixture
async def client(valkey_url):
    client = Redis.from_url(valkey_url)
    yield client
    await client.aclose()


async def symbols(pool):
    async with unit_of_work(pool) as uow:
        return [one.symbol for one in await market.instruments(uow, "paper")]


class Arriving:
    """LivePrices that come when told."""

    def __init__(self, feeds):
        self.feeds = feeds
        self.came = asyncio.Event()
        self.stale = False
        self.breaker = CircuitBreaker("market_exchange")
        self.state = "starting"
        self.running = False

    async def run(self):
        self.running = True
        try:
            await asyncio.Event().wait()
        finally:
            self.running = False


async def test_live_prices_replace_the_simulated_market_when_they_come_and_are_never_given_up_for_it(pool, client, tmp_path):
    write_recording(tmp_path)
    live = Arriving(open_market(tmp_path, Decimal(1)).feeds)
    stop = asyncio.Event()
    simulated = open_market(None, Decimal(1))
    opened = Sources(simulated.source, simulated.feeds, (), (), live=live)
    stream = PriceStream(StreamsParts(pool, ValkeyBooks(client), SystemClock(), TTL), opened, stop)
    task = asyncio.create_task(stream.run())

    async def source_is(kind):
        book = await ValkeyBooks(client).book("BTC/USDT")
        return book is not None and book.source.kind == kind

    await eventually(lambda: source_is("simulated"))
    assert live.running
    assert (stream.details()["source"], stream.details()["live"]) == ("simulated market", "starting")
    assert "market_exchange" in str(stream.details()["breakers"])
    live.came.set()
    await eventually(lambda: source_is("recorded_book"))

    async def others_retired():
        return await symbols(pool) == ["BTC/USDT"]

    await eventually(others_retired)
    assert (stream.state(), stream.details()["source"]) == ("ok", "live prices")
    live.stale = True
    assert stream.state() == "degraded"
    stop.set()
    await task
    assert not live.running


async def test_trades_reach_the_store_and_candles_the_database(pool, client, tmp_path):
    trade = {"e": "trade", "s": "BTCUSDT", "t": 1, "p": "100", "q": "2", "m": False}
    lines = [*recording_lines(), f"{START_NS + 100_000_000} {orjson.dumps(trade).decode()}"]
    write_lines(tmp_path / "binance_spot_btcusdt_20240808", lines)
    opened, stop = open_market(tmp_path, Decimal(1)), asyncio.Event()
    parts = StreamsParts(pool, ValkeyBooks(client), SystemClock(), TTL, ValkeyPrints(client))
    task = asyncio.create_task(PriceStream(parts, Sources(opened.source, opened.feeds, (), ()), stop).run())
    told = await eventually(lambda: ValkeyPrints(client).prints({"BTC/USDT": 0}))
    assert [(one.price.value, one.aggressor) for one in told["BTC/USDT"]] == [(Decimal(100), "buy")]

    async def written():
        async with unit_of_work(pool) as uow:
            return await market.candles(uow, "BTC/USDT", "1m", since=told["BTC/USDT"][0].at - timedelta(minutes=2))

    await eventually(written)
    stop.set()
    await task
    candles = await written()
    assert sum(one.volume or 0 for one in candles) == 2
