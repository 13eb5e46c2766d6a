"""An order from request to settlement, on the real database and the paper venue."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.fees.service import set_platform_fee
from core.kernel.errors import IdempotencyConflict
from core.trading.types import ChatTarget, OrderState, SizeKind
from tests.support.desk import BTC, Desk, buy, make_desk, sell


@pytest.fixture
async def desk(pool: Pool) -> Desk:
    return await make_desk(pool)


async def test_a_buy_walks_the_odd_book_exactly(desk: Desk) -> None:
    user = await desk.user()

    order = await desk.trade(buy(user, 1001))

    # 1001 with 0.1 % fee leaves exactly 1000 for the book: 100 + 200 + 700 at 500
    assert order.state is OrderState.FILLED
    assert order.filled_quantity == Decimal("3.4")
    assert order.filled_notional == 1000
    assert order.venue_fee_units == 1 * 10**8
    assert await desk.balance(user) == (Decimal(8999), Decimal(0))
    assert await desk.balance(user, BTC) == (Decimal("3.4"), Decimal(0))
    await desk.require_clean()


async def test_the_message_goes_from_accepted_to_filled(desk: Desk) -> None:
    user = await desk.user()

    order = await desk.trade(buy(user, 1001))

    told = await desk.messages(order)
    assert [one["state"] for one in told] == ["INITIALIZED", "SUBMITTED", "FILLED"]
    last = told[-1]
    assert last["average_price"] == "294.117647058824"
    assert last["fees"] == [{"kind": "venue", "amount": "1", "asset": "USDT"}, {"kind": "platform", "amount": "0", "asset": "USDT"}]
    assert (last["notional"], last["total"]) == ("1000", "1001")
    assert last["balance"] == {"base": "3.4", "quote": "8999"}
    assert last["position"]["quantity"] == "3.4"
    assert last["price_source"]["name"] == "test book"


async def test_every_verdict_of_the_decision_is_a_row(desk: Desk) -> None:
    user = await desk.user()

    order = await desk.trade(buy(user, 1001))

    assert await desk.reasons(order) == [
        (name, "passed", "")
        for name in (
            *("account_standing", "kill_switch", "instrument", "price_age", "duplicate", "order_rate", "in_flight", "daily_loss"),
            *("drawdown", "instrument_rules", "price_band", "price_impact", "size_against_depth", "funds", "exposure", "concentration"),
        )
    ]


async def test_selling_half_shows_the_profit(desk: Desk) -> None:
    user = await desk.user()
    await desk.trade(buy(user, "100.1"))  # 1 BTC at 100
    desk.books.set("BTC/USDT", bids=[(150, 10)], asks=[(151, 10)])

    order = await desk.trade(sell(user, 50, SizeKind.PERCENT))

    assert order.state is OrderState.FILLED
    last = (await desk.messages(order))[-1]
    assert last["total"] == "74.925"  # 75 less 0.1 %
    assert last["position"] == {"quantity": "0.5", "average_cost": "100.1", "realized_pnl": "24.875", "realized_now": "24.875"}
    assert await desk.balance(user, BTC) == (Decimal("0.5"), Decimal(0))
    assert await desk.balance(user) == (Decimal("9974.825"), Decimal(0))
    await desk.require_clean()


async def test_the_platform_fee_in_force_at_the_decision_is_charged_and_the_budget_is_never_exceeded(desk: Desk) -> None:
    async with unit_of_work(desk.pool) as uow:
        await set_platform_fee(uow, 50, "test")
    user = await desk.user()

    order = await desk.trade(buy(user, 50))

    cost = 10_000 - (await desk.balance(user))[0]
    assert cost <= 50
    assert order.platform_fee_units == -(-order.filled_notional * 10**8 * 50 // 10_000)
    assert cost == order.filled_notional + Decimal(order.venue_fee_units + order.platform_fee_units).scaleb(-8)
    await desk.require_clean()


async def test_buying_a_quantity_receives_exactly_that(desk: Desk) -> None:
    user = await desk.user()

    order = await desk.trade(buy(user, "1.5", SizeKind.BASE_QUANTITY))

    assert (order.state, order.filled_quantity) == (OrderState.FILLED, Decimal("1.5"))
    assert await desk.balance(user, BTC) == (Decimal("1.5"), Decimal(0))
    assert await desk.balance(user) == (10_000 - Decimal("200.2"), Decimal(0))
    await desk.require_clean()


async def test_selling_for_a_quote_amount_brings_about_that_much(desk: Desk) -> None:
    user = await desk.user()
    await desk.trade(buy(user, "100.1"))

    order = await desk.trade(sell(user, 45, SizeKind.QUOTE_AMOUNT))

    last = (await desk.messages(order))[-1]
    assert Decimal("44.99") < Decimal(last["total"]) <= 45


async def test_selling_the_initials_brings_back_what_was_paid(desk: Desk) -> None:
    user = await desk.user()
    await desk.trade(buy(user, "100.1"))
    desk.books.set("BTC/USDT", bids=[(400, 10)], asks=[(401, 10)])

    order = await desk.trade(sell(user, 1, SizeKind.INITIALS))

    last = (await desk.messages(order))[-1]
    assert Decimal("100.09") < Decimal(last["total"]) <= Decimal("100.1")


async def test_a_second_placing_changes_nothing(desk: Desk) -> None:
    user = await desk.user()
    order = await desk.trade(buy(user, 100))
    before = await desk.balance(user)

    for _ in range(5):
        await desk.trading.place_order(order.id)
        await desk.trading.apply_reports(order.id)
        await desk.trading.reconcile()

    assert await desk.balance(user) == before
    assert len(await desk.messages(order)) == 3


async def test_the_same_key_gives_the_same_order_and_another_request_is_refused(desk: Desk) -> None:
    user = await desk.user()
    first = await desk.request(buy(user, 100), key="k")

    assert (await desk.request(buy(user, "100.0"), key="k")).id == first.id
    assert await desk.pool.fetchval("select count(*) from outbox_tasks") == 1
    with pytest.raises(IdempotencyConflict):
        await desk.request(buy(user, 101), key="k")


async def test_a_request_that_is_rolled_back_leaves_nothing(desk: Desk) -> None:
    user = await desk.user()
    async with unit_of_work(desk.pool, dry_run=True) as uow:
        await desk.trading.request_order(uow, buy(user, 5), idempotency_key="x", chat=ChatTarget(1, "x"), correlation_id="c")
    for table in ("orders", "outbox_tasks", "outbox_chat"):
        assert await desk.pool.fetchval(f"select count(*) from {table}") == 0  # noqa: S608
