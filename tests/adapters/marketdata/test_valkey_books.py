"""Books through a real Valkey: what is read is what was published, and what does not answer is Unavailable."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from redis.asyncio import Redis

from core.adapters.marketdata.valkey_books import CHANNEL, FENCE, ValkeyBooks, book_key
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import InvariantViolated, LeaseLost, Unavailable
from core.market.types import OrderBook, PriceSource
from sandbox.child import free_port
from tests.support.books import levels

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
SOURCE = PriceSource("binance recording 2024-08-08", "recorded_book", datetime(2024, 8, 8, 23, 54, tzinfo=UTC))


def some_book(symbol="BTC/USDT", depth=3):
    bids = levels((f"{999 - step}.50000000", "0.00000001") for step in range(depth))
    asks = levels((f"{1000 + step}.00000000", "7") for step in range(depth))
    return OrderBook(symbol, bids, asks, 42, NOW, SOURCE)


@pytest.fixture
async def client(valkey_url):
    client = Redis.from_url(valkey_url)
    yield client
    await client.aclose()


async def test_a_published_book_is_read_as_it_was(client):
    books = ValkeyBooks(client)
    await books.publish(some_book())
    assert await books.book("BTC/USDT") == some_book()


async def test_figures_are_stored_as_recorded_without_exponents(client):
    await ValkeyBooks(client).publish(some_book(depth=1))
    stored = orjson.loads(await client.get(book_key("BTC/USDT")))
    assert stored["bids"] == [["999.50000000", "0.00000001"]]
    assert stored["asks"] == [["1000.00000000", "7"]]


async def test_the_best_250_levels_a_side_are_kept(client):
    deep = OrderBook("BTC/USDT", (), some_book(depth=400).asks, 1, NOW, SOURCE)
    books = ValkeyBooks(client)
    await books.publish(deep)
    found = await books.book("BTC/USDT")
    assert found is not None
    assert found.asks == deep.asks[:250]
    assert found.bids == ()


async def test_several_books_come_in_one_answer_and_missing_ones_are_left_out(client):
    books = ValkeyBooks(client)
    await books.publish_many([some_book("BTC/USDT"), some_book("ETH/USDT")])
    assert await books.books(["ETH/USDT", "SOL/USDT", "BTC/USDT"]) == {"BTC/USDT": some_book(), "ETH/USDT": some_book("ETH/USDT")}
    assert await books.books([]) == {}
    assert await books.book("SOL/USDT") is None


async def test_the_symbols_of_a_publication_go_out_on_the_channel(client):
    async with client.pubsub() as listener:
        await listener.subscribe(CHANNEL)
        await listener.get_message(timeout=5)
        await ValkeyBooks(client).publish_many([some_book("BTC/USDT"), some_book("ETH/USDT")])
        message = await listener.get_message(ignore_subscribe_messages=True, timeout=5)
    assert message is not None
    assert message["data"] == b"BTC/USDT ETH/USDT"


async def test_a_publisher_that_was_stopped_does_not_overwrite_a_newer_book(client):
    leading, stopped = ValkeyBooks(client), ValkeyBooks(client)
    newer = replace(some_book("BTC/USDT"), observed_at=NOW + timedelta(microseconds=1), sequence=43)
    await leading.publish(newer)

    async with client.pubsub() as listener:
        await listener.subscribe(CHANNEL)
        await listener.get_message(timeout=5)
        await stopped.publish_many([some_book("BTC/USDT"), some_book("ETH/USDT")])
        message = await listener.get_message(ignore_subscribe_messages=True, timeout=5)

    assert await leading.books(["BTC/USDT", "ETH/USDT"]) == {"BTC/USDT": newer, "ETH/USDT": some_book("ETH/USDT")}
    assert message is not None
    assert message["data"] == b"ETH/USDT"


async def test_a_stale_token_is_refused_whatever_its_clock_says_and_a_new_one_publishes_whatever_its_own_says(client):
    books = ValkeyBooks(client)
    ahead = replace(some_book("BTC/USDT"), observed_at=NOW + timedelta(hours=1), sequence=43)
    await books.publish_many([ahead], token=1)
    await books.publish_many([some_book("BTC/USDT")], token=2)
    with pytest.raises(LeaseLost, match="token 1"):
        await books.publish_many([ahead, some_book("ETH/USDT")], token=1)
    assert await books.books(["BTC/USDT", "ETH/USDT"]) == {"BTC/USDT": some_book("BTC/USDT")}
    assert 0 < await client.pttl(FENCE) <= 60_000


async def test_a_book_of_the_same_moment_replaces_and_a_wiped_store_takes_any(client):
    books = ValkeyBooks(client)
    await books.publish(some_book())
    await books.publish(replace(some_book(), sequence=43))
    found = await books.book("BTC/USDT")
    assert found is not None
    assert found.sequence == 43
    await client.flushall()
    await client.script_flush()
    await books.publish(replace(some_book(), observed_at=NOW - timedelta(hours=1)))
    assert await books.book("BTC/USDT") is not None


async def test_books_and_their_moments_do_not_stay_for_ever(client):
    await ValkeyBooks(client).publish(some_book())
    assert 0 < await client.pttl(book_key("BTC/USDT")) <= 3_600_000
    assert 0 < await client.pttl(book_key("BTC/USDT") + ":at") <= 3_600_000


async def test_levels_can_be_sliced_indexed_and_read_twice(client):
    books = ValkeyBooks(client)
    await books.publish(some_book())
    found = await books.book("BTC/USDT")
    assert found is not None
    assert found.asks[0] == some_book().asks[0]
    assert found.asks[-1] == some_book().asks[-1]
    assert found.asks[1:] == some_book().asks[1:]
    assert list(found.asks) == list(found.asks)
    assert found.mid() == some_book().mid()


async def test_a_store_that_is_gone_is_unavailable():
    client = Redis.from_url(f"redis://127.0.0.1:{free_port(None)}/0")
    books = ValkeyBooks(client)
    with pytest.raises(Unavailable):
        await books.book("BTC/USDT")
    with pytest.raises(Unavailable):
        await books.books(["BTC/USDT"])
    with pytest.raises(Unavailable):
        await books.publish(some_book())
    await client.aclose()


@pytest.mark.parametrize("stored", [b"", b"nonsense", b"{}", b"[]", b'{"symbol": "BTC/USDT", "source": null}'])
async def test_a_stored_form_that_is_not_known_is_unavailable(client, stored):
    await client.set(book_key("BTC/USDT"), stored)
    with pytest.raises(Unavailable):
        await ValkeyBooks(client).book("BTC/USDT")


@pytest.mark.parametrize("pair", [["x", "1"], ["1"], ["-1", "1"], ["1", "NaN"], [None, "1"], 5])
async def test_a_stored_level_that_is_none_is_unavailable(client, pair):
    await ValkeyBooks(client).publish(some_book())
    stored = orjson.loads(await client.get(book_key("BTC/USDT")))
    await client.set(book_key("BTC/USDT"), orjson.dumps({**stored, "asks": [pair]}))
    found = await ValkeyBooks(client).book("BTC/USDT")
    assert found is not None
    with pytest.raises(Unavailable):
        list(found.asks)


async def test_no_book_is_read_or_published_inside_a_unit_of_work(pool, client):
    books = ValkeyBooks(client)
    async with unit_of_work(pool):
        for call in (books.book("BTC/USDT"), books.books(["BTC/USDT"]), books.publish(some_book())):
            with pytest.raises(InvariantViolated):
                await call
