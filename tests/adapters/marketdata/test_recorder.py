"""What is recorded replays to the books and trades that the exchange had; a broken or ended stream leaves no file."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.adapters.marketdata.catalog import open_market
from core.adapters.marketdata.live_exchange import open_exchange
from core.adapters.marketdata.recorder import record
from core.kernel.errors import Unavailable
from core.market.errors import FeedRefused
from tests.support.binance_stub import BinanceStub
from tests.support.waiting import eventually

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
async def stub():
    async with BinanceStub() as stub:
        yield stub


@pytest.fixture
async def exchange(stub):
    exchange = await open_exchange(stub.url)
    yield exchange
    await exchange.close()


async def trading(stub, rounds=40):
    """A lively market: prices leave and come, somebody trades at the best price."""
    await eventually(lambda: len(stub.subscribed) == 4, timeout=30)
    for number in range(rounds):
        for name, price in (("BTCUSDT", 100), ("ETHUSDT", 200)):
            away = number % 2 == 0
            gone = {f"{price + 1}.00": "0.00000000" if away else f"1.{number:08}"}
            await stub.change(name, bids={f"{price - 3}.00": f"{number}.5"}, asks=gone)
            await stub.trade(name, f"{price + 2 if away else price + 1}.00", f"0.{number + 1:04}", buyer_rested=number % 3 == 0)
        await asyncio.sleep(0.02)


def as_truth(book):
    return tuple({level.price.value: level.quantity.value for level in side} for side in (book.bids, book.asks))


async def test_a_recording_replays_to_the_exchanges_own_books_and_trades(stub, exchange, tmp_path):
    moving = asyncio.create_task(trading(stub))
    made = await record(exchange, ["BTC/USDT", "ETH/USDT"], tmp_path, seconds=1.5)
    await moving
    assert stub.wrongs == []
    assert [one.symbol for one in made] == ["BTC/USDT", "ETH/USDT"]
    assert min(one.changes for one in made) > 10
    opened = open_market(tmp_path, Decimal(1))
    assert (opened.refused, sorted(path.suffix for path in tmp_path.iterdir())) == ([], ["", ""])
    for feed in opened.feeds:
        pair = stub.pairs[feed.instrument.symbol.replace("/", "")]
        known = [
            tuple({Decimal(price): Decimal(size) for price, size in side.items()} for side in (bids, asks))
            for bids, asks in pair.books.values()
        ]
        shown = [as_truth(feed.observe(NOW + timedelta(milliseconds=10 * step))) for step in range(120)]
        places = [known.index(book) for book in shown]
        assert places == sorted(places)
        assert len(set(places)) > 10
        prints = feed.prints(0)
        assert len(prints) > 10
        assert {one.aggressor for one in prints} == {"buy", "sell"}


async def test_a_recording_with_a_hole_is_refused_and_leaves_nothing(stub, exchange, tmp_path):
    async def broken():
        await eventually(lambda: len(stub.subscribed) == 4, timeout=30)
        for number in range(20):
            await stub.change("BTCUSDT", bids={"97.00": f"{number}.5"}, lost=number == 15)
            await asyncio.sleep(0.02)

    moving = asyncio.create_task(broken())
    with pytest.raises(FeedRefused, match="sequence gap"):
        await record(exchange, ["BTC/USDT", "ETH/USDT"], tmp_path, seconds=1)
    await moving
    assert list(tmp_path.iterdir()) == []


async def test_a_stream_that_ends_early_leaves_nothing(stub, exchange, tmp_path):
    async def ending():
        await trading(stub, rounds=5)
        await stub.drop()

    moving = asyncio.create_task(ending())
    with pytest.raises(Unavailable):
        await asyncio.wait_for(record(exchange, ["BTC/USDT", "ETH/USDT"], tmp_path, seconds=60), 30)
    with suppress(asyncio.CancelledError):
        await moving
    assert list(tmp_path.iterdir()) == []


async def test_the_exchanges_candles_come_exact_and_finished_ones_only(stub, exchange):
    minute = 60_000
    now_ms = int(datetime.now(UTC).timestamp() * 1_000) // minute * minute
    stub.candles = [
        [now_ms - minute * back, "0.00000101", "0.00000103", "0.00000100", "0.00000102", "12345678.90000000", 0, "0", 1, "0", "0", "0"]
        for back in (2, 1, 0)
    ]
    since = datetime.fromtimestamp(now_ms / 1_000, UTC) - timedelta(minutes=5)
    candles = await exchange.candles("BTC/USDT", "1m", since)
    assert len(candles) == 2
    one = candles[0]
    assert [one.open, one.high, one.low, one.close] == [Decimal(f"0.0000010{digit}") for digit in (1, 3, 0, 2)]
    assert one.volume == Decimal("12345678.9")
    assert (one.origin, one.minutes, one.open_at) == ("live", 1, datetime.fromtimestamp(now_ms / 1_000, UTC) - timedelta(minutes=2))
    assert stub.wrongs == []
