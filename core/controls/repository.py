"""All SQL of the kill switch. Called by the service only."""

from __future__ import annotations

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_into

from core.controls.models import pauses
from core.controls.types import Pause
from core.db.unit_of_work import UnitOfWork

_OPEN = pauses.c.resumed_at.is_(None)


async def insert(uow: UnitOfWork, scope: str, reason: str, user_id: int) -> bool:
    """Opens a pause; False where one is open in this scope."""
    statement = (
        insert_into(pauses)
        .values(scope=scope, reason=reason, paused_by=user_id)
        .on_conflict_do_nothing(index_elements=["scope"], index_where=text("resumed_at is null"))
    )
    return await uow.execute(statement) == 1


async def close(uow: UnitOfWork, scope: str, user_id: int) -> bool:
    """Closes the open pause of a scope; False where there is none."""
    statement = update(pauses).where(pauses.c.scope == scope, _OPEN).values(resumed_by=user_id, resumed_at=func.now())
    return await uow.execute(statement) == 1


async def open_ones(uow: UnitOfWork) -> list[Pause]:
    """Open pauses by age."""
    columns = (pauses.c.id, pauses.c.scope, pauses.c.reason, pauses.c.paused_by, pauses.c.paused_at)
    return [Pause(*row.values()) for row in await uow.fetch(select(*columns).where(_OPEN).order_by(pauses.c.id))]
