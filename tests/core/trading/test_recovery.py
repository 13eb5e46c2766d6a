"""What happens when things go wrong between the steps: crashes, silence, late truth, cancels, and costs beyond the hold."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import InvariantViolated
from core.trading.types import Order, OrderState, SizeKind
from core.venues.types import OrderReport, Refused, Unknown, VenueOrderState
from tests.support.desk import BTC, QUICK, Desk, buy, make_desk, sell
from tests.support.scripted_venue import filled, scripted_desk

NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def test_many_workers_with_the_same_task_send_once(pool: Pool) -> None:
    desk, venue, _ = await scripted_desk(pool, Unknown("silence"))
    order = await desk.request(buy(await desk.user(), 100))

    await asyncio.gather(*(desk.trading.place_order(order.id) for _ in range(12)))

    assert len(venue.requests) == 1


async def test_silence_keeps_state_and_hold_until_the_venue_speaks(pool: Pool) -> None:
    desk, venue, clock = await scripted_desk(pool, Unknown("silence"))
    user = await desk.user()
    order = await desk.trade(buy(user, 100))
    for _ in range(3):
        await desk.trading.reconcile()
        await desk.trading.place_order(order.id)
        assert (await desk.order(order.id)).state is OrderState.SUBMITTED
        assert await desk.balance(user) == (Decimal(9_900), Decimal(100))

    venue.report = filled(order, ("a", "100", "0.5", "0.05"))
    clock.advance(timedelta(hours=1))
    await desk.trading.reconcile()

    assert (await desk.order(order.id)).state is OrderState.FILLED
    assert await desk.balance(user) == (Decimal("9949.95"), Decimal(0))
    assert len(venue.requests) == 1
    await desk.require_clean()


async def test_an_order_that_never_arrived_expires_only_when_the_venues_clock_proves_it(pool: Pool) -> None:
    desk, _, clock = await scripted_desk(pool, Unknown("silence"))
    user = await desk.user()
    order = await desk.trade(buy(user, 100))
    clock.advance(timedelta(seconds=6))
    await desk.trading.reconcile()
    assert (await desk.order(order.id)).state is OrderState.SUBMITTED

    clock.advance(timedelta(seconds=1))
    await desk.trading.reconcile()

    ended = await desk.order(order.id)
    assert (ended.state, ended.reason) == (OrderState.EXPIRED, "never_arrived")
    assert await desk.balance(user) == (Decimal(10_000), Decimal(0))
    assert (await desk.messages(order))[-1]["state"] == "EXPIRED"


async def test_a_refusal_voids_the_hold(pool: Pool) -> None:
    desk, _, _ = await scripted_desk(pool, Refused("market_closed"))
    user = await desk.user()
    order = await desk.trade(buy(user, 100))

    assert (order.state, order.reason) == (OrderState.REJECTED, "market_closed")
    assert await desk.balance(user) == (Decimal(10_000), Decimal(0))


async def test_a_partial_fill_gives_the_rest_of_the_hold_back(pool: Pool) -> None:
    desk, venue, clock = await scripted_desk(pool, Unknown("silence"))
    user = await desk.user()
    order = await desk.trade(buy(user, "1", SizeKind.BASE_QUANTITY))
    venue.report = filled(order, ("a", "100", "0.4", "0.04"), state=VenueOrderState.EXPIRED)
    clock.advance(timedelta(seconds=10))
    await desk.trading.reconcile()

    assert ((await desk.order(order.id)).state, await desk.balance(user)) == (OrderState.EXPIRED, (Decimal("9959.96"), Decimal(0)))
    assert await desk.balance(user, BTC) == (Decimal("0.4"), Decimal(0))
    await desk.require_clean()


async def test_a_worker_that_ended_after_recording_is_finished_by_reconciliation(pool: Pool) -> None:
    from core.trading import report_rows, reports  # noqa: PLC0415

    desk, _, clock = await scripted_desk(pool, Unknown("silence"))
    order = await desk.trade(buy(await desk.user(), 100))
    payload = reports.encode(filled(order, ("a", "100", "0.5", "0.05")))
    async with unit_of_work(pool) as uow:
        await report_rows.record_report(uow, order.id, reports.report_key(payload), payload)
    await pool.execute("update order_reports set received_at = $1", NOW)
    clock.advance(timedelta(seconds=3))

    await desk.trading.reconcile()

    assert (await desk.order(order.id)).state is OrderState.FILLED


async def test_fills_that_surface_after_the_end_are_booked_from_available(pool: Pool) -> None:
    desk, venue, clock = await scripted_desk(pool, Unknown("silence"))
    user = await desk.user()
    order = await desk.trade(buy(user, 100))
    clock.advance(timedelta(seconds=10))
    await desk.trading.reconcile()
    assert (await desk.order(order.id)).state is OrderState.EXPIRED

    await told(desk, order, filled(order, ("a", "100", "0.5", "0.05")))

    after = await desk.order(order.id)
    assert (after.state, after.filled_quantity) == (OrderState.EXPIRED, Decimal("0.5"))
    assert await desk.balance(user) == (Decimal("9949.95"), Decimal(0))
    assert await desk.balance(user, BTC) == (Decimal("0.5"), Decimal(0))
    await desk.require_clean()
    assert venue.requests


async def told(desk: Desk, order: Order, report: OrderReport) -> None:
    from core.trading.execution import take_report  # noqa: PLC0415

    await take_report(desk.trading._context, order.id, report)


async def test_a_cost_beyond_hold_and_balance_is_a_receivable_and_freezes_the_account(pool: Pool) -> None:
    desk, _, _ = await scripted_desk(pool, Unknown("silence"))
    user = await desk.user()
    order = await desk.trade(buy(user, 400))

    await told(desk, order, filled(order, ("a", "10000", "1.2", "12")))

    assert (await desk.order(order.id)).state is OrderState.FILLED
    assert await desk.balance(user, BTC) == (Decimal("1.2"), Decimal(0))
    owed = await pool.fetchval("select balance from ledger_accounts where address = $1", f"receivable:user:{user}")
    assert await desk.balance(user) == (Decimal(0), Decimal(0))
    assert owed == (12_012 - 10_000) * 10**8
    assert (await desk.trade(buy(user, 10))).reason == "account_frozen"
    await desk.require_clean()


async def test_a_cost_beyond_the_hold_is_taken_from_available(pool: Pool) -> None:
    desk, _, _ = await scripted_desk(pool, Unknown("silence"))
    user = await desk.user()
    order = await desk.trade(buy(user, 400))

    await told(desk, order, filled(order, ("a", "1000", "0.5", "0.5")))

    assert await desk.balance(user) == (Decimal("9499.5"), Decimal(0))
    await desk.require_clean()


async def test_fees_beyond_the_proceeds_of_a_tiny_sale_are_taken_from_available(pool: Pool) -> None:
    desk, venue, _ = await scripted_desk(pool, Unknown("silence"))
    user = await desk.user()
    bought = await desk.trade(buy(user, 100))
    await told(desk, bought, filled(bought, ("a", "100", "0.5", "0.05")))
    before = (await desk.balance(user))[0]
    order = await desk.trade(sell(user, "0.5"))
    await told(desk, order, filled(order, ("b", "90", "0.01", "2")))

    assert (await desk.balance(user))[0] == before + Decimal("0.9") - 2
    await desk.require_clean()
    assert len(venue.requests) == 2


async def test_what_cannot_be_is_not_applied_and_stops_the_account(pool: Pool) -> None:
    desk, venue, clock = await scripted_desk(pool, Unknown("silence"))
    user = await desk.user()
    order = await desk.trade(buy(user, "1", SizeKind.BASE_QUANTITY))
    with pytest.raises(InvariantViolated):
        await told(desk, order, filled(order, ("a", "100", "2", "0.2")))
    venue.report = filled(order, ("a", "100", "2", "0.2"))
    clock.advance(timedelta(seconds=10))
    other = await desk.trade(buy(await desk.user(), 100))
    await desk.trading.reconcile()

    assert (await desk.order(order.id)).state is OrderState.SUBMITTED
    assert (await desk.trade(buy(user, 10))).reason == "account_frozen"
    assert (await desk.order(other.id)).state is OrderState.SUBMITTED
    await desk.require_clean()


async def test_orders_side_by_side_never_hold_more_than_there_is(pool: Pool) -> None:
    desk = await make_desk(pool, limits=replace(QUICK, duplicate_window=timedelta(0)))
    desk.books.set("BTC/USDT", asks=[(100, 10_000)])
    user = await desk.user()
    orders = [await desk.request(buy(user, 3_000)) for _ in range(8)]

    await asyncio.gather(*(desk.trading.place_order(order.id) for order in orders))

    states = [(await desk.order(order.id)).state for order in orders]
    assert sorted(states) == [OrderState.DENIED] * 5 + [OrderState.FILLED] * 3
    assert (await desk.balance(user))[0] >= 1_000
    await desk.require_clean()
