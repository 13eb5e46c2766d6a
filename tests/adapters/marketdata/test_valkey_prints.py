"""Trade prints through a real Valkey: told once, bounded, fenced by the lease's token like books."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from redis.asyncio import Redis

from core.adapters.marketdata.valkey_books import ValkeyBooks
from core.adapters.marketdata.valkey_prints import CHANNEL, KEPT, ValkeyPrints, stream_key
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import InvariantViolated, LeaseLost, Unavailable
from core.kernel.money import Price, Quantity
from core.market.types import TradePrint
from sandbox.child import free_port
from tests.adapters.marketdata.test_valkey_books import some_book

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)


def trade(number, symbol="BTC/USDT", price="61837.63000000", aggressor="sell"):
    return TradePrint(
        symbol, Price(Decimal(price)), Quantity(Decimal("0.00000001")), aggressor, 10**15 + number, NOW + timedelta(microseconds=number)
    )


@pytest.fixture
async def client(valkey_url):
    client = Redis.from_url(valkey_url)
    yield client
    await client.aclose()


async def test_prints_are_read_as_they_were_in_their_order(client):
    prints = ValkeyPrints(client)
    await prints.publish_prints([trade(2, aggressor="buy"), trade(1), trade(1, "ETH/USDT")])
    assert await prints.prints({"BTC/USDT": 0, "ETH/USDT": 0, "SOL/USDT": 0}) == {
        "BTC/USDT": [trade(1), trade(2, aggressor="buy")],
        "ETH/USDT": [trade(1, "ETH/USDT")],
    }
    assert await prints.prints({}) == {}
    await prints.publish_prints([])


async def test_only_what_came_since_is_read_and_at_most_so_much(client):
    prints = ValkeyPrints(client)
    await prints.publish_prints([trade(number) for number in range(1, 6)])
    assert await prints.prints({"BTC/USDT": 10**15 + 3}) == {"BTC/USDT": [trade(4), trade(5)]}
    assert await prints.prints({"BTC/USDT": 10**15 + 5}) == {}
    assert await prints.prints({"BTC/USDT": 0}, limit=2) == {"BTC/USDT": [trade(1), trade(2)]}


async def test_telling_prints_again_changes_nothing(client):
    prints = ValkeyPrints(client)
    await prints.publish_prints([trade(1), trade(2)])
    await prints.publish_prints([trade(1), trade(2), trade(3)])
    assert await prints.prints({"BTC/USDT": 0}) == {"BTC/USDT": [trade(1), trade(2), trade(3)]}


async def test_a_stale_token_tells_nothing_whether_books_or_prints_were_fenced(client):
    prints = ValkeyPrints(client)
    await prints.publish_prints([trade(1)], token=5)
    with pytest.raises(LeaseLost):
        await prints.publish_prints([trade(2)], token=4)
    with pytest.raises(LeaseLost):
        await ValkeyBooks(client).publish_many([some_book()], token=4)
    await ValkeyBooks(client).publish_many([some_book()], token=6)
    with pytest.raises(LeaseLost):
        await prints.publish_prints([trade(2)], token=5)
    assert await prints.prints({"BTC/USDT": 0}) == {"BTC/USDT": [trade(1)]}


async def test_the_stream_is_bounded_and_does_not_stay_for_ever(client):
    prints = ValkeyPrints(client)
    for start in range(0, 5_000, 500):
        await prints.publish_prints([trade(start + number) for number in range(1, 501)])
    assert KEPT <= await client.xlen(stream_key("BTC/USDT")) <= KEPT + 200
    assert 0 < await client.pttl(stream_key("BTC/USDT")) <= 3_600_000
    (newest,) = (await prints.prints({"BTC/USDT": 10**15 + 4_999}))["BTC/USDT"]
    assert newest == trade(5_000)


async def test_the_symbols_that_grew_go_out_on_the_channel(client):
    prints = ValkeyPrints(client)
    await prints.publish_prints([trade(1, "ETH/USDT")])
    async with client.pubsub() as listener:
        await listener.subscribe(CHANNEL)
        await listener.get_message(timeout=5)
        await prints.publish_prints([trade(1, "ETH/USDT"), trade(1, "BTC/USDT"), trade(1, "SOL/USDT")])
        message = await listener.get_message(ignore_subscribe_messages=True, timeout=5)
    assert message is not None
    assert message["data"] == b"BTC/USDT SOL/USDT"


async def test_a_store_that_is_gone_or_holds_another_form_is_unavailable(client):
    away = Redis.from_url(f"redis://127.0.0.1:{free_port(None)}/0")
    for call in (ValkeyPrints(away).prints({"BTC/USDT": 0}), ValkeyPrints(away).publish_prints([trade(1)])):
        with pytest.raises(Unavailable):
            await call
    await away.aclose()
    for bad in ({"p": "1"}, {"p": "-1", "q": "1", "s": "buy", "t": NOW.isoformat()}, {"p": "1", "q": "1", "s": "up", "t": NOW.isoformat()}):
        await client.delete(stream_key("BTC/USDT"))
        await client.xadd(stream_key("BTC/USDT"), dict(bad.items()))
        with pytest.raises(Unavailable):
            await ValkeyPrints(client).prints({"BTC/USDT": 0})


async def test_no_prints_are_read_or_told_inside_a_unit_of_work(pool, client):
    prints = ValkeyPrints(client)
    async with unit_of_work(pool):
        for call in (prints.prints({"BTC/USDT": 0}), prints.publish_prints([trade(1)])):
            with pytest.raises(InvariantViolated):
                await call
