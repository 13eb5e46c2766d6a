"""The platform's fee in force. Read by previews and decisions; the hot path reads it inside `trading_decision_context`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from core.db.unit_of_work import UnitOfWork
from core.fees.models import schedules


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """A rate and when it began."""

    platform_fee_bps: int
    begins_at: datetime
    note: str


async def platform_fee_bps(uow: UnitOfWork) -> int:
    """Basis points of the newest schedule that has begun; 0 where there is none."""
    newest = (
        select(schedules.c.platform_fee_bps)
        .where(schedules.c.begins_at <= func.now())
        .order_by(schedules.c.begins_at.desc(), schedules.c.id.desc())
        .limit(1)
    )
    row = await uow.fetch_one(newest)
    return 0 if row is None else int(row["platform_fee_bps"])


async def set_platform_fee(uow: UnitOfWork, bps: int, note: str) -> None:
    """Begins a new schedule now. Orders decided before keep the rate they were promised. `bps` from 0 to 500."""
    await uow.execute(schedules.insert().values(platform_fee_bps=bps, note=note))


async def history(uow: UnitOfWork) -> list[FeeSchedule]:
    """Every schedule, newest first."""
    query = select(schedules.c.platform_fee_bps, schedules.c.begins_at, schedules.c.note)
    rows = await uow.fetch(query.order_by(schedules.c.begins_at.desc(), schedules.c.id.desc()))
    return [FeeSchedule(**dict(row)) for row in rows]
