"""What may go after a while: rows of inbox, outboxes and venue reports that are final and old, heartbeats of processes that are gone.

Called hourly by a task of the worker. Deletes in batches, each a transaction of its own, until nothing old is left or the time is up; the
next run goes on. Pages are read in order of id, so a run reads old rows only. Must never touch the ledger, orders, fills, decisions or
parked updates: money's history and what a person still has to look at stay. `core/db/roles` lets the application role delete from
exactly these tables.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from core.config.logging import get_logger
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work

BUTTON_DAYS = 7
BATCH = 1_000
WITHIN_S = 10.0
_log = get_logger()


@dataclass(frozen=True, slots=True)
class _Kept:
    """A table: the column that says when a row came (grows with `id`), and which of its rows are final since before `$1`."""

    table: str
    came: str
    final: str


_TABLES = (
    _Kept("inbox_updates", "received_at", "kept.state in ('done', 'dropped') and kept.finished_at < $1"),
    _Kept("outbox_tasks", "created_at", "kept.dispatched_at < $1"),
    _Kept("outbox_chat", "created_at", "kept.state in ('sent', 'superseded', 'failed') and kept.finished_at < $1"),
    _Kept(
        "order_reports",
        "received_at",
        "kept.applied_at < $1 and exists (select from orders where orders.id = kept.order_id and orders.updated_at < $1"
        " and orders.state in ('DENIED', 'REJECTED', 'FILLED', 'CANCELED', 'EXPIRED'))",
    ),
)
_PAGE = """
with page as (select id, CAME as came from KEPT where id > $2 order by id limit $3),
     gone as (delete from KEPT kept using page where kept.id = page.id and FINAL returning kept.id)
select (select count(*) from page) as seen, (select max(id) from page) as last, (select max(came) from page) >= $1 as young,
       (select count(*) from gone) as gone
"""
BUTTONS = "outbox_buttons"
_OLD_BUTTONS = """
delete from outbox_buttons where handle in
    (select handle from outbox_buttons where expires_at < now() - make_interval(days => $1) limit $2)
"""
HEARTBEATS = "process_heartbeats"
HEARTBEAT_DAYS = 1
"""Whoever said nothing for so long is gone for good: a container that was made anew, a second process that is no more."""
_OLD_HEARTBEATS = "delete from process_heartbeats where beat_at < now() - make_interval(days => $1)"
PRUNED_TABLES = (*(one.table for one in _TABLES), BUTTONS, HEARTBEATS)


async def prune(pool: Pool, *, days: int, batch: int = BATCH, within_s: float = WITHIN_S) -> dict[str, int]:
    """Deletes what is final since `days` days, buttons a week after they ran out, heartbeats of a day ago.

    Stops after `within_s` seconds at the next batch. Raises asyncpg.PostgresError or OSError; what was deleted before stays deleted.
    """
    ends_at = asyncio.get_running_loop().time() + within_s
    gone = {one.table: await _prune_table(pool, one, days, batch, ends_at) for one in _TABLES}
    gone[BUTTONS] = await _prune_buttons(pool, batch, ends_at)
    gone[HEARTBEATS] = int((await pool.execute(_OLD_HEARTBEATS, HEARTBEAT_DAYS)).rpartition(" ")[2])
    for table, count in gone.items():
        if count:
            _log.info("rows_pruned", name=table, count=count)
    return gone


async def _prune_table(pool: Pool, kept: _Kept, days: int, batch: int, ends_at: float) -> int:
    cutoff = await pool.fetchval("select now() - make_interval(days => $1)", days)
    after, gone = 0, 0
    statement = _page(kept)
    while asyncio.get_running_loop().time() < ends_at:
        async with unit_of_work(pool) as uow:
            (page,) = await uow.connection.fetch(statement, cutoff, after, batch)
        gone += page["gone"]
        if page["seen"] < batch or page["young"]:
            break
        after = page["last"]
    return gone


def _page(kept: _Kept) -> str:
    """The next `$3` rows after id `$2`: deletes what is final since before `$1`, and tells how far it got and whether rows are young."""
    return _PAGE.replace("KEPT", kept.table).replace("CAME", kept.came).replace("FINAL", kept.final)


async def _prune_buttons(pool: Pool, batch: int, ends_at: float) -> int:
    gone = 0
    while asyncio.get_running_loop().time() < ends_at:
        async with unit_of_work(pool) as uow:
            status = await uow.connection.execute(_OLD_BUTTONS, BUTTON_DAYS, batch)
        count = int(status.rpartition(" ")[2])
        gone += count
        if count < batch:
            break
    return gone
