"""Orders that rest: from the intent over the exchange's book to the last unit of the hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.adapters.venues.paper.engine import MatchingEngine
from core.adapters.venues.paper.matching import would_take
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.clock import ManualClock
from core.kernel.money import Price, Quantity
from core.market.types import Instrument, OrderBook
from core.trading.types import Order, OrderState, SizeKind
from core.venues.types import OrderRequest, Side, TimeInForce, VenueOrderState
from tests.support.books import TEST_SOURCE, Pair
from tests.support.desk import BTC, QUICK, USDT, Desk, make_desk
from tests.support.exchange import Exchange, limit_buy

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PAIR = Instrument("paper", "BTC/USDT", BTC, USDT, Decimal("0.01"), Decimal("0.00001"), Decimal(5), 10, maker_fee_bps=8)


@pytest.fixture
async def desk(pool: Pool) -> Desk:
    return await make_desk(pool, clock=ManualClock(NOW), instrument=PAIR)


@pytest.fixture
def exchange(desk: Desk) -> Exchange:
    return Exchange(desk)


async def test_a_limit_order_rests_fills_by_a_later_book_and_gives_the_rest_of_its_hold_back(desk: Desk, exchange: Exchange) -> None:
    user = await desk.user()
    order = await desk.trade(limit_buy(user, "2", "95"))

    assert order.state is OrderState.ACCEPTED
    assert order.expires_at == NOW + timedelta(days=7)
    platform = Decimal(order.platform_fee_bps) / 10_000
    held = Decimal(190) * (1 + Decimal("0.001") + platform)
    assert await desk.balance(user) == (10_000 - held, held)

    assert await exchange.move(asks=[("94", "0.5"), ("95", "0.25"), (200, 1)]) == 1
    order = await desk.order(order.id)
    assert (order.state, order.filled_quantity, order.filled_notional) == (OrderState.PARTIALLY_FILLED, Decimal("0.75"), Decimal("71.25"))

    await exchange.move(asks=[("95", "5")])
    order = await desk.order(order.id)
    assert (order.state, order.filled_quantity) == (OrderState.FILLED, Decimal(2))
    paid = Decimal(190) * (1 + Decimal("0.0008") + platform)
    assert await desk.balance(user) == (10_000 - paid, Decimal(0))
    assert await desk.balance(user, BTC) == (Decimal(2), Decimal(0))
    await desk.require_clean()


async def test_a_resting_order_is_canceled_and_the_whole_hold_goes_back(desk: Desk) -> None:
    user = await desk.user()
    order = await desk.trade(limit_buy(user, "2", "95"))

    await _cancel(desk, order)

    assert (await desk.order(order.id)).state is OrderState.CANCELED
    assert await desk.balance(user) == (Decimal(10_000), Decimal(0))
    await desk.require_clean()


async def test_an_odd_market_fills_averages_and_charges_exactly_as_by_hand(desk: Desk, exchange: Exchange) -> None:
    """A buy of 4 at 100 before asks of 100 × 1 takes 1 as taker and waits behind nobody. Then, by hand:

    trade 100 × 0.3 sold: 0.3 · asks 99 × 0.5: 0.5 · the same book again: nothing · asks 99 × 0.7: 0.2 more · trade 99.5 × 9 sold, beyond
    its level: the last 2. All of it at 100, so the average is 100; 100 as taker at 10 bps, 300 as maker at 8 bps.
    """
    user = await desk.user()
    exchange.book(bids=[(98, 1)], asks=[(100, 1), (105, 1)])
    order = await desk.trade(limit_buy(user, "4", "100"))
    got = [order.filled_quantity]

    nothing: list[Pair] = [(105, 1)]
    steps: list[tuple[tuple[str, str] | None, list[Pair]]] = [
        (("100", "0.3"), nothing),
        (None, [(99, "0.5"), *nothing]),
        (None, [(99, "0.5"), *nothing]),
        (None, [(99, "0.7"), *nothing]),
        (("99.5", "9"), nothing),
    ]
    for trade, asks in steps:
        if trade is not None:
            exchange.trade("sell", *trade)
        desk.clock.advance(timedelta(seconds=1))  # type: ignore[attr-defined]
        await exchange.move([(98, 1)], asks)
        got.append((await desk.order(order.id)).filled_quantity)

    assert got == [Decimal(one) for one in ("1", "1.3", "1.8", "1.8", "2", "4")]
    order = await desk.order(order.id)
    assert (order.state, order.filled_notional) == (OrderState.FILLED, Decimal(400))
    assert Decimal(order.venue_fee_units).scaleb(-8) == Decimal(100) * Decimal("0.001") + Decimal(300) * Decimal("0.0008")
    last = (await desk.messages(order))[-1]
    assert (last["average_price"], last["remaining"], last["state"]) == ("100", "0", "FILLED")
    platform = Decimal(400) * Decimal(order.platform_fee_bps) / 10_000
    assert await desk.balance(user) == (Decimal(10_000) - 400 - Decimal("0.34") - platform, Decimal(0))
    await desk.require_clean()


async def test_an_order_waits_behind_what_stood_at_its_price(desk: Desk, exchange: Exchange) -> None:
    user = await desk.user()
    exchange.book(bids=[(95, 3), (94, 1)], asks=[(100, 9)])
    order = await desk.trade(limit_buy(user, "2", "95"))

    exchange.trade("sell", "95", "2.5")
    desk.clock.advance(timedelta(seconds=1))  # type: ignore[attr-defined]
    assert await exchange.move([(95, 3)], [(100, 9)]) == 0
    exchange.restart()
    exchange.trade("sell", "95", "1.5")
    desk.clock.advance(timedelta(seconds=1))  # type: ignore[attr-defined]
    assert await exchange.move([(95, 3)], [(100, 9)]) == 1

    assert (await desk.order(order.id)).filled_quantity == 1


async def test_what_was_not_told_is_told_after_a_crash_and_found_by_reconciliation_otherwise(desk: Desk, exchange: Exchange) -> None:
    user = await desk.user()
    first, second = [await desk.trade(limit_buy(user, size, "95")) for size in ("2", "3")]
    exchange.book(asks=[(95, 1)])
    await exchange.engine.round()
    exchange.restart()
    assert len(await exchange.engine.notices()) == 2
    await exchange.engine.told([one for one in await exchange.engine.notices() if one.report.client_order_id == first.client_order_id])
    await exchange.round()
    assert (await desk.order(second.id)).filled_quantity == 1
    assert (await desk.order(first.id)).filled_quantity == 0

    await desk.trading.reconcile()

    assert (await desk.order(first.id)).filled_quantity == 1
    assert await exchange.engine.notices() == []


async def test_an_order_that_rests_undisturbed_is_asked_about_ever_more_seldom(desk: Desk) -> None:
    order = await desk.trade(limit_buy(await desk.user(), "2", "95"))
    asked, clock = 0, desk.clock
    for _ in range(3_600):
        clock.advance(timedelta(seconds=2))  # type: ignore[attr-defined]
        async with unit_of_work(desk.pool) as uow:
            rows = await uow.connection.fetch(
                "select trading_claim_for_reconciliation($1, $2, 10, $3, $4)",
                clock.now(),
                clock.now() + timedelta(seconds=2),
                timedelta(minutes=10),
                timedelta(seconds=5),
            )
        asked += len(rows)
    assert 10 < asked < 40, "two hours at two seconds would be 3,600 questions"
    assert (await desk.order(order.id)).state is OrderState.ACCEPTED


async def test_an_order_the_venue_should_have_ended_is_canceled_by_us(desk: Desk, owner_pool: Pool) -> None:
    user = await desk.user()
    order = await desk.trade(limit_buy(user, "2", "95"))
    await owner_pool.execute("update paper_venue_orders set closes_at = '9999-01-01 00:00:00+00'")
    desk.clock.advance(timedelta(days=7, seconds=4))  # type: ignore[attr-defined]
    await desk.trading.reconcile()
    assert (await desk.order(order.id)).state is OrderState.ACCEPTED

    desk.clock.advance(timedelta(seconds=2))  # type: ignore[attr-defined]
    await desk.trading.reconcile()

    order = await desk.order(order.id)
    assert (order.state, order.reason) == (OrderState.CANCELED, "expired")
    assert await desk.balance(user) == (Decimal(10_000), Decimal(0))


async def test_an_order_with_a_date_that_passed_or_is_too_far_is_denied(desk: Desk) -> None:
    user = await desk.user()
    for until, reason in ((NOW, "expiry_passed"), (NOW + timedelta(days=91), "expiry_too_far")):
        order = await desk.trade(limit_buy(user, "2", "95", TimeInForce.GTD, expires_at=until))
        assert (order.state, order.reason) == (OrderState.DENIED, reason)


async def test_a_limit_is_rounded_to_the_tick_in_the_users_favor_and_the_same_one_is_a_duplicate(pool: Pool) -> None:
    limits = replace(QUICK, duplicate_window=timedelta(minutes=1))
    desk = await make_desk(pool, clock=ManualClock(NOW), instrument=PAIR, limits=limits)
    user = await desk.user()
    first = await desk.trade(limit_buy(user, "2", "95.019"))
    again = await desk.trade(limit_buy(user, "2", "95.019"))
    other = await desk.trade(limit_buy(user, "2", "95.02"))

    assert (first.limit_price, first.state) == (Decimal("95.01"), OrderState.ACCEPTED)
    assert again.reason == "duplicate"
    assert other.state is OrderState.ACCEPTED


async def test_a_budget_never_costs_more_than_was_said_and_a_preview_says_what_happens(desk: Desk) -> None:
    user = await desk.user()
    command = limit_buy(user, "300", "100", kind=SizeKind.QUOTE_AMOUNT)
    preview = await desk.trading.preview(command)
    order = await desk.trade(command)

    assert preview.quantity == 1
    assert preview.beyond > 1
    assert preview.held is not None
    assert preview.held.to_decimal() <= 300
    assert order.quantity == preview.quantity + preview.beyond
    assert sum(await desk.balance(user)) < 10_000
    assert (await desk.trading.preview(limit_buy(user, "1", "100", post_only=True))).venue_refusal == "post_only_would_take"
    assert (await desk.trading.preview(limit_buy(user, "1", "99", post_only=True))).venue_refusal == ""


async def _cancel(desk: Desk, order: Order) -> None:
    async with unit_of_work(desk.pool) as uow:
        await desk.trading.request_cancel(uow, user_id=order.user_id, order_id=order.id)
    await desk.trading.cancel_order(order.id)


async def test_the_same_book_is_met_once_and_a_room_above_can_follow_its_orders(desk: Desk, exchange: Exchange) -> None:
    user = await desk.user()
    first, second = [await desk.trade(limit_buy(user, size, "95")) for size in ("2", "3")]
    exchange.book(asks=[(95, 1)])

    assert [await exchange.engine.round() for _ in range(3)] == [2, 0, 0]
    async with unit_of_work(desk.pool) as uow:
        assert [one.id for one in await desk.trading.order_summaries(uow, [second.id, first.id])] == [first.id, second.id]


def test_nothing_is_taken_from_a_book_that_is_empty_on_the_other_side() -> None:
    book = OrderBook(PAIR.symbol, (), (), 1, NOW, TEST_SOURCE)
    assert not would_take(OrderRequest("sr1", PAIR, Side.BUY, Price(Decimal(95)), NOW, Quantity(Decimal(2))), book)


async def test_what_was_told_as_expired_is_never_filled_by_an_engine_that_is_behind(desk: Desk) -> None:
    """The engine read its clock just before the expiry and was stopped; the exchange told the expiry; the engine goes on."""
    user = await desk.user()
    until = NOW + timedelta(minutes=1)
    order = await desk.trade(limit_buy(user, "2", "95", TimeInForce.GTD, expires_at=until))
    behind = MatchingEngine(desk.pool, desk.books, ManualClock(until - timedelta(milliseconds=1)))
    desk.clock.advance(timedelta(minutes=1, seconds=4))  # type: ignore[attr-defined]
    await desk.trading.reconcile()
    assert (await desk.order(order.id)).state is OrderState.EXPIRED

    desk.books.set("BTC/USDT", [(90, 5)], [(91, 5)], observed_at=until, sequence=9)
    assert await behind.round() == 0
    told = await MatchingEngine(desk.pool, desk.books, desk.clock).notices()
    assert [notice.report.state for notice in told] == [VenueOrderState.EXPIRED]
    assert await desk.balance(user) == (Decimal(10_000), Decimal(0))
