"""`ops updates parked`: updates that failed for good, with their errors. Shows no payload: it is somebody's private message."""

from __future__ import annotations

from sqlalchemy import select

from core.db.unit_of_work import unit_of_work
from core.inbox.models import updates
from ops.desk import open_pool
from ops.output import Answer

_SHOWN = (
    updates.c.id,
    updates.c.bot_id,
    updates.c.update_id,
    updates.c.sender_id,
    updates.c.attempts,
    updates.c.error,
    updates.c.received_at,
    updates.c.correlation_id,
)


async def parked(limit: int) -> Answer:
    """The newest `limit` parked updates, newest first."""
    query = select(*_SHOWN).where(updates.c.state == "parked").order_by(updates.c.id.desc()).limit(limit)
    async with open_pool() as pool, unit_of_work(pool) as uow:
        rows = await uow.fetch(query)
    lines = [
        f"{r['update_id']}  from {r['sender_id']}  {r['received_at']:%Y-%m-%d %H:%M:%S}  tried {r['attempts']}×  {r['error']}" for r in rows
    ]
    data = [{**dict(row), "received_at": row["received_at"].isoformat()} for row in rows]
    return Answer(lines or ["nothing is parked"], data)
