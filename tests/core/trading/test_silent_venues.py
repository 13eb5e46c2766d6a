"""Venues that do not answer in time: submitting, canceling and asking all end in not knowing, and the order goes on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.clock import ManualClock
from core.kernel.errors import Unavailable
from core.kernel.ids import new_id
from core.market.types import Instrument
from core.trading import reconciliation
from core.trading.types import Order, OrderState
from core.venues.types import Accepted, NotFound, OrderReport, OrderRequest, Outcome, Unknown, VenueOrderState
from tests.support.desk import QUICK, Desk, buy, make_desk
from tests.support.scripted_venue import NOW, Scripted, filled, scripted_desk


@dataclass
class Hanging:
    """A venue that never answers the calls named in `hangs`; the others as `inner` does. Keeps the names of all calls."""

    inner: Scripted
    hangs: set[str]
    calls: list[str] = field(default_factory=list)
    cancel_outcome: Outcome = field(default_factory=lambda: Unknown("silence"))
    name: str = "paper"

    async def _answer(self, call: str) -> None:
        self.calls.append(call)
        if call in self.hangs:
            await asyncio.Event().wait()

    async def submit(self, request: OrderRequest) -> Outcome:
        await self._answer("submit")
        return await self.inner.submit(request)

    async def cancel(self, client_order_id: str, instrument: Instrument) -> Outcome:  # noqa: ARG002
        await self._answer("cancel")
        return self.cancel_outcome

    async def lookup(self, client_order_id: str, instrument: Instrument) -> OrderReport | NotFound:
        await self._answer("lookup")
        return await self.inner.lookup(client_order_id, instrument)


async def hanging_desk(pool: Pool, *hangs: str) -> tuple[Desk, Hanging, ManualClock]:
    clock = ManualClock(NOW)
    venue = Hanging(Scripted(clock, Unknown("silence")), set(hangs))
    limits = replace(QUICK, answer_within=timedelta(0) if hangs else QUICK.answer_within)
    return await make_desk(pool, venue=venue, clock=clock, limits=limits), venue, clock


async def canceling(desk: Desk, order: Order) -> None:
    async with unit_of_work(desk.pool) as uow:
        await desk.trading.request_cancel(uow, user_id=order.user_id, order_id=order.id)


async def test_an_order_without_an_answer_keeps_its_hold_and_is_not_sent_again(pool: Pool) -> None:
    desk, venue, _ = await hanging_desk(pool, "submit")
    user = await desk.user()

    order = await desk.trade(buy(user, 100))
    await desk.trading.place_order(order.id)

    assert (order.state, venue.calls) == (OrderState.SUBMITTED, ["submit"])
    assert await desk.balance(user) == (Decimal(9_900), Decimal(100))


async def test_a_cancel_without_an_answer_ends_nothing(pool: Pool) -> None:
    desk, venue, _ = await hanging_desk(pool, "cancel")
    user = await desk.user()
    order = await desk.trade(buy(user, 100))
    await canceling(desk, order)

    await desk.trading.cancel_order(order.id)

    assert venue.calls == ["submit", "cancel"]
    assert (await desk.order(order.id)).state is OrderState.PENDING_CANCEL
    assert await desk.balance(user) == (Decimal(9_900), Decimal(100))


async def test_nothing_is_asked_about_an_order_nobody_wants_canceled(pool: Pool) -> None:
    desk, venue, _ = await hanging_desk(pool)
    order = await desk.trade(buy(await desk.user(), 100))

    await desk.trading.cancel_order(order.id)
    await desk.trading.cancel_order(new_id())

    assert (venue.calls, (await desk.order(order.id)).state) == (["submit"], OrderState.SUBMITTED)


async def test_a_question_without_an_answer_proves_nothing(pool: Pool) -> None:
    desk, _, clock = await hanging_desk(pool, "lookup")
    order = await desk.trade(buy(await desk.user(), 100))
    clock.advance(timedelta(days=1))

    with pytest.raises(Unavailable):
        await reconciliation.reconcile_order(desk.trading._context, order.id)
    assert await desk.trading.reconcile() == 1

    assert (await desk.order(order.id)).state is OrderState.SUBMITTED
    assert await pool.fetchval("select standing from users") == "active"


async def test_reconciliation_cancels_once_more_and_takes_the_answer(pool: Pool) -> None:
    desk, venue, clock = await hanging_desk(pool)
    user = await desk.user()
    order = await desk.trade(buy(user, 100))
    await canceling(desk, order)
    ended = filled(order, ("a", "100", "0.5", "0.05"), state=VenueOrderState.CANCELED)
    venue.cancel_outcome = Accepted("v1", ended)
    venue.inner.report = ended
    clock.advance(timedelta(seconds=1))

    await desk.trading.reconcile()

    assert venue.calls == ["submit", "cancel", "lookup"]
    assert (await desk.order(order.id)).state is OrderState.CANCELED
    assert await desk.balance(user) == (Decimal("9949.95"), Decimal(0))
    await desk.require_clean()


async def test_the_answer_to_a_cancel_stands_even_when_the_look_up_fails(pool: Pool) -> None:
    desk, venue, clock = await hanging_desk(pool)
    order = await desk.trade(buy(await desk.user(), 100))
    await canceling(desk, order)
    venue.cancel_outcome = Accepted("v1", filled(order, ("a", "100", "0.5", "0.05"), state=VenueOrderState.CANCELED))
    clock.advance(timedelta(hours=1))

    await desk.trading.reconcile()

    ended = await desk.order(order.id)
    assert (ended.state, ended.filled_quantity) == (OrderState.CANCELED, Decimal("0.5")), "'not found' after an answer proves nothing"


async def test_an_order_that_is_not_there_is_nobodys_trouble(pool: Pool) -> None:
    desk, venue, clock = await scripted_desk(pool, Unknown("silence"))
    nobody = new_id()

    await desk.trading.place_order(nobody)
    await reconciliation.reconcile_order(desk.trading._context, nobody)
    await reconciliation.take_not_found(desk.trading._context, nobody, NotFound(clock.now()))

    assert venue.requests == []
    assert await pool.fetchval("select count(*) from outbox_chat") == 0
