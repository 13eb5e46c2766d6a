"""Canceling: at once before anything was sent, by the venue's word afterwards, and nobody else's orders."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from core.adapters.venues.paper.trouble import Trouble
from core.adapters.venues.paper.venue import PaperVenue
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.clock import ManualClock
from core.kernel.errors import Denied
from core.trading.types import OrderState
from core.venues.types import Accepted, Unknown
from tests.support.desk import buy, make_desk
from tests.support.scripted_venue import NOW, scripted_desk


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
