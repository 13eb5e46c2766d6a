"""The process `streams` without recordings: simulated prices at once, live ones when the exchange answers; nobody there delays nothing."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from redis.asyncio import Redis

from core.adapters.marketdata.valkey_books import ValkeyBooks
from sandbox.child import free_port
from tests.support.binance_stub import BinanceStub
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parents[3]
MEGABYTE = 1024 * 1024


@pytest.fixture
async def books(valkey_url):
    client = Redis.from_url(valkey_url)
    yield ValkeyBooks(client)
    await client.aclose()


@pytest.fixture
def start(app_dsn, valkey_url, tmp_path):
    started = []

    def begin(url):
        values = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        values |= {"DATABASE_URL": app_dsn.reveal(), "REDIS_URL": valkey_url, "PYTHONPATH": str(ROOT)}
        values |= {"MARKET_LIVE_URL": url, "MARKET_LIVE_PAIRS": "BTC/USDT,ETH/USDT"}
        started.append(subprocess.Popen([sys.executable, "-m", "workers.streams"], env=values, cwd=tmp_path, stdout=subprocess.DEVNULL))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


async def moving(stub):
    number = 0
    while True:
        number += 1
        await stub.change("BTCUSDT", bids={"98.00": f"{number}.5"})
        await stub.change("ETHUSDT", bids={"198.00": f"{number}.5"})
        await asyncio.sleep(0.05)


async def test_live_prices_take_over_from_the_simulated_market(start, books, pool):
    async with BinanceStub() as stub:
        stub.refuse_rest = True
        process = start(stub.url)
        task = asyncio.create_task(moving(stub))
        kinds = []

        async def live():
            book = await books.book("BTC/USDT")
            if book is not None and book.source.kind not in kinds:
                kinds.append(book.source.kind)
                stub.refuse_rest = False
            return kinds[-1:] == ["live"]

        await eventually(live, timeout=60)
        assert kinds == ["simulated", "live"]
        book = await books.book("ETH/USDT")
        assert book is not None
        assert (book.source.name, str(book.asks[0].price.value)) == ("Binance", "201.00")
        assert psutil.Process(process.pid).memory_info().rss < 300 * MEGABYTE
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 10) == 0
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert stub.wrongs == []


async def test_where_nobody_answers_the_simulated_market_stays_and_ending_takes_no_longer(start, books, pool):
    process = start(f"http://127.0.0.1:{free_port(None)}")

    async def away():
        state = await pool.fetchval("select details ->> 'live' from process_heartbeats where process = 'streams-0'")
        return state == "away"

    await eventually(away, timeout=60)
    book = await books.book("BTC/USDT")
    assert book is not None
    assert book.source.kind == "simulated"
    process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(process.wait, 10) == 0
