"""All SQL of notifications. Called by the service only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert as insert_into

from core.db.unit_of_work import UnitOfWork
from core.notifications.models import held, preferences, settings
from core.notifications.types import Event, Mode, Notification, NotificationSettings, QuietHours

_SETTINGS = """
    select u.id, u.private_chat_id, u.language, coalesce(s.timezone, 'UTC') as timezone, s.quiet_from, s.quiet_until,
           coalesce(s.digest, true) as digest, p.modes
    from users u
    left join notification_settings s on s.user_id = u.id
    left join lateral (select jsonb_object_agg(event, mode) as modes from notification_preferences where user_id = u.id) p on true
    where u.id = $1
"""
_DUE = """
    select h.user_id, u.private_chat_id, u.language, array_agg(h.id order by h.id) as ids,
           jsonb_agg(jsonb_build_object('screen', h.screen, 'data', h.data) order by h.id) as items
    from notification_held h join users u on u.id = h.user_id
    where h.id in (
        select id from notification_held where told_at is null and due_at <= $1 order by due_at, id limit $2 for update skip locked
    )
    group by h.user_id, u.private_chat_id, u.language
"""


async def addressee(uow: UnitOfWork, user_id: int) -> asyncpg.Record | None:
    """Chat, language and settings of a user in one look; None where there is none."""
    return await uow.connection.fetchrow(_SETTINGS, user_id)


def settings_of(row: asyncpg.Record) -> NotificationSettings:
    """What `addressee` read. A mode of an event that is no more is left out."""
    quiet = None if row["quiet_from"] is None else QuietHours(row["quiet_from"], row["quiet_until"])
    known = {event.value: event for event in Event}
    modes = {known[name]: Mode(mode) for name, mode in (row["modes"] or {}).items() if name in known}
    return NotificationSettings(row["timezone"], quiet, row["digest"], modes)


async def set_mode(uow: UnitOfWork, user_id: int, event: Event, mode: Mode) -> None:
    """Upserts one event's mode."""
    statement = insert_into(preferences).values(user_id=user_id, event=event.value, mode=mode.value)
    await uow.execute(statement.on_conflict_do_update(index_elements=["user_id", "event"], set_={"mode": statement.excluded.mode}))


async def save(uow: UnitOfWork, user_id: int, **changes: object) -> None:
    """Upserts columns of a user's settings."""
    statement = insert_into(settings).values(user_id=user_id, **changes)
    await uow.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=changes))


async def hold(uow: UnitOfWork, notification: Notification, due_at: datetime) -> bool:
    """Keeps a notification for the digest; False where it was kept before."""
    statement = insert_into(held).values(
        user_id=notification.user_id,
        key=notification.key,
        event=notification.event.value,
        screen=notification.screen,
        data=dict(notification.data),
        due_at=due_at,
    )
    return await uow.execute(statement.on_conflict_do_nothing()) == 1


async def due(uow: UnitOfWork, now: datetime, limit: int) -> list[asyncpg.Record]:
    """Held notifications whose time has come, locked, one row a user."""
    return await uow.connection.fetch(_DUE, now, limit)


async def told(uow: UnitOfWork, ids: Sequence[int]) -> None:
    """Marks held notifications as told."""
    await uow.execute(update(held).where(held.c.id.in_(ids)).values(told_at=func.now()))
