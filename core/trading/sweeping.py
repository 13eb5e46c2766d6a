"""What went stale between the steps of an order: requests nobody decided, reports nobody applied. Called by the relay, under its lease.

Only names the tasks to send again; every one of them may come any number of times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from core.db.unit_of_work import UnitOfWork
from core.trading import report_rows, repository

LIMIT = 200


@dataclass(frozen=True, slots=True)
class Stale:
    """A task to send again."""

    task: str
    row_id: str


async def claim_stale(uow: UnitOfWork, sweep_after: timedelta) -> list[Stale]:
    """Tasks for what is older than `sweep_after` by the database's clock.

    An undecided order is named again only after as long, a report's order at growing distances.
    """
    now = await uow.connection.fetchval("select clock_timestamp()")
    undecided = await repository.claim_undecided(uow, before=now - sweep_after, now=now, again=now + sweep_after, limit=LIMIT)
    unapplied = await report_rows.claim_waiting_reports(uow, before=now - sweep_after, now=now, limit=LIMIT)
    return [_stale("trading.place_order", one) for one in undecided] + [_stale("trading.apply_reports", one) for one in unapplied]


def _stale(task: str, order_id: UUID) -> Stale:
    return Stale(task, str(order_id))
