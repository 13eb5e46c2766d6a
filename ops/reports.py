"""`ops reports`: what venues said and could not be applied, and the way past it. Every change leaves its reason in `decisions`."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime

from core.db.unit_of_work import unit_of_work
from core.trading import report_rows
from core.trading.report_rows import UnappliedReport
from core.trading.setting_aside import set_aside as do_set_aside
from ops.desk import open_pool
from ops.output import Answer


async def waiting(limit: int) -> Answer:
    """Reports that wait to be applied, oldest first. One that stays here freezes its account, again and again."""
    async with open_pool() as pool, unit_of_work(pool) as uow:
        found = await report_rows.unapplied_reports(uow, limit=limit)
    lines = [f"{r.id}  order {r.order_id}  user {r.user_id}  {r.received_at:%Y-%m-%d %H:%M:%S}  tried {r.tries}×" for r in found]
    return Answer(lines or ["nothing waits"], [_data(report) for report in found])


async def set_aside(report_id: int, note: str) -> Answer:
    """Nobody applies this report any more; then `ops users unfreeze` releases its account."""
    if not note.strip():
        return Answer([], [], 1, "say why: --note '…'")
    async with open_pool() as pool, unit_of_work(pool) as uow:
        report = await do_set_aside(uow, report_id, note=note, by=getpass.getuser(), now=datetime.now(UTC))
    if report is None:
        return Answer([], [], 1, f"no report {report_id} waits to be applied")
    return Answer([f"report {report_id} of order {report.order_id} is set aside; user {report.user_id} may be unfrozen"], [_data(report)])


def _data(report: UnappliedReport) -> dict[str, object]:
    return {
        "id": report.id,
        "order_id": str(report.order_id),
        "user_id": report.user_id,
        "received_at": report.received_at.isoformat(),
        "tries": report.tries,
        "payload": dict(report.payload),
    }
