"""Who did what by hand: looked somebody up, paused, changed a role, a fee or a limit, sent a broadcast.

`record` is called in the transaction of the deed, by the bot's operator handlers and by `ops`: no row, no deed. Must never hold what a
user wrote, nor a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from core.audit.models import operator_actions
from core.db.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Action:
    """One row: `actor` is `operator:ID` (ours) or `ops:NAME`, `subject` such as `user:7`, `venue:paper` or `broadcast:3`."""

    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]
    acted_at: datetime


def operator(user_id: int) -> str:
    """The actor of what somebody does in the chat."""
    return f"operator:{user_id}"


async def record(uow: UnitOfWork, *, actor: str, action: str, subject: str, details: Mapping[str, Any] | None = None) -> None:
    """Appends a row. `details` is a flat object of short words and figures."""
    values = {"actor": actor, "action": action, "subject": subject, "details": dict(details or {})}
    await uow.execute(operator_actions.insert().values(**values))


async def actions(uow: UnitOfWork, *, subject: str = "", actor: str = "", limit: int = 50) -> list[Action]:
    """What was done, newest first; to one subject or by one actor where they are given."""
    table = operator_actions.c
    query = select(table.actor, table.action, table.subject, table.details, table.acted_at)
    if subject:
        query = query.where(table.subject == subject)
    if actor:
        query = query.where(table.actor == actor)
    return [Action(*row.values()) for row in await uow.fetch(query.order_by(table.id.desc()).limit(limit))]
