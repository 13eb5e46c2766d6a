"""What happens when things go wrong between the steps: crashes, silence, late truth, cancels, and costs beyond the hold."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.adapters.venues.paper.trouble import Trouble
from core.adapters.venues.paper.venue import PaperVenue
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.clock import ManualClock
from core.kernel.errors import Denied, InvariantViolated
from core.kernel.money import Price, Quantity
from core.market.types import Instrument
from core.trading.types import Order, OrderState, SizeKind
from core.venues.types import Accepted, Fill, NotFound, OrderReport, OrderRequest, Outcome, Refused, Unknown, VenueOrderState
from tests.support.desk import BTC, QUICK, Desk, buy, make_desk, sell

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Scripted:
    """A venue that answers what it is told; counts what it was sent."""

    name = "paper"

    def __init__(self, clock: ManualClock, outcome: Outcome) -> None:
        self.clock = clock
        self.outcome = outcome
        self.report: OrderReport | None = None
        self.requests: list[OrderRequest] = []

    async def submit(self, request: OrderRequest) -> Outcome:
        self.requests.append(request)
        return self.outcome

    async def cancel(self, client_order_id: str, instrument: Instrument) -> Outcome:  # noqa: ARG002
        return Refused("order_unknown")

    async def lookup(self, client_order_id: str, instrument: Instrument) -> OrderReport | NotFound:  # noqa: ARG002
        return self.report or NotFound(self.clock.now())


def filled(order: Order, *fills: tuple[str, str, str, str], state: VenueOrderState = VenueOrderState.FILLED) -> OrderReport:
    """A report of fills (id, price, quantity, fee)."""
    told = tuple(Fill(name, Price(Decimal(price)), Quantity(Decimal(size)), Decimal(fee), NOW) for name, price, size, fee in fills)
    total = Quantity(sum((fill.quantity.value for fill in told), Decimal(0)))
    return OrderReport(order.client_order_id or "", "v1", state, total, told, NOW)


async def scripted_desk(pool: Pool, outcome: Outcome) -> tuple[Desk, Scripted, ManualClock]:
    clock = ManualClock(NOW)
    venue = Scripted(clock, outcome)
    return await make_desk(pool, venue=venue, clock=clock), venue, clock


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
    from core.trading import reports, repository  # noqa: PLC0415

    desk, _, clock = await scripted_desk(pool, Unknown("silence"))
    order = await desk.trade(buy(await desk.user(), 100))
    payload = reports.encode(filled(order, ("a", "100", "0.5", "0.05")))
    async with unit_of_work(pool) as uow:
        await repository.record_report(uow, order.id, reports.report_key(payload), payload)
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


async def test_canceling_before_anything_was_sent_sends_nothing(pool: Pool) -> None:
    desk, venue, _ = await scripted_desk(pool, Accepted("v1"))
    user = await desk.user()
    order = await desk.request(buy(user, 100))
    async with unit_of_work(pool) as uow:
        assert (await desk.trading.request_cancel(uow, user_id=user, order_id=order.id)).state is OrderState.CANCELED

    await desk.trading.place_order(order.id)

    assert venue.requests == []
    assert [message["state"] for message in await desk.messages(order)] == ["INITIALIZED", "CANCELED"]


async def test_canceling_an_open_order_ends_it_by_the_venues_word(pool: Pool) -> None:
    clock = ManualClock(NOW)
    desk = await make_desk(pool, clock=clock)
    venue = PaperVenue(pool, desk.books, clock, trouble=Trouble(rests=100, rest_for=timedelta(minutes=1)))
    desk = await make_desk(pool, venue=venue, clock=clock, books=desk.books)
    user = await desk.user()
    order = await desk.trade(buy(user, 1001))
    assert order.state is OrderState.PARTIALLY_FILLED
    assert (await desk.messages(order))[-1]["cancel"]
    async with unit_of_work(pool) as uow:
        await desk.trading.request_cancel(uow, user_id=user, order_id=order.id)
        assert (await desk.trading.request_cancel(uow, user_id=user, order_id=order.id)).state is OrderState.PENDING_CANCEL
    assert await pool.fetchval("select count(*) from outbox_tasks where task = 'trading.cancel_order'") == 1

    await desk.trading.cancel_order(order.id)

    ended = await desk.order(order.id)
    assert (ended.state, ended.filled_quantity) == (OrderState.CANCELED, Decimal(1))
    assert await desk.balance(user) == (Decimal("9899.9"), Decimal(0))
    assert (await desk.messages(order))[-1]["cancel"] is None
    await desk.require_clean()


async def test_a_cancel_that_is_refused_ends_nothing(pool: Pool) -> None:
    desk, _, _ = await scripted_desk(pool, Unknown("silence"))
    user = await desk.user()
    order = await desk.trade(buy(user, 100))
    async with unit_of_work(pool) as uow:
        await desk.trading.request_cancel(uow, user_id=user, order_id=order.id)
    await desk.trading.cancel_order(order.id)
    await desk.trading.reconcile()

    assert (await desk.order(order.id)).state is OrderState.PENDING_CANCEL


async def test_nobody_cancels_what_is_final_or_not_theirs(pool: Pool) -> None:
    desk = await make_desk(pool)
    user, stranger = await desk.user(), await desk.user()
    order = await desk.trade(buy(user, 100))
    waiting = await desk.request(buy(user, 100))
    for who, which, code in ((user, order, "order_final"), (stranger, waiting, "order_not_found"), (stranger, order, "order_not_found")):
        async with unit_of_work(pool) as uow:
            with pytest.raises(Denied, match=code):
                await desk.trading.request_cancel(uow, user_id=who, order_id=which.id)
    async with unit_of_work(pool) as uow:
        assert [one.id for one in await desk.trading.open_orders(uow, user)] == [waiting.id]
        assert await desk.trading.open_orders(uow, stranger) == []


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
