"""The figures of the instrument card, out of a book and stored candles."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.db.unit_of_work import unit_of_work
from core.market import service as market
from core.market.card import card_of, instrument_card
from core.market.types import OrderBook
from tests.core.market.test_candle_service import candle
from tests.support.books import TEST_SOURCE, levels

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def book(bids, asks):
    return OrderBook("BTC/USDT", levels(bids), levels(asks), 1, NOW - timedelta(seconds=2), TEST_SOURCE)


def figures(card, *names):
    return tuple(getattr(card, name) for name in names)


def test_price_spread_and_depth_within_one_percent():
    card = card_of(book([("999.5", 2), (990, 1), ("989.9", 50)], [("1000.5", 1), (1010, 3), ("1010.1", 50)]), None, now=NOW)
    assert figures(card, "price", "best_bid", "best_ask") == (1000, Decimal("999.5"), Decimal("1000.5"))
    assert card.spread_bps == 10
    assert figures(card, "bid_depth", "ask_depth") == (1999 + 990, Decimal("1000.5") + 3030)
    assert (card.bid_depth_complete, card.ask_depth_complete) == (True, True)
    assert (card.age, card.source, card.day) == (timedelta(seconds=2), TEST_SOURCE, None)


def test_a_book_that_ends_within_the_percent_says_that_there_may_be_more():
    card = card_of(book([("999.5", 2)], [("1000.5", 1)]), None, now=NOW)
    assert (card.bid_depth_complete, card.ask_depth_complete) == (False, False)


async def test_without_a_side_the_price_is_the_last_candles_and_nothing_is_made_up(pool):
    async with unit_of_work(pool) as uow:
        await market.ensure_partitions(uow, "1m", NOW, NOW)
        await market.save_candles(uow, [replace(candle(NOW - timedelta(minutes=1), 7), symbol="BTC/USDT")])
        card = await instrument_card(uow, book([], [("1000.5", 1)]), now=NOW)
    assert card.price == 7
    assert figures(card, "best_bid", "spread_bps", "ask_depth") == (None, None, 0)
    assert card.day is not None
    assert card.day.change_24h_bps is None
    assert card_of(book([], []), None, now=NOW).price is None
