"""A report that cannot be applied is set aside by an operator, with a reason: then its account can be released.

Called by `ops`. The report stays in its row, raw; what the operator said and what was in it is a row of `decisions`. Must never change
an order, a balance or a hold: what the venue really did is reconciliation's to find out, or a reversal's to put right.
"""

from __future__ import annotations

from datetime import datetime

from core.db.unit_of_work import UnitOfWork
from core.decisions import service as decisions
from core.trading import report_rows, repository
from core.trading.report_rows import UnappliedReport

CHECK = "report_set_aside"


async def set_aside(uow: UnitOfWork, report_id: int, *, note: str, by: str, now: datetime) -> UnappliedReport | None:
    """Nobody applies the report any more. None where there is none that waits. ValueError without a reason."""
    if not note.strip():
        raise ValueError("a report is set aside for a reason")
    for found in await report_rows.unapplied_reports(uow, report_id=report_id):
        await repository.lock_order(uow, found.order_id)  # whoever applies it now is done before us
        for report in await report_rows.unapplied_reports(uow, report_id=report_id):
            await report_rows.mark_applied(uow, [report_id], now)
            inputs = {"report_id": report_id, "note": note.strip(), "by": by, "payload": dict(report.payload)}
            verdict = {"check": CHECK, "verdict": "passed", "reason": "", "inputs": inputs}
            await decisions.record(uow, "order", str(report.order_id), [verdict])
            return report
    return None
