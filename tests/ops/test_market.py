"""`ops market`: records a live feed, brings candles of the past by exchange or recording, tells what is missing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from redis.asyncio import Redis

from core.adapters.marketdata.valkey_books import ValkeyBooks
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.market import service as market
from core.market.types import OrderBook, PriceSource
from ops.market import parse_since
from tests.ops.test_ops import desk, ops
from tests.support.binance_stub import BinanceStub
from tests.support.books import levels

__all__ = ["desk"]
MINUTE = timedelta(minutes=1)
RECORDED = datetime(2024, 8, 8, 12, tzinfo=UTC)


@pytest.fixture
async def stub() -> AsyncIterator[BinanceStub]:
    async with BinanceStub() as stub:
        yield stub


@pytest.fixture
async def books(valkey_url: str) -> AsyncIterator[ValkeyBooks]:
    client = Redis.from_url(valkey_url)
    yield ValkeyBooks(client)
    await client.aclose()


async def priced(books: ValkeyBooks, kind: str) -> None:
    source = PriceSource("test", kind, RECORDED if kind.startswith("recorded") else None)
    await books.publish(OrderBook("BTC/USDT", levels([(99, 1)]), levels([(101, 1)]), 1, datetime.now(UTC), source))


async def test_candles_of_an_exchange_are_brought_once_and_what_is_missing_is_told(
    pool: Pool, desk: Path, valkey_url: str, books: ValkeyBooks, stub: BinanceStub
) -> None:
    await priced(books, "live")
    this_minute = datetime.now(UTC).replace(second=0, microsecond=0)
    stub.candles = [
        [int((this_minute - back * MINUTE).timestamp() * 1_000), "100.0", "101.0", "99.0", "100.5", "2.0", 0, "0", 1, "0", "0", "0"]
        for back in (12, 11, 10, 5, 4, 3, 2)
    ]
    settings = {"DATA_DIR": str(desk), "REDIS_URL": valkey_url, "MARKET_LIVE_URL": stub.url}
    since = (this_minute - 12 * MINUTE).isoformat()
    code, out, err = await ops(desk, "market", "backfill", "btc/usdt", "--since", since, **settings)
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "BTC/USDT  7 candles found, 7 written"
    assert "(4 candles)" in out.splitlines()[1]
    code, out, _ = await ops(desk, "market", "backfill", "BTC/USDT", "--since", since, "--json", **settings)
    assert json.loads(out)[0]["written"] == 0
    async with unit_of_work(pool) as uow:
        hours = await market.candles(uow, "BTC/USDT", "1h", since=this_minute - timedelta(hours=2))
    assert sum(one.volume or 0 for one in hours) == 14
    assert {one.source.kind for one in hours} == {"live"}
    code, out, _ = await ops(desk, "market", "gaps", "BTC/USDT", "--since", since, **settings)
    assert "(4 candles)" in out.splitlines()[0]
    assert stub.wrongs == []


async def test_candles_of_a_recording_are_brought_with_shifted_times(pool: Pool, desk: Path, valkey_url: str, books: ValkeyBooks) -> None:
    await priced(books, "recorded_book")
    times = pa.array([RECORDED - back * MINUTE for back in range(300, 0, -1)], pa.timestamp("ms", tz="UTC"))
    columns = {name: [100.0] * 300 for name in ("open", "high", "low", "close", "volume")}
    pq.write_table(pa.table({"date": times, **columns}), desk / "BTC_USDT-1m.parquet")
    settings = {"DATA_DIR": str(desk), "REDIS_URL": valkey_url, "MARKET_DATA_DIR": str(desk)}
    code, _, err = await ops(desk, "market", "backfill", "BTC/USDT", "--since", "2h", **settings)
    assert (code, err) == (0, "")
    async with unit_of_work(pool) as uow:
        minutes = await market.candles(uow, "BTC/USDT", "1m", since=datetime.now(UTC) - timedelta(hours=3))
    assert 115 <= len(minutes) <= 121
    assert minutes[-1].source.recorded_at == RECORDED - MINUTE


async def test_without_a_price_or_a_past_nothing_is_brought_and_said_so(
    desk: Path, valkey_url: str, books: ValkeyBooks, pool: Pool
) -> None:
    settings = {"DATA_DIR": str(desk), "REDIS_URL": valkey_url}
    code, _, err = await ops(desk, "market", "backfill", "BTC/USDT", "--since", "yesterday", **settings)
    assert (code, "write 2026-05-01, 2026-05-01T12:00 or 36h" in err) == (2, True)
    code, _, err = await ops(desk, "market", "backfill", "BTC/USDT", "--since", "2h", **settings)
    assert (code, "is the desk running?" in err) == (1, True)
    await priced(books, "simulated")
    code, _, err = await ops(desk, "market", "backfill", "BTC/USDT", "--since", "2h", **settings)
    assert (code, "a simulated market has no past" in err) == (1, True)


async def test_a_feed_is_recorded_into_files_that_replay(desk: Path, stub: BinanceStub) -> None:
    async def moving() -> None:
        number = 0
        while True:
            number += 1
            await stub.change("BTCUSDT", bids={"98.00": f"{number}.5"})
            await asyncio.sleep(0.02)

    task = asyncio.create_task(moving())
    out_folder = desk / "recorded"
    settings = {"DATA_DIR": str(desk), "MARKET_LIVE_URL": stub.url}
    code, out, err = await ops(desk, "market", "record", "BTC/USDT", "--minutes", "0.02", "--out", str(out_folder), **settings)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert (code, err) == (0, "")
    assert "changes of the book" in out
    assert [path.name[:21] for path in out_folder.iterdir()] == ["binance_spot_btcusdt_"]


@pytest.mark.parametrize(("text", "back"), [("90m", timedelta(minutes=90)), ("36h", timedelta(hours=36)), ("7d", timedelta(days=7))])
def test_since_is_a_time_ago(text: str, back: timedelta) -> None:
    assert abs(datetime.now(UTC) - parse_since(text) - back) < timedelta(minutes=1)


def test_since_is_a_moment_in_utc() -> None:
    assert parse_since("2026-05-01") == datetime(2026, 5, 1, tzinfo=UTC)
    assert parse_since("2026-05-01T14:00+02:00") == datetime(2026, 5, 1, 12, tzinfo=UTC)
    with pytest.raises(ValueError, match="36h"):
        parse_since("yesterday")
