"""Candles in real PostgreSQL: partitions, idempotent writing, roll-up, and what the service tells of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import asyncpg
import pytest

from core.db.unit_of_work import unit_of_work
from core.market import service as market
from core.market.types import INTERVALS, Candle, PriceSource

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
NOW = datetime(2026, 5, 2, 12, 30, 20, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
RECORDED = PriceSource("test", "recorded_book", datetime(2024, 8, 5, tzinfo=UTC))


def candle(at, close, *, interval="1m", source=RECORDED, symbol="BTC/USDT", **more):
    price = Decimal(close)
    told = {"minutes": INTERVALS[interval] // MINUTE, "volume": Decimal(1), **more}
    return Candle(symbol, interval, at, price, price, price, price, source=source, **told)


def facts(one, *names):
    """The named fields, to compare with plain figures."""
    return tuple(getattr(one, name) for name in names)


@pytest.fixture
async def uow(pool):
    async with unit_of_work(pool) as work:
        for interval in INTERVALS:
            await market.ensure_partitions(work, interval, START - timedelta(days=40), NOW)
        yield work


async def test_candles_are_read_as_they_were_written_newest_ones_oldest_first(uow):
    written = [candle(START + MINUTE * number, f"{number + 1}.50", jumped=number == 2) for number in range(5)]
    assert await market.save_candles(uow, written) == 5
    assert await market.candles(uow, "BTC/USDT", "1m", since=START) == written
    assert await market.candles(uow, "BTC/USDT", "1m", since=START + MINUTE, limit=2) == written[-2:]
    assert await market.candles(uow, "ETH/USDT", "1m", since=START) == []
    assert await market.save_candles(uow, []) == 0


async def test_saving_again_doubles_nothing_and_the_newest_state_stands(uow):
    await market.save_candles(uow, [candle(START, 10, volume=Decimal(3))])
    await market.save_candles(uow, [candle(START, 10, volume=Decimal(3)), candle(START, 11, volume=Decimal(4))])
    assert [facts(one, "close", "volume") for one in await market.candles(uow, "BTC/USDT", "1m", since=START)] == [(11, 4)]


async def test_history_brought_later_replaces_only_what_was_seen_less(uow):
    await market.save_candles(uow, [candle(START, 10), candle(START + MINUTE, 10, minutes=0)])
    brought = [candle(START + MINUTE * number, 20) for number in range(3)]
    assert await market.save_candles(uow, brought, replace=False) == 2
    assert [one.close for one in await market.candles(uow, "BTC/USDT", "1m", since=START)] == [10, 20, 20]


async def test_origins_never_mix(uow):
    live = PriceSource("Binance", "live")
    await market.save_candles(uow, [candle(START, 10), candle(START + MINUTE, 11)])
    await market.save_candles(uow, [candle(START, 500, source=live)])
    assert [one.close for one in await market.candles(uow, "BTC/USDT", "1m", since=START)] == [10, 11]
    await market.save_candles(uow, [candle(START + 2 * MINUTE, 501, source=live)])
    assert [one.close for one in await market.candles(uow, "BTC/USDT", "1m", since=START)] == [500, 501]


async def test_coarser_candles_are_made_of_the_minutes_and_made_again_without_doubling(uow):
    await market.save_candles(uow, [candle(START + MINUTE * number, 100 + number) for number in range(65)])
    for _ in range(2):
        await market.roll_up_candles(uow, "recorded", ["BTC/USDT"], since=START, until=START + 64 * MINUTE)
    fives = await market.candles(uow, "BTC/USDT", "5m", since=START)
    hours = await market.candles(uow, "BTC/USDT", "1h", since=START)
    (day,) = await market.candles(uow, "BTC/USDT", "1d", since=START - timedelta(days=1))
    assert len(fives) == 13
    assert [facts(one, "open", "close", "high", "volume", "minutes") for one in hours] == [(100, 159, 159, 60, 60), (160, 164, 164, 5, 5)]
    assert facts(day, "open_at", "open", "close", "volume", "minutes") == (datetime(2026, 5, 1, tzinfo=UTC), 100, 164, 65, 65)
    assert day.source == replace(RECORDED, recorded_at=RECORDED.recorded_at)


async def test_a_roll_up_of_few_minutes_does_not_replace_an_hour_that_is_known_as_a_whole(uow):
    await market.save_candles(uow, [candle(START, 50, interval="1h"), candle(START + 30 * MINUTE, 100)])
    await market.roll_up_candles(uow, "recorded", ["BTC/USDT"], since=START, until=START + HOUR - MINUTE)
    assert [one.close for one in await market.candles(uow, "BTC/USDT", "1h", since=START)] == [50]


async def test_gaps_are_known(uow):
    await market.save_candles(uow, [candle(START + MINUTE * number, 10) for number in (0, 1, 4)])
    found = await market.candle_gaps(uow, "BTC/USDT", "1m", since=START, until=START + 5 * MINUTE)
    assert found == [(START + 2 * MINUTE, START + 4 * MINUTE)]


async def test_volatility_and_the_day_come_from_what_is_stored(uow):
    hours = [candle(NOW.replace(minute=0, second=0) - HOUR * number, 100 + number % 2, interval="1h") for number in range(25)]
    await market.save_candles(uow, hours)
    assert await market.volatility_bps(uow, "ETH/USDT", now=NOW) is None
    volatility = await market.volatility_bps(uow, "BTC/USDT", now=NOW)
    assert volatility is not None
    assert 480 < volatility < 520
    told = await market.day_change(uow, "BTC/USDT", now=NOW)
    assert told is not None
    assert facts(told, "price", "high", "low", "volume", "change_24h_bps") == (100, 101, 100, 25, 0)
    assert await market.day_change(uow, "ETH/USDT", now=NOW) is None


async def test_the_unfinished_hour_does_not_count_for_volatility(uow):
    this_hour = NOW.replace(minute=0, second=0)
    await market.save_candles(
        uow, [candle(this_hour - HOUR * number, 1_000 if number == 0 else 100, interval="1h") for number in range(20)]
    )
    assert await market.volatility_bps(uow, "BTC/USDT", now=NOW) == 0


async def test_five_minutes_are_preferred_for_the_day_where_they_reach_back(uow):
    fives = [candle(NOW.replace(minute=30, second=0) - 5 * MINUTE * number, 100 + number, interval="5m") for number in range(290)]
    await market.save_candles(uow, [*fives, candle(NOW.replace(minute=0, second=0), 7, interval="1h")])
    told = await market.day_change(uow, "BTC/USDT", now=NOW)
    assert told is not None
    assert told.change_24h_bps == round((100 / 388 - 1) * 10_000)


async def test_a_restarted_builder_finds_its_minute_and_known_series(uow):
    await market.save_candles(uow, [candle(NOW - 2 * MINUTE, 1), candle(NOW, 2), candle(NOW - timedelta(days=3), 3, symbol="ETH/USDT")])
    assert {symbol: one.close for symbol, one in (await market.unfinished_candles(uow, ["BTC/USDT", "ETH/USDT"], now=NOW)).items()} == {
        "BTC/USDT": 2
    }
    assert await market.symbols_with_candles(uow, ["BTC/USDT", "ETH/USDT", "SOL/USDT"], "recorded") == {"BTC/USDT", "ETH/USDT"}
    assert await market.symbols_with_candles(uow, ["BTC/USDT"], "live") == set()


async def partitions(pool):
    rows = await pool.fetch(
        """select c.relname from pg_class c where c.relispartition and c.relkind = 'r' and c.relname ~ '^candles_.+_20'
            order by 1"""
    )
    return [row["relname"] for row in rows]


async def test_partitions_are_made_ahead_once_and_dropped_by_retention(pool):
    async with unit_of_work(pool) as uow:
        assert await market.keep_partitions(uow, now=START, minute_days=90) == (12, 0)
        assert await market.keep_partitions(uow, now=START, minute_days=90) == (0, 0)
        await market.ensure_partitions(uow, "1m", START - timedelta(days=150), START)
        await market.ensure_partitions(uow, "1d", START - timedelta(days=150), START)
    assert "candles_1m_2025_12" in await partitions(pool)
    async with unit_of_work(pool) as uow:
        made, gone = await market.keep_partitions(uow, now=START, minute_days=90)
    assert (made, gone) == (0, 1)
    names = await partitions(pool)
    assert [name for name in names if name.startswith("candles_1m")] == [f"candles_1m_2026_{month:02}" for month in range(1, 8)]
    assert "candles_1d_2025_12" in names


async def test_a_month_belongs_to_its_utc_partition_whatever_the_session_says(pool):
    async with unit_of_work(pool) as uow:
        await uow.connection.execute("set local timezone = 'Pacific/Auckland'")
        await market.ensure_partitions(uow, "1m", START, START)
        last = datetime(2026, 5, 31, 23, 59, tzinfo=UTC)
        await market.save_candles(uow, [candle(last, 1), candle(datetime(2026, 5, 1, tzinfo=UTC), 1)])
        assert await uow.connection.fetchval("select count(*) from candles where tableoid = 'candles_1m_2026_05'::regclass") == 2
    assert await partitions(pool) == ["candles_1m_2026_05"]


async def test_a_candle_without_a_partition_and_one_that_cannot_be_are_refused(pool):
    with pytest.raises(asyncpg.CheckViolationError):
        async with unit_of_work(pool) as uow:
            await market.save_candles(uow, [candle(START, 1)])
    async with unit_of_work(pool) as uow:
        await market.ensure_partitions(uow, "1m", START, START)
    with pytest.raises(asyncpg.CheckViolationError):
        async with unit_of_work(pool) as uow:
            await market.save_candles(uow, [replace(candle(START, 5), high=Decimal(4))])


@pytest.mark.parametrize(("interval", "days"), [("1w", 1), ("1m; drop table users", 1), ("1m", 365 * 70)])
async def test_no_other_partitions_can_be_asked_for(pool, interval, days):
    with pytest.raises(asyncpg.InvalidParameterValueError):
        async with unit_of_work(pool) as uow:
            await market.ensure_partitions(uow, interval, START, START + timedelta(days=days))


async def test_where_the_table_is_not_partitioned_nothing_is_made_and_old_rows_are_deleted(pool, owner_pool):
    await owner_pool.execute(
        "alter table candles rename to candles_partitioned; create table candles (like candles_partitioned including all)"
    )
    await owner_pool.execute("grant select, insert, update on candles to public")
    async with unit_of_work(pool) as uow:
        assert await market.ensure_partitions(uow, "1m", START, START) == 0
        await market.save_candles(
            uow, [candle(START, 1), candle(START - timedelta(days=91), 1), candle(START - timedelta(days=91), 1, interval="1d")]
        )
        assert await market.keep_partitions(uow, now=START, minute_days=90) == (0, 1)
        assert await uow.connection.fetchval("select count(*) from candles") == 2
