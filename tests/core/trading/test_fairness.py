"""Nobody waits for ever behind others: each order is asked about in its turn, and what cannot be applied is tried less and less."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from types import SimpleNamespace
from uuid import UUID

import asyncpg
import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.trading import reconciliation, report_rows, repository, settlement
from core.trading.sweeping import claim_stale
from core.trading.types import OrderState
from core.venues.types import Unknown
from tests.support.desk import buy, make_desk
from tests.support.scripted_venue import filled, scripted_desk


async def test_every_open_order_is_asked_about_however_many_older_ones_there_are(pool: Pool) -> None:
    desk = await make_desk(pool)
    user = await desk.user()
    orders = {(await desk.request(buy(user, 10 + number))).id for number in range(13)}
    await pool.execute("update orders set state = 'ACCEPTED', reconcile_after = now() - interval '1 hour'")
    now, asked = desk.clock.now(), set[UUID]()
    for _ in range(2):
        async with unit_of_work(pool) as uow:
            due = await repository.claim_for_reconciliation(
                uow, now=now, again=now + timedelta(seconds=2), limit=10, seldom=timedelta(0), expiry_grace=timedelta(0)
            )
            asked.update(due)
        now += timedelta(seconds=2)

    assert asked == orders


async def test_every_undecided_order_is_named_however_many_older_ones_there_are(pool: Pool) -> None:
    desk = await make_desk(pool)
    user = await desk.user()
    orders = {(await desk.request(buy(user, 10 + number))).id for number in range(13)}
    now, named = desk.clock.now() + timedelta(hours=1), set[UUID]()
    for _ in range(2):
        async with unit_of_work(pool) as uow:
            named.update(await repository.claim_undecided(uow, before=now, now=now, again=now + timedelta(seconds=2), limit=10))
        now += timedelta(seconds=2)

    assert named == orders


async def test_a_report_that_waits_is_not_named_in_every_round(pool: Pool) -> None:
    desk = await make_desk(pool)
    order = await desk.trade(buy(await desk.user(), 10))
    await pool.execute("update order_reports set applied_at = null, received_at = now() - interval '1 minute'")
    named = []
    for _ in range(10):
        async with unit_of_work(pool) as uow:
            named += await claim_stale(uow, timedelta(seconds=10))

    assert [(one.task, one.row_id) for one in named] == [("trading.apply_reports", str(order.id))]


async def test_a_report_is_tried_at_growing_distances(pool: Pool) -> None:
    desk = await make_desk(pool)
    await desk.trade(buy(await desk.user(), 10))
    await pool.execute("update order_reports set applied_at = null, received_at = now() - interval '1 minute'")
    begin = now = desk.clock.now()
    tried = []
    while now < begin + timedelta(minutes=20):
        async with unit_of_work(pool) as uow:
            if await report_rows.claim_waiting_reports(uow, before=begin, now=now, limit=10):
                tried.append((now - begin).seconds)
        now += timedelta(seconds=2)

    assert tried == [0, 2, 6, 14, 30, 62, 126, 254, 510, 766, 1022]


async def test_a_report_that_nobody_can_read_stops_its_account_and_no_other_order(pool: Pool) -> None:
    desk, venue, clock = await scripted_desk(pool, Unknown("silence"))
    broken, sound = [await desk.trade(buy(await desk.user(), 100)) for _ in range(2)]
    async with unit_of_work(pool) as uow:
        await report_rows.record_report(uow, broken.id, "unreadable", {"state": "no such state"})
    venue.report = filled(sound, ("a", "100", "0.5", "0.05"))
    clock.advance(timedelta(seconds=10))

    await desk.trading.reconcile()

    assert (await desk.order(sound.id)).state is OrderState.FILLED
    assert (await desk.order(broken.id)).state is OrderState.SUBMITTED
    standings = {row["id"]: row["standing"] for row in await pool.fetch("select id, standing from users")}
    assert standings == {broken.user_id: "frozen", sound.user_id: "active"}
    put_off = await pool.fetchval("select reconcile_after from orders where id = $1", broken.id)
    assert put_off > clock.now() + timedelta(seconds=30)


async def test_a_database_that_is_away_for_a_moment_freezes_nobody(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, _, clock = await scripted_desk(pool, Unknown("silence"))
    order = await desk.trade(buy(await desk.user(), 100))
    clock.advance(timedelta(seconds=1))
    await pool.execute("update orders set reconcile_after = $1", clock.now())

    async def deadlock(*_: object) -> None:
        raise asyncpg.DeadlockDetectedError

    with monkeypatch.context() as patch:
        patch.setattr(settlement, "apply_reports", deadlock)
        assert await desk.trading.reconcile() == 1

    assert await pool.fetchval("select standing from users where id = $1", order.user_id) == "active"


async def test_a_round_with_slow_venues_ends_in_time(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, _, clock = await scripted_desk(pool, Unknown("silence"))
    user = await desk.user()
    for number in range(40):
        await desk.request(buy(user, 10 + number))
    await pool.execute("update orders set state = 'ACCEPTED', reconcile_after = $1", clock.now())
    seconds = count(step=1)
    monkeypatch.setattr("core.trading.reconciliation.time", SimpleNamespace(monotonic=lambda: next(seconds)))

    assert await desk.trading.reconcile() == reconciliation.BEGIN_WITHIN_S - 1
