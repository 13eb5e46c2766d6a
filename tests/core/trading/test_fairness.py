"""Nobody waits for ever behind others: each order is asked about in its turn, and what cannot be applied is tried less and less."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.trading import report_rows, repository
from core.trading.sweeping import claim_stale
from tests.support.desk import buy, make_desk


async def test_every_open_order_is_asked_about_however_many_older_ones_there_are(pool: Pool) -> None:
    desk = await make_desk(pool)
    user = await desk.user()
    orders = {(await desk.request(buy(user, 10 + number))).id for number in range(13)}
    await pool.execute("update orders set state = 'ACCEPTED', reconcile_after = now() - interval '1 hour'")
    now, asked = desk.clock.now(), set[UUID]()
    for _ in range(2):
        async with unit_of_work(pool) as uow:
            asked.update(await repository.claim_for_reconciliation(uow, now=now, again=now + timedelta(seconds=2), limit=10))
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
