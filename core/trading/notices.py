"""What a venue tells by itself: recorded raw, and a task asked for that applies it. Called by the process that listens to the venue.

Telling the same twice records it once. A notice that is lost is found by reconciliation, which asks the venue. Must never apply anything:
the money moves in the worker.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.config.logging import get_logger
from core.db.unit_of_work import UnitOfWork
from core.outbox import service as outbox
from core.trading import report_rows, reports, repository
from core.trading.handoff import QUEUE
from core.venues.types import OrderReport

APPLY_REPORTS = "trading.apply_reports"
_log = get_logger()


async def take_notices(uow: UnitOfWork, venue: str, told: Sequence[OrderReport]) -> int:
    """Records what the venue told of its own accord, with a task for each order it is news of; how many were new."""
    ids = await repository.ids_by_client_order_id(uow, venue, [report.client_order_id for report in told])
    fresh = 0
    for report in told:
        order_id = ids.get(report.client_order_id)
        if order_id is None:
            _log.warning("notice_of_no_order", venue=venue)
            continue
        payload = reports.encode(report)
        if await report_rows.record_report(uow, order_id, reports.report_key(payload), payload):
            await outbox.append_task(uow, task=APPLY_REPORTS, row_id=str(order_id), queue=QUEUE)
            fresh += 1
    return fresh
