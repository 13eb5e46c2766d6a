"""When a book is published: when it changed, when a second is over, and again when it did not arrive."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from core.kernel.clock import ManualClock
from core.kernel.errors import Unavailable
from core.kernel.money import Price, Quantity
from core.market.errors import FeedRefused
from core.market.instruments import paper_instrument
from core.market.types import OrderBook, TradePrint
from tests.support.books import TEST_SOURCE, levels
from workers.streams.publisher import BookPublisher

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TICK = timedelta(milliseconds=200)


class ScriptedFeed:
    """A feed whose book changes when told, and which can break."""

    def __init__(self, symbol="BTC/USDT"):
        self.instrument = paper_instrument(symbol, Decimal(100))
        self.sequence = 1
        self.broken = False
        self.told = []

    def observe(self, now):
        if self.broken:
            raise FeedRefused("file.gz", "line 7", "crossed book")
        return OrderBook(self.instrument.symbol, levels([(90, 1)]), levels([(100, self.sequence)]), self.sequence, now, TEST_SOURCE)

    def prints(self, since_sequence):
        return [one for one in self.told if one.sequence > since_sequence]


class Shelf:
    """A BookWriter that keeps what it got, or is away."""

    def __init__(self):
        self.got = []
        self.away = False
        self.token = 0

    async def publish(self, book):
        await self.publish_many([book])

    async def publish_many(self, books, *, token=0):
        if self.away:
            raise Unavailable("away")
        self.token = token
        self.got += [(book.symbol, book.sequence, book.observed_at) for book in books]


@pytest.fixture
def clock():
    return ManualClock(NOW)


async def test_books_go_out_under_the_token_of_the_lease(clock):
    shelf = Shelf()
    await BookPublisher([ScriptedFeed()], shelf, clock).publish_due(7)
    assert shelf.token == 7


async def test_an_unchanged_book_is_published_again_within_a_second(clock):
    shelf, feed = Shelf(), ScriptedFeed()
    publisher = BookPublisher([feed], shelf, clock)
    for _ in range(26):
        await publisher.publish_due()
        clock.advance(TICK)
    times = [at for _, _, at in shelf.got]
    assert max(later - earlier for earlier, later in pairwise(times)) <= timedelta(seconds=1)
    assert len(times) == 7


async def test_a_changed_book_is_published_at_once(clock):
    shelf, feed = Shelf(), ScriptedFeed()
    publisher = BookPublisher([feed], shelf, clock)
    await publisher.publish_due()
    clock.advance(TICK)
    assert await publisher.publish_due() == 0
    feed.sequence = 2
    clock.advance(TICK)
    assert await publisher.publish_due() == 1
    assert shelf.got[-1] == ("BTC/USDT", 2, NOW + 2 * TICK)


async def test_what_did_not_arrive_stays_due(clock):
    shelf = Shelf()
    publisher = BookPublisher([ScriptedFeed()], shelf, clock)
    shelf.away = True
    with pytest.raises(Unavailable):
        await publisher.publish_due()
    shelf.away = False
    assert await publisher.publish_due() == 1


async def test_a_feed_that_breaks_is_dropped_with_its_reason_and_the_others_go_on(clock):
    shelf, broken, sound = Shelf(), ScriptedFeed("BTC/USDT"), ScriptedFeed("ETH/USDT")
    publisher = BookPublisher([broken, sound], shelf, clock)
    await publisher.publish_due()
    broken.broken = True
    clock.advance(timedelta(seconds=1))
    assert await publisher.publish_due() == 1
    broken.broken = False
    clock.advance(timedelta(seconds=1))
    assert await publisher.publish_due() == 1
    assert publisher.refused == ["BTC/USDT: file.gz line 7: crossed book"]
    assert [one.symbol for one in publisher.instruments] == ["ETH/USDT"]
    assert [symbol for symbol, _, _ in shelf.got] == ["BTC/USDT", "ETH/USDT", "ETH/USDT", "ETH/USDT"]


def trade(sequence, symbol="BTC/USDT"):
    return TradePrint(symbol, Price(Decimal(100)), Quantity(Decimal(1)), "buy", sequence, NOW)


class Tape:
    """A TradeWriter that keeps what it got, or is away; and a listener."""

    def __init__(self):
        self.got = []
        self.heard = []
        self.volumes = []
        self.away = False
        self.token = 0

    async def publish_prints(self, prints, *, token=0):
        if self.away:
            raise Unavailable("away")
        self.token = token
        self.got += [one.sequence for one in prints]

    def seen(self, book, prints, volume):
        self.volumes.append(volume)
        self.heard.append((book.symbol, [one.sequence for one in prints]))


async def test_each_trade_is_told_once_under_the_token_and_heard_once_in_this_process(clock):
    tape, feed = Tape(), ScriptedFeed()
    publisher = BookPublisher([feed], Shelf(), clock, trades=tape, listeners=[tape])
    feed.told = [trade(1), trade(2)]
    await publisher.publish_due(7)
    feed.told.append(trade(3))
    await publisher.publish_due(7)
    await publisher.publish_due(7)
    assert (tape.got, tape.token) == ([1, 2, 3], 7)
    assert tape.heard == [("BTC/USDT", [1, 2]), ("BTC/USDT", [3]), ("BTC/USDT", [])]
    assert tape.volumes == [2, 1, 0]


async def test_trades_that_were_not_told_stay_due_and_are_heard_once_only(clock):
    tape, feed = Tape(), ScriptedFeed()
    publisher = BookPublisher([feed], Shelf(), clock, trades=tape, listeners=[tape])
    feed.told, tape.away = [trade(1)], True
    with pytest.raises(Unavailable):
        await publisher.publish_due()
    feed.told.append(trade(2))
    tape.away = False
    await publisher.publish_due()
    assert tape.got == [1, 2]
    assert [told for _, told in tape.heard] == [[1], [2]]


class VolumeFeed(ScriptedFeed):
    """A feed that knows how much was traded, but not each trade."""

    traded_volume = Decimal(10)


async def test_volume_is_what_trades_or_the_feed_tell_and_unknown_where_neither_does(clock):
    tape, feed = Tape(), VolumeFeed()
    publisher = BookPublisher([feed, ScriptedFeed("ETH/USDT")], Shelf(), clock, listeners=[tape])
    await publisher.publish_due()
    feed.traded_volume = Decimal(15)
    await publisher.publish_due()
    assert tape.volumes == [10, None, 5, None]


async def test_replaced_feeds_are_the_only_ones_from_then_on(clock):
    shelf, feed = Shelf(), ScriptedFeed()
    publisher = BookPublisher([feed], shelf, clock)
    await publisher.publish_due()
    publisher.replace_feeds([ScriptedFeed("ETH/USDT")])
    clock.advance(timedelta(seconds=1))
    await publisher.publish_due()
    assert [symbol for symbol, _, _ in shelf.got] == ["BTC/USDT", "ETH/USDT"]
    assert [one.symbol for one in publisher.instruments] == ["ETH/USDT"]
