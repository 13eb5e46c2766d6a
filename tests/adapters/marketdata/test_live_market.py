"""Live prices against an exchange on this machine that checks how it is spoken to: books, trades, gaps, outages, silence."""

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from decimal import Decimal

import pytest

from core.adapters.marketdata.live_exchange import open_exchange, reachable
from core.adapters.marketdata.live_market import LiveMarket, Patience
from core.kernel.clock import SystemClock
from core.kernel.errors import Unavailable
from sandbox.child import free_port
from tests.support.binance_stub import BinanceStub
from tests.support.waiting import eventually

PAIRS = ("BTC/USDT", "ETH/USDT")
QUICK = Patience(connect_s=20, silence_s=30, first_pause_s=0.05, longest_pause_s=0.2, snapshot_pause_s=0.01)


@pytest.fixture
async def stub():
    async with BinanceStub() as stub:
        yield stub


@asynccontextmanager
async def live(stub, pairs=PAIRS, patience=QUICK):
    async def connect():
        return await open_exchange(stub.url)

    async def knock():
        return await reachable(stub.url)

    market = LiveMarket(pairs, SystemClock(), connect=connect, knock=knock, patience=patience)
    running, moving = asyncio.create_task(market.run()), asyncio.create_task(move(stub))
    try:
        yield market
    finally:
        for task in (running, moving):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def move(stub):
    """A market that never stands still: a level far from the best price changes all the time."""
    number = 0
    while True:
        number += 1
        for name in list(stub.pairs):
            await stub.change(name, bids={"1.00": f"{number}.50000000"})
        await asyncio.sleep(0.05)


def shown(feed):
    book = feed.observe(SystemClock().now())
    return {level.price.value: level.quantity.value for level in (*book.bids, *book.asks)}


def truth(pair):
    return {Decimal(price): Decimal(quantity) for side in (pair.bids, pair.asks) for price, quantity in side.items()}


async def came(market):
    await asyncio.wait_for(market.came.wait(), 60)
    return {feed.instrument.symbol: feed for feed in market.feeds}


def same(feed, pair):
    return lambda: (
        {price: size for price, size in shown(feed).items() if price > 1}
        == {price: size for price, size in truth(pair).items() if price > 1}
    )


async def test_books_and_trades_are_the_exchanges_and_it_was_spoken_to_correctly(stub):
    async with live(stub) as market:
        feeds = await came(market)
        btc = feeds["BTC/USDT"]
        await stub.change("BTCUSDT", asks={"101.00": "0.00000000", "100.50": "0.12345678"})
        await eventually(same(btc, stub.pairs["BTCUSDT"]))
        await stub.trade("BTCUSDT", "100.50", "0.00345678")
        (told,) = await eventually(lambda: btc.prints(0))
        assert (told.price.value, told.quantity.value, told.aggressor) == (Decimal("100.50"), Decimal("0.00345678"), "buy")
        book = btc.observe(SystemClock().now())
        assert (book.source.name, book.source.kind, book.source.recorded_at) == ("Binance", "live", None)
        assert book.age(SystemClock().now()) < timedelta(seconds=5)
        assert btc.instrument.tick == Decimal("0.01")
    assert stub.wrongs == []
    assert stub.subscribed == set()


async def test_a_gap_is_seen_and_mended_by_a_new_snapshot_while_the_other_pair_goes_on(stub):
    async with live(stub) as market:
        feeds = await came(market)
        before = stub.calls["depth"]
        await stub.change("BTCUSDT", asks={"101.00": "9.00000000"}, lost=True)
        await eventually(lambda: stub.calls["depth"] > before)
        await eventually(same(feeds["BTC/USDT"], stub.pairs["BTCUSDT"]))
        assert stub.calls["exchangeInfo"] == 1
        await eventually(lambda: not market.stale)


async def test_a_lost_connection_comes_back_with_fresh_books_and_no_trade_twice(stub):
    async with live(stub) as market:
        feeds = await came(market)
        await stub.trade("BTCUSDT", "101.00", "1")
        await eventually(lambda: feeds["BTC/USDT"].prints(0))
        await stub.drop()
        await stub.change("BTCUSDT", asks={"102.00": "5.00000000"})
        await eventually(lambda: stub.calls["exchangeInfo"] > 1, timeout=30)
        await eventually(same(feeds["BTC/USDT"], stub.pairs["BTCUSDT"]), timeout=30)
        assert len(feeds["BTC/USDT"].prints(0)) == 1
        assert market.came.is_set()


async def test_a_silent_connection_is_given_up_and_the_book_grows_old_meanwhile(stub):
    patience = Patience(connect_s=20, silence_s=0.4, first_pause_s=0.05, longest_pause_s=0.2, snapshot_pause_s=0.01)
    async with live(stub, patience=patience) as market:
        feeds = await came(market)
        stub.muted = True
        await eventually(lambda: market.state == "away", timeout=30)
        observed = feeds["BTC/USDT"].observe(SystemClock().now()).observed_at
        assert market.stale
        assert shown(feeds["BTC/USDT"])
        assert feeds["BTC/USDT"].observe(SystemClock().now()).observed_at == observed
        stub.muted = False
        await eventually(lambda: market.state == "live", timeout=30)
        await eventually(lambda: feeds["BTC/USDT"].observe(SystemClock().now()).observed_at > observed)


async def test_an_exchange_that_refuses_is_tried_again_behind_the_breaker(stub):
    stub.refuse_rest = True
    async with live(stub) as market:
        await eventually(lambda: market.breaker.state == "open", timeout=30)
        assert not market.came.is_set()
        assert market.feeds == []
        stub.refuse_rest = False
        await came(market)


async def test_a_pair_that_is_not_traded_there_makes_the_attempt_fail_and_says_so(stub):
    async with live(stub, pairs=("XYZ/USDT",)) as market:
        await eventually(lambda: market.state == "away", timeout=30)
    assert stub.wrongs[0] == "Invalid symbol."


async def test_nobody_there_is_known_within_the_limit_and_without_the_client():
    assert await reachable(f"http://127.0.0.1:{free_port(None)}", within_s=0.3) is False

    async def connect():
        raise AssertionError("nobody was there to connect to")

    async def knock():
        return False

    market = LiveMarket(PAIRS, SystemClock(), connect=connect, knock=knock, patience=QUICK)
    running = asyncio.create_task(market.run())
    await eventually(lambda: market.state == "away")
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_a_subscription_that_is_refused_is_unavailable(stub):
    exchange = await open_exchange(stub.url)
    with pytest.raises(Unavailable):
        await asyncio.wait_for(exchange.stream(["XYZ/USDT"], print), 20)
    await exchange.close()
