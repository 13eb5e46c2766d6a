"""What meets an order that waits at the paper exchange: by hand, one case after the other, and what holds for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.venues.paper.queueing import Waiter, meet, meet_book, meet_print, queue_at
from core.kernel.money import Price, Quantity
from core.market.types import OrderBook, TradePrint
from core.venues.types import Side
from tests.support.books import TEST_SOURCE, Pair, levels

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(seconds=1)


def book(bids: Sequence[Pair], asks: Sequence[Pair]) -> OrderBook:
    return OrderBook("BTC/USDT", levels(bids), levels(asks), 1, LATER, TEST_SOURCE)


def trade(aggressor: Literal["buy", "sell"], price: str | int, quantity: str | int, at: datetime = LATER) -> TradePrint:
    return TradePrint("BTC/USDT", Price(Decimal(price)), Quantity(Decimal(quantity)), aggressor, 1, at)


def buy(remaining: str | int = 5, limit: str | int = 100, queue: str | int | None = 3, taken: str | int = 0) -> Waiter:
    ahead = None if queue is None else Decimal(queue)
    return Waiter(1, Side.BUY, Price(Decimal(limit)), NOW, Decimal(remaining), ahead, Decimal(taken))


def sell(remaining: str | int = 5, limit: str | int = 100, queue: str | int | None = 3) -> Waiter:
    return Waiter(1, Side.SELL, Price(Decimal(limit)), NOW, Decimal(remaining), Decimal(queue or 0), Decimal(0))


def both(*figures: object) -> tuple[object, ...]:
    return figures


def test_what_stood_before_it_trades_first() -> None:
    after = meet_print(buy(), trade("sell", 100, 2))
    assert both(after.queue_ahead, after.filled_now) == (1, 0)

    after = meet_print(after, trade("sell", 100, "1.5"))
    assert both(after.queue_ahead, after.filled_now, after.remaining) == (0, Decimal("0.5"), Decimal("4.5"))

    assert meet_print(after, trade("sell", 100, 9)).remaining == 0


def test_a_trade_beyond_its_price_went_through_its_level() -> None:
    after = meet_print(buy(), trade("sell", "99.99", 2))
    assert both(after.queue_ahead, after.filled_now) == (0, 2)
    assert meet_print(sell(), trade("buy", "100.01", 2)).filled_now == 2


def test_a_book_from_before_it_came_fills_nothing() -> None:
    gone = replace(book([(90, 1)], [(95, 9)]), observed_at=NOW - timedelta(milliseconds=1))
    assert meet(buy(), gone, ()) == buy()
    assert meet(buy(), replace(gone, observed_at=NOW), ()).remaining == 0


@pytest.mark.parametrize(
    "one",
    [
        trade("sell", "100.01", 9),
        trade("buy", 100, 9),
        trade("buy", 90, 9),
        trade("sell", 100, 9, NOW),
        trade("sell", 90, 9, NOW - timedelta(days=1)),
    ],
    ids=["above its price", "takers on its own side", "takers on its own side below", "at the moment it came", "before it came"],
)
def test_other_trades_are_not_its_business(one: TradePrint) -> None:
    assert meet_print(buy(), one) == buy()


def test_trades_at_a_level_out_of_sight_change_nothing_until_the_level_is_seen() -> None:
    unseen = buy(queue=None)
    assert meet_print(unseen, trade("sell", 100, 9)) == unseen
    seen = meet_book(unseen, book([(101, 1), (100, 7)], [(102, 1)]))
    assert seen.queue_ahead == 7


def test_cancels_ahead_shrink_the_queue_at_most_to_what_the_book_shows() -> None:
    assert meet_book(buy(), book([(100, 2)], [(101, 1)])).queue_ahead == 2
    assert meet_book(buy(), book([(100, 9)], [(101, 1)])).queue_ahead == 3
    assert meet_book(buy(), book([(99, 9)], [(101, 1)])).queue_ahead == 0
    assert meet_book(buy(), book([(101, 9)], [(102, 1)])).queue_ahead == 3, "out of sight"
    assert meet_book(buy(), book([], [(102, 1)])).queue_ahead == 3


def test_a_book_that_reaches_it_fills_it_once_for_each_unit_seen() -> None:
    first = meet_book(buy(), book([(90, 1)], [(99, 1), (100, 1), (101, 50)]))
    assert both(first.filled_now, first.taken, first.remaining) == (2, 2, 3)
    same = meet_book(first, book([(90, 1)], [(99, 1), (100, 1), (101, 50)]))
    assert same.filled_now == 2
    more = meet_book(same, book([(90, 1)], [(99, "1.5"), (100, 1)]))
    assert more.filled_now == Decimal("2.5")
    fewer = meet_book(more, book([(90, 1)], [(99, 1)]))
    assert both(fewer.filled_now, fewer.taken) == (Decimal("2.5"), 1)
    again = meet_book(fewer, book([(90, 1)], [(99, 2)]))
    assert both(again.filled_now, again.taken) == (Decimal("3.5"), 2)
    gone = meet_book(again, book([(90, 1)], [(101, 2)]))
    assert gone.taken == 0


def test_a_sell_is_met_by_the_bids() -> None:
    after = meet_book(sell(), book([(101, 1), (100, 1), (99, 50)], [(102, 1)]))
    assert both(after.filled_now, after.queue_ahead) == (2, 0)


def test_trades_come_before_the_book_that_followed_them() -> None:
    after = meet(buy(), book([(100, 1)], [(101, 1)]), [trade("sell", 100, 4)])
    assert both(after.filled_now, after.queue_ahead) == (1, 0)


def test_where_a_book_does_not_reach_the_queue_is_unknown() -> None:
    shown = book([(100, 2), (99, 1)], [(101, 3), (103, 4)])
    assert queue_at(shown, Side.BUY, Price(Decimal(100))) == 2
    assert queue_at(shown, Side.BUY, Price(Decimal("99.5"))) == 0
    assert queue_at(shown, Side.BUY, Price(Decimal(98))) is None
    assert queue_at(shown, Side.SELL, Price(Decimal(103))) == 4
    assert queue_at(shown, Side.SELL, Price(Decimal(102))) == 0
    assert queue_at(shown, Side.SELL, Price(Decimal(104))) is None


QUANTITIES = st.integers(1, 20).map(Decimal)
TRADES = st.builds(
    lambda side, price, quantity: trade(side, price, str(quantity)), st.sampled_from(["buy", "sell"]), st.integers(97, 103), QUANTITIES
)
SIDES = st.lists(QUANTITIES, min_size=0, max_size=4)


@st.composite
def markets(draw: st.DrawFn) -> OrderBook:
    best = draw(st.integers(97, 103))
    bids = [(best - place, quantity) for place, quantity in enumerate(draw(SIDES))]
    asks = [(best + 1 + place, quantity) for place, quantity in enumerate(draw(SIDES))]
    return book(bids, asks)


@given(st.lists(st.tuples(markets(), st.lists(TRADES, max_size=3)), max_size=8), st.sampled_from([buy(7), sell(7), buy(7, queue=None)]))
def test_it_never_gets_more_than_it_wants_nor_than_the_market_had(steps: list[tuple[OrderBook, list[TradePrint]]], waiter: Waiter) -> None:
    offered = Decimal(0)
    for shown, trades in steps:
        before = waiter
        waiter = meet(waiter, shown, trades)
        offered += sum((one.quantity.value for one in trades if one.aggressor != waiter.side.value), Decimal(0))
        offered += sum((level.quantity.value for level in (shown.asks if waiter.side is Side.BUY else shown.bids)), Decimal(0))
        assert waiter.remaining + waiter.filled_now == 7
        assert 0 <= waiter.remaining <= before.remaining
        assert waiter.filled_now <= offered
        assert waiter.taken >= 0
        assert waiter.queue_ahead is None or waiter.queue_ahead >= 0
        if before.queue_ahead is not None:
            assert waiter.queue_ahead is not None
            assert waiter.queue_ahead <= before.queue_ahead
