"""Setting a report aside, and a round of reconciliation in which accounts cannot even be stopped."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.db.pool import Pool
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.trading import reconciliation, report_rows, repository
from core.trading.setting_aside import set_aside
from tests.support.desk import buy, make_desk

NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def test_a_report_is_set_aside_once_and_for_a_reason(pool: Pool) -> None:
    desk = await make_desk(pool)
    order = await desk.trade(buy(await desk.user(), 10))
    async with unit_of_work(pool) as uow:
        await report_rows.record_report(uow, order.id, "broken", {"no": "report"})
        [report] = await report_rows.unapplied_reports(uow)
        with pytest.raises(ValueError, match="for a reason"):
            await set_aside(uow, report.id, note=" ", by="somebody", now=NOW)
        assert await set_aside(uow, report.id, note="why", by="somebody", now=NOW) == report
        assert await set_aside(uow, report.id, note="why", by="somebody", now=NOW) is None


async def test_a_report_that_was_applied_in_the_last_moment_is_not_set_aside(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = await make_desk(pool)
    order = await desk.trade(buy(await desk.user(), 10))
    async with unit_of_work(pool) as uow:
        await report_rows.record_report(uow, order.id, "broken", {"no": "report"})
        [report] = await report_rows.unapplied_reports(uow)

        async def applied_before_us(uow: UnitOfWork, _order_id: object) -> None:
            await report_rows.mark_applied(uow, [report.id], NOW)

        monkeypatch.setattr(repository, "lock_order", applied_before_us)
        assert await set_aside(uow, report.id, note="why", by="somebody", now=NOW) is None


async def test_no_trouble_is_lost_when_several_accounts_cannot_be_stopped(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = await make_desk(pool)
    orders = [await desk.trade(buy(await desk.user(), 10)) for _ in range(3)]
    async with unit_of_work(pool) as uow:
        for order in orders:
            await report_rows.record_report(uow, order.id, "broken", {"no": "report"})
    await pool.execute("update order_reports set received_at = now() - interval '1 minute' where applied_at is null")
    stopped = []

    async def cannot_stop(_context: object, order_id: object) -> None:
        stopped.append(order_id)
        raise RuntimeError(str(order_id))

    monkeypatch.setattr(reconciliation, "_stop_account", cannot_stop)
    with pytest.raises(ExceptionGroup) as raised:
        await desk.trading.reconcile()
    assert sorted(map(str, raised.value.exceptions)) == sorted(str(order.id) for order in orders) == sorted(map(str, stopped))
