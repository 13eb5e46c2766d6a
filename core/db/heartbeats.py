"""Heartbeats of the processes: each says every few seconds that it lives and how it is. `/health` and `ops health` read them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select

from core.db.models import heartbeats
from core.db.pool import Pool
from core.db.unit_of_work import UnitOfWork

State = Literal["starting", "ok", "degraded"]

_BEAT = """
insert into process_heartbeats as known (process, pid, started_at, beat_at, state, details)
values ($1, $2, clock_timestamp(), clock_timestamp(), $3, $4)
on conflict (process) do update
   set pid = excluded.pid, beat_at = excluded.beat_at, state = excluded.state, details = excluded.details,
       started_at = case when known.pid = excluded.pid then known.started_at else excluded.started_at end"""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last word of a process; `age_s` by the database's clock."""

    process: str
    pid: int
    started_at: datetime
    beat_at: datetime
    age_s: float
    state: str
    details: Mapping[str, Any]


async def beat(pool: Pool, process: str, state: State = "ok", details: Mapping[str, Any] | None = None) -> None:
    """Says that `process` (kind and number, such as `bot-0`) lives. `details` is small and holds no secret."""
    await pool.execute(_BEAT, process, os.getpid(), state, dict(details or {}))


async def all_beats(uow: UnitOfWork) -> list[Heartbeat]:
    """Everybody's last word, by name."""
    now = await uow.connection.fetchval("select clock_timestamp()")
    rows = await uow.fetch(select(heartbeats).order_by(heartbeats.c.process))
    return [
        Heartbeat(
            process=row["process"],
            pid=row["pid"],
            started_at=row["started_at"],
            beat_at=row["beat_at"],
            age_s=(now - row["beat_at"]).total_seconds(),
            state=row["state"],
            details=row["details"],
        )
        for row in rows
    ]
