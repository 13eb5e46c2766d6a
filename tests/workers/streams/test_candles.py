"""The candle keeper over real PostgreSQL: what is heard is written whole, restarts double nothing, gaps stay, stale holders are refused."""

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.adapters.marketdata.catalog import open_market
from core.db import leases
from core.db.unit_of_work import unit_of_work
from core.kernel.clock import ManualClock
from core.kernel.errors import LeaseLost
from core.kernel.money import Price, Quantity
from core.market import service as market
from core.market.types import OrderBook, PriceSource, TradePrint
from tests.support.books import levels, write_recording
from tests.support.waiting import eventually
from workers.streams.candles import CandleKeeper

NOW = datetime(2026, 5, 1, 12, 0, 1, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
TTL = timedelta(seconds=30)


def book(at, mid, recorded=None):
    source = PriceSource("test", "recorded_book", recorded or datetime(2024, 8, 8, tzinfo=UTC) + (at - NOW))
    return OrderBook("BTC/USDT", levels([(mid - 1, 1)]), levels([(mid + 1, 1)]), 1, at, source)


def trade(at, price, quantity=1):
    return TradePrint("BTC/USDT", Price(Decimal(price)), Quantity(Decimal(quantity)), "buy", 1, at)


@pytest.fixture
def clock():
    return ManualClock(NOW)


@pytest.fixture
async def lease(pool):
    lease = await leases.acquire(pool, "streams", "test", TTL)
    assert lease is not None
    return lease


@asynccontextmanager
async def keeping(pool, clock, lease, **more):
    keeper = CandleKeeper(pool, clock, flush_s=0.05, **more)
    task = asyncio.create_task(keeper.keep(lease))
    try:
        yield keeper
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, LeaseLost):
            await task


async def stored(pool, interval="1m", symbol="BTC/USDT"):
    async with unit_of_work(pool) as uow:
        return await market.candles(uow, symbol, interval, since=NOW - timedelta(days=900))


async def heard(pool, keeper, observation, *prints):
    keeper.seen(observation, prints, sum((one.quantity.value for one in prints), Decimal(0)))


async def test_what_is_heard_is_written_and_rolled_up(pool, clock, lease):
    async with keeping(pool, clock, lease) as keeper:
        await heard(pool, keeper, book(NOW, 100), trade(NOW, 101, 2))
        (candle,) = await eventually(lambda: stored(pool))
        assert candle.close == 101
        keeper.seen(book(NOW + MINUTE, 100), [trade(NOW + MINUTE, 105, 3)], Decimal(3))
        await eventually(lambda: rolled(pool, Decimal(5)))
    (hour,) = await stored(pool, "1h")
    assert (hour.open, hour.close) == (Decimal(101), Decimal(105))


async def rolled(pool, volume):
    return [one.volume for one in await stored(pool, "5m")] == [volume]


async def test_a_restart_goes_on_with_the_minute_without_doubling_it(pool, clock, lease):
    async with keeping(pool, clock, lease) as keeper:
        await heard(pool, keeper, book(NOW, 100), trade(NOW, 100, 2))
        await eventually(lambda: stored(pool))
    clock.advance(10 * SECOND)
    at = clock.now()
    async with keeping(pool, clock, lease) as keeper:
        await heard(pool, keeper, book(at, 100), trade(at, 90, 1))

        async def summed():
            return [one.volume for one in await stored(pool)] == [Decimal(3)]

        await eventually(summed)
        (candle,) = await stored(pool)
        assert (candle.open, candle.low, candle.jumped) == (Decimal(100), Decimal(90), True)


async def test_minutes_nobody_saw_stay_a_gap(pool, clock, lease):
    for start in (NOW, NOW + 10 * MINUTE):
        clock.current = start
        async with keeping(pool, clock, lease) as keeper:
            await heard(pool, keeper, book(start, 100), trade(start, 100))

            async def there(count=1 if start == NOW else 2):
                return len(await stored(pool)) == count

            await eventually(there)
    async with unit_of_work(pool) as uow:
        found = await market.candle_gaps(uow, "BTC/USDT", "1m", since=NOW - SECOND, until=NOW + 11 * MINUTE)
    assert found == [(NOW - SECOND + MINUTE, NOW - SECOND + 10 * MINUTE)]


async def test_a_holder_whose_lease_was_taken_writes_nothing(pool, owner_pool, clock, lease):
    keeper = CandleKeeper(pool, clock, flush_s=0.05)
    task = asyncio.create_task(keeper.keep(lease))
    await heard(pool, keeper, book(NOW, 100), trade(NOW, 100))
    await eventually(lambda: stored(pool))
    await owner_pool.execute("update leases set holder = 'another', token = token + 1 where name = 'streams'")
    keeper.seen(book(NOW + SECOND, 100), [trade(NOW + SECOND, 500)], Decimal(1))
    with pytest.raises(LeaseLost):
        await task
    assert [one.high for one in await stored(pool)] == [Decimal(100)]


