"""The way past a report that cannot be applied: seen, set aside with a reason, and the account can be released for good."""

from __future__ import annotations

import json
from pathlib import Path

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.decisions import service as decisions
from core.trading import report_rows
from core.trading.types import OrderState
from tests.ops.test_ops import desk, ops
from tests.support.desk import Desk, buy, make_desk

__all__ = ["desk"]


async def broken_report(pool: Pool) -> tuple[Desk, str, int]:
    """A filled order's account, frozen because of a report that nobody can read; the Telegram id and the report's id."""
    trading = await make_desk(pool)
    order = await trading.trade(buy(await trading.user(), 10))
    assert order.state is OrderState.FILLED
    async with unit_of_work(pool) as uow:
        await report_rows.record_report(uow, order.id, "broken", {"no": "report"})
    await pool.execute("update order_reports set received_at = now() - interval '1 minute' where applied_at is null")
    await trading.trading.reconcile()
    row = await pool.fetchrow("select u.telegram_user_id, r.id from order_reports r, users u where r.applied_at is null")
    assert row is not None
    return trading, str(row["telegram_user_id"]), row["id"]


async def standing(pool: Pool) -> str:
    return str(await pool.fetchval("select standing from users"))


async def test_a_frozen_account_is_released_for_good_once_its_report_is_set_aside(pool: Pool, desk: Path) -> None:
    trading, telegram_id, report_id = await broken_report(pool)
    assert await standing(pool) == "frozen"
    code, out, _ = await ops(desk, "reports", "waiting", "--json", DATA_DIR=str(desk))
    assert (code, [one["id"] for one in json.loads(out)]) == (0, [report_id])

    code, out, _ = await ops(desk, "reports", "set-aside", str(report_id), "--note", "the venue says sorry", DATA_DIR=str(desk))
    assert (code, f"report {report_id}" in out) == (0, True)
    assert (await ops(desk, "users", "unfreeze", telegram_id, "--note", "see the order", DATA_DIR=str(desk)))[0] == 0

    await pool.execute("update orders set reconcile_after = now()")
    await pool.execute("update order_reports set next_try_at = null")
    await trading.trading.reconcile()
    assert await standing(pool) == "active"
    async with unit_of_work(pool) as uow:
        [report] = await uow.connection.fetch("select order_id, payload from order_reports where id = $1", report_id)
        [reason] = [one for one in await decisions.reasons(uow, "order", str(report["order_id"])) if one.check == "report_set_aside"]
    assert report["payload"] == reason.inputs["payload"] == {"no": "report"}, "what was said stays"
    assert (reason.inputs["note"], reason.inputs["report_id"], bool(reason.inputs["by"])) == ("the venue says sorry", report_id, True)


async def test_what_does_not_wait_is_not_set_aside_and_nothing_goes_without_a_reason(pool: Pool, desk: Path) -> None:
    _, _, report_id = await broken_report(pool)
    code, _, err = await ops(desk, "reports", "set-aside", str(report_id), "--note", " ", DATA_DIR=str(desk))
    assert (code, "say why" in err) == (1, True)
    code, _, err = await ops(desk, "reports", "set-aside", "999999", "--note", "x", DATA_DIR=str(desk))
    assert (code, "no report 999999 waits" in err) == (1, True)
    assert (await ops(desk, "reports", "set-aside", str(report_id), "--note", "x", DATA_DIR=str(desk)))[0] == 0
    code, out, _ = await ops(desk, "reports", "waiting", DATA_DIR=str(desk))
    assert (code, out.strip()) == (0, "nothing waits")
