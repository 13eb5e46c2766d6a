"""The price stream over real PostgreSQL and Valkey: one publisher, instruments, heartbeats, outages and a clean end."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from redis.asyncio import Redis

from core.adapters.marketdata.catalog import open_market
from core.adapters.marketdata.valkey_books import ValkeyBooks
from core.bootstrap.streams import Sources, StreamsParts
from core.db.heartbeats import all_beats
from core.db.unit_of_work import unit_of_work
from core.kernel.clock import SystemClock
from core.kernel.errors import Unavailable
from core.market import service as market
from core.market.instruments import paper_instrument
from sandbox.valkey import EmbeddedValkey
from tests.support.books import ODD_ASKS, levels, recording_lines, write_lines, write_recording
from tests.support.waiting import eventually
from workers.streams.service import PriceStream

ROOT = Path(__file__).resolve().parents[3]
TTL = timedelta(seconds=1)


class Gate:
    """A BookWriter that can be shut; counts what came through."""

    def __init__(self, inner):
        self.inner = inner
        self.shut = False
        self.published = 0

    async def publish(self, book):
        await self.publish_many([book])

    async def publish_many(self, books, *, token=0):
        if self.shut:
            raise Unavailable("shut")
        await self.inner.publish_many(books, token=token)
        self.published += len(books)


@pytest.fixture
async def store(valkey_url):
    client = Redis.from_url(valkey_url)
    yield Gate(ValkeyBooks(client))
    await client.aclose()


@pytest.fixture
def folder(tmp_path):
    write_recording(tmp_path / "binance_spot_btcusdt_20240808")
    write_lines(tmp_path / "binance_spot_ethusdt_20240808", recording_lines(bids=[(101, 1)], asks=[(100, 1)]))
    return tmp_path


def sources(folder):
    opened = open_market(folder, Decimal(1))
    return Sources(opened.source, opened.feeds, opened.refused, opened.skipped)


@asynccontextmanager
async def running(pool, writer, folder, ttl=TTL):
    stop = asyncio.Event()
    stream = PriceStream(StreamsParts(pool, writer, SystemClock(), ttl), sources(folder), stop)
    task = asyncio.create_task(stream.run())
    try:
        yield stream
    finally:
        stop.set()
        await task


async def last_beat(pool, process="streams-0"):
    async with unit_of_work(pool) as uow:
        return next((beat for beat in await all_beats(uow) if beat.process == process), None)


async def symbols(pool):
    async with unit_of_work(pool) as uow:
        return [one.symbol for one in await market.instruments(uow, "paper")]


async def test_books_and_instruments_appear_and_stay_fresh(pool, store, folder):
    async with running(pool, store, folder):
        first = await eventually(lambda: store.inner.book("BTC/USDT"))
        assert first.asks == levels(ODD_ASKS)
        assert await symbols(pool) == ["BTC/USDT"]

        async def newer():
            book = await store.inner.book("BTC/USDT")
            return book is not None and book.observed_at > first.observed_at

        await eventually(newer)


async def test_a_refused_recording_is_in_the_heartbeat_and_its_pair_is_not_traded(pool, store, folder):
    async with unit_of_work(pool) as uow:
        await market.save_instruments(uow, [paper_instrument("ETH/USDT", Decimal(100))])
    async with running(pool, store, folder):

        async def degraded():
            beat = await last_beat(pool)
            return beat if beat is not None and beat.state == "degraded" else None

        beat = await eventually(degraded)
        (line,) = beat.details["refused"]
        assert line.startswith("ETH/USDT: binance_spot_ethusdt_20240808 line 1: crossed book")
        assert (beat.details["source"], beat.details["pairs"]) == ("recordings", 1)
        assert beat.details["lag_ms"] >= 0
        assert beat.details["market"]["refused"] == [line]
        assert await store.inner.book("ETH/USDT") is None
        assert await symbols(pool) == ["BTC/USDT"]


async def test_a_sound_market_beats_ok(pool, store, tmp_path):
    write_recording(tmp_path)
    async with running(pool, store, tmp_path):

        async def fine():
            beat = await last_beat(pool)
            return beat is not None and beat.state == "ok" and beat.details["refused"] == []

        await eventually(fine)


async def test_of_two_only_one_publishes_and_the_other_takes_over(pool, valkey_url, folder):
    client = Redis.from_url(valkey_url)
    first, second = Gate(ValkeyBooks(client)), Gate(ValkeyBooks(client))
    async with running(pool, second, folder, ttl=TTL):
        await eventually(lambda: second.published)
        async with running(pool, first, folder):
            await eventually(lambda: last_beat(pool, "streams-standby"))
            before = second.published
            await eventually(lambda: second.published > before)
            assert first.published == 0
    async with running(pool, first, folder):
        await eventually(lambda: first.published)
    await client.aclose()


async def test_a_publisher_whose_lease_was_taken_stops_and_comes_back_later(pool, owner_pool, store, folder):
    async with running(pool, store, folder):
        await eventually(lambda: store.published)
        await owner_pool.execute(
            "update leases set holder = 'another', token = token + 1, expires_at = now() + interval '1 hour' where name = 'streams'"
        )
        await eventually(lambda: last_beat(pool, "streams-standby"))
        stopped_at = store.published
        taken = await owner_pool.fetchrow("select holder, token from leases where name = 'streams'")
        assert taken["holder"] == "another"
        assert store.published == stopped_at
        await owner_pool.execute("update leases set expires_at = clock_timestamp() where name = 'streams'")
        await eventually(lambda: store.published > stopped_at)


def quiet(gate, seconds):
    """A check that nothing was published for so long (an unchanged book is published again within one second)."""
    seen = {"count": -1, "at": time.monotonic()}

    def check():
        if gate.published != seen["count"]:
            seen.update(count=gate.published, at=time.monotonic())
        return time.monotonic() - seen["at"] > seconds

    return check


async def test_a_publisher_that_cannot_renew_its_lease_in_time_stops_and_goes_on_when_it_can(pool, owner_pool, store, folder):
    async with running(pool, store, folder):
        await eventually(lambda: store.published)
        async with owner_pool.acquire() as blocker, blocker.transaction():
            await blocker.execute("lock table leases in access exclusive mode")
            await eventually(quiet(store, 1.5), timeout=20)
        before = store.published
        await eventually(lambda: store.published > before, timeout=20)


async def test_without_the_price_store_it_says_degraded_and_publishes_again_when_it_is_back(pool, store, tmp_path):
    write_recording(tmp_path)
    async with running(pool, store, tmp_path):
        await eventually(lambda: store.published)
        store.shut = True

        async def degraded():
            beat = await last_beat(pool)
            return beat is not None and beat.state == "degraded" and beat.details.get("error") == "shut"

        await eventually(degraded)
        before, store.shut = store.published, False
        await eventually(lambda: store.published > before)

        async def fine():
            beat = await last_beat(pool)
            return beat is not None and beat.state == "ok"

        await eventually(fine)


async def test_a_wiped_store_is_full_again_at_the_next_publication(pool, store, valkey_url, folder):
    client = Redis.from_url(valkey_url)
    async with running(pool, store, folder):
        await eventually(lambda: store.inner.book("BTC/USDT"))
        await client.flushall()
        await eventually(lambda: store.inner.book("BTC/USDT"))
    await client.aclose()


async def test_a_recording_that_breaks_later_ends_trading_in_its_pair(pool, store, tmp_path):
    path = write_recording(tmp_path / "binance_spot_btcusdt_20240808", diffs=[([], [(99, 1)])])
    async with running(pool, store, tmp_path):
        await eventually(lambda: store.published)
        assert await symbols(pool) == ["BTC/USDT"]
        write_lines(path, recording_lines(bids=[(101, 1)], asks=[(100, 1)]))

        async def retired():
            return await symbols(pool) == []

        await eventually(retired)


@pytest.fixture
def process_environment(app_dsn, tmp_path, folder):
    values = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**values, "DATABASE_URL": app_dsn.reveal(), "MARKET_DATA_DIR": str(folder), "LEASE_TTL_MS": "1000", "PYTHONPATH": str(ROOT)}


def start(environment, folder):
    return subprocess.Popen([sys.executable, "-m", "workers.streams"], env=environment, cwd=folder, stdout=subprocess.DEVNULL)


async def test_the_process_survives_valkey_going_and_coming_and_ends_on_sigterm(pool, process_environment, tmp_path):
    server = EmbeddedValkey(tmp_path / "valkey", fsync=False)
    server.start()
    client = Redis.from_url(server.url)
    books = ValkeyBooks(client)
    process = start({**process_environment, "REDIS_URL": server.url}, tmp_path)

    async def priced():
        try:
            return await books.book("BTC/USDT")
        except Unavailable:
            return None

    async def degraded():
        beat = await last_beat(pool)
        return beat is not None and "error" in beat.details

    try:
        await eventually(priced, timeout=30)
        server.stop()
        await eventually(degraded, timeout=20)
        server.start()
        await eventually(priced, timeout=20)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 10) == 0
        holder = await pool.fetchval("select expires_at <= clock_timestamp() from leases where name = 'streams'")
        assert holder is True
    finally:
        process.kill()
        process.wait()
        await client.aclose()
        server.stop()