async def test_what_could_not_be_written_is_written_when_the_database_lets_it(pool, owner_pool, clock, lease):
    async with keeping(pool, clock, lease) as keeper:
        await heard(pool, keeper, book(NOW, 100), trade(NOW, 100))
        await eventually(lambda: stored(pool))
        await owner_pool.execute("alter table candles rename to candles_away")
        keeper.seen(book(NOW + SECOND, 100), [trade(NOW + SECOND, 500, 4)], Decimal(4))

        async def failed():
            return not keeper._builders["BTC/USDT"].take()

        await eventually(failed)
        keeper.seen(book(NOW + 2 * SECOND, 100), [trade(NOW + 2 * SECOND, 501, 1)], Decimal(1))
        await owner_pool.execute("alter table candles_away rename to candles")

        async def written():
            return [(one.high, one.volume) for one in await stored(pool)] == [(Decimal(501), Decimal(6))]

        await eventually(written)


async def test_what_is_left_is_written_before_the_lease_is_given_back(pool, clock, lease):
    async with keeping(pool, clock, lease) as keeper:
        await heard(pool, keeper, book(NOW, 100), trade(NOW, 100))
        await eventually(lambda: stored(pool))
    keeper.seen(book(NOW + SECOND, 100), [trade(NOW + SECOND, 500)], Decimal(1))
    await keeper.close(lease)
    assert [one.high for one in await stored(pool)] == [Decimal(500)]


def write_candles(path, count, *, start=datetime(2024, 8, 8, tzinfo=UTC), minutes=1, first=100):
    times = [start + minutes * MINUTE * number for number in range(count)]
    closes = [float(first + number) for number in range(count)]
    columns = dict.fromkeys(("open", "high", "low", "close"), closes)
    pq.write_table(pa.table({"date": pa.array(times, pa.timestamp("ms", tz="UTC")), **columns, "volume": [1.0] * count}), path)


async def test_the_past_of_a_recorded_book_is_brought_once_with_shifted_times(pool, clock, lease, tmp_path):
    write_recording(tmp_path / "binance_spot_btcusdt_20240808")
    write_candles(tmp_path / "BTC_USDT-1m.parquet", 3 * 1_440, start=datetime(2024, 8, 6, tzinfo=UTC))
    opened = open_market(tmp_path, Decimal(1))
    (feed,) = opened.feeds
    observed = feed.observe(NOW)
    assert observed.source.recorded_at == datetime(2024, 8, 8, 23, 54, 14, tzinfo=UTC)
    async with keeping(pool, clock, lease, history=opened.history) as keeper:
        await heard(pool, keeper, observed)

        async def brought():
            return len(await stored(pool)) == 1_000

        await eventually(brought)
        minutes, hours = await stored(pool), await stored(pool, "1h")
        before = next(one for one in minutes if one.open_at == datetime(2026, 5, 1, 11, 59, tzinfo=UTC))
        assert before.source.recorded_at == datetime(2024, 8, 8, 23, 53, tzinfo=UTC)
        assert before.source.name == "recorded 1m candles 2024-08-08"
        assert before.close == 100 + 3 * 1_440 - 7
        assert [(one.minutes, one.volume) for one in hours if one.open_at.hour in (10, 11) and one.open_at.day == 1] == [(60, 60)] * 2
        await eventually(lambda: one_minute(pool))
        written = await pool.fetchval("select count(*) from candles where interval = '1m'")
    clock.advance(30 * MINUTE)
    async with keeping(pool, clock, lease, history=opened.history) as keeper:
        await heard(pool, keeper, feed.observe(clock.now()))

        async def grown():
            return await pool.fetchval("select count(*) from candles where interval = '1m'") == written + 1

        await eventually(grown)


async def one_minute(pool):
    return (await stored(pool))[-1].open_at == NOW - SECOND


async def test_before_the_first_recorded_candle_comes_the_last_one_and_the_jump_is_marked(pool, clock, lease, tmp_path):
    write_candles(tmp_path / "SOL_USDT-5m.parquet", 500, minutes=5)
    opened = open_market(tmp_path, Decimal(1))
    (feed,) = opened.feeds
    async with keeping(pool, clock, lease, history=opened.history) as keeper:
        await heard(pool, keeper, feed.observe(NOW))

        async def jumped():
            minutes = await stored(pool, symbol="SOL/USDT")
            return bool(minutes) and minutes[-1].jumped

        await eventually(jumped)
        fives = await stored(pool, "5m", symbol="SOL/USDT")
        assert [one.close for one in fives[-3:-1]] == [598, 599]
        assert fives[-2].source.recorded_at is not None
        assert fives[-2].source.recorded_at > datetime(2024, 8, 9, tzinfo=UTC)
        async with unit_of_work(pool) as uow:
            assert (await market.volatility_bps(uow, "SOL/USDT", now=NOW) or 0) < 2_000


async def test_at_ten_times_the_speed_the_past_is_as_fast(pool, tmp_path):
    write_recording(tmp_path / "binance_spot_btcusdt_20240808")
    write_candles(tmp_path / "BTC_USDT-1m.parquet", 3 * 1_440, start=datetime(2024, 8, 6, tzinfo=UTC))
    opened = open_market(tmp_path, Decimal(10))
    assert opened.history is not None
    past = opened.history.candles(opened.feeds[0].observe(NOW))
    minutes = [one for one in past if one.interval == "1m"]
    assert [one.volume for one in minutes[-3:]] == [10, 10, 10]
    assert minutes[-1].open_at == datetime(2026, 5, 1, 11, 59, tzinfo=UTC)
    slow = open_market(tmp_path, Decimal("0.5"))
    assert slow.history is not None
    assert slow.history.candles(slow.feeds[0].observe(NOW)) == []
