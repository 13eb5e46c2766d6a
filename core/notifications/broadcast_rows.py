"""All SQL of broadcasts. Called by `broadcasts.py` only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from core.db.unit_of_work import UnitOfWork
from core.notifications.broadcast_types import Broadcast, Segment, State

_COLUMNS = (
    """id, state, segment, texts, created_by, cursor, last_user_id, total, queued, held, dropped, created_at, started_at, finished_at"""
)
_INSERT = f"insert into broadcasts (segment, texts, created_by) values ($1, $2, $3) returning {_COLUMNS}"  # noqa: S608 - constants only
_LOCK = f"select {_COLUMNS} from broadcasts where id = $1 for update"  # noqa: S608
_READ = f"select {_COLUMNS} from broadcasts where id = $1"  # noqa: S608
_RECENT = f"select {_COLUMNS} from broadcasts order by id desc limit $1"  # noqa: S608
_RUNNING = f"select {_COLUMNS} from broadcasts where state = 'running' order by id limit 1 for update skip locked"  # noqa: S608
_MEANT = """
    u.id > $1 and u.id <= $2 and ($3 = '' or u.language = $3 or starts_with(u.language, $3 || '-')) and ($4 = '' or u.tier = $4)
    and ($5 = '' or u.mode = $5) and ($7 = 0 or u.id = $7)
    and ($6 = 0 or exists (select from orders o where o.user_id = u.id and o.created_at > now() - make_interval(days => $6)))
"""
_COUNT = f"select count(*) from users u where {_MEANT}"  # noqa: S608
_PEOPLE = f"""
    select u.id, u.private_chat_id, u.language, coalesce(s.timezone, 'UTC') as timezone, s.quiet_from, s.quiet_until,
           coalesce(s.digest, true) as digest, p.modes
    from users u
    left join notification_settings s on s.user_id = u.id
    left join lateral (select jsonb_object_agg(event, mode) as modes from notification_preferences where user_id = u.id) p on true
    where {_MEANT} order by u.id limit $8
"""  # noqa: S608
_STATE = f"""
    update broadcasts set state = $2, started_at = coalesce(started_at, case when $2 = 'running' then now() end),
        finished_at = case when $2 in ('done', 'canceled') then now() end
    where id = $1 returning {_COLUMNS}
"""  # noqa: S608
_MOVE = """
    update broadcasts set cursor = $2, queued = queued + $3, held = held + $4, dropped = dropped + $5 where id = $1
"""
_HOLD = """
    insert into notification_held (user_id, key, event, screen, data, due_at)
    select user_id, $2, 'broadcast', $3, data, due_at from unnest($1::bigint[], $4::jsonb[], $5::timestamptz[]) as h(user_id, data, due_at)
    on conflict do nothing
"""


def _broadcast(row: asyncpg.Record) -> Broadcast:
    return Broadcast(**{**dict(row), "state": State(row["state"]), "segment": Segment(**row["segment"])})


def _arguments(segment: Segment, after: int, until: int) -> tuple[object, ...]:
    return after, until, segment.language, segment.tier, segment.mode, segment.active_days, segment.user_id


async def insert(uow: UnitOfWork, segment: Segment, texts: Mapping[str, str], actor: str) -> Broadcast:
    """A new draft."""
    row = await uow.connection.fetchrow(_INSERT, segment.encode(), dict(texts), actor)
    assert row is not None  # noqa: S101 - an insert without a conflict clause returns its row
    return _broadcast(row)


async def read(uow: UnitOfWork, broadcast_id: int, *, lock: bool = False) -> Broadcast | None:
    """The broadcast, or None; with `lock` nobody else moves it until the unit of work ends."""
    row = await uow.connection.fetchrow(_LOCK if lock else _READ, broadcast_id)
    return None if row is None else _broadcast(row)


async def recent(uow: UnitOfWork, limit: int) -> list[Broadcast]:
    """The newest ones, newest first."""
    return [_broadcast(row) for row in await uow.connection.fetch(_RECENT, limit)]


async def take_running(uow: UnitOfWork) -> Broadcast | None:
    """The oldest running broadcast that nobody holds, locked."""
    row = await uow.connection.fetchrow(_RUNNING)
    return None if row is None else _broadcast(row)


async def set_texts(uow: UnitOfWork, broadcast_id: int, texts: Mapping[str, str]) -> None:
    """Other words."""
    await uow.connection.execute("update broadcasts set texts = $2 where id = $1", broadcast_id, dict(texts))


async def set_state(uow: UnitOfWork, broadcast_id: int, state: State) -> Broadcast:
    """Its row in another state."""
    row = await uow.connection.fetchrow(_STATE, broadcast_id, state.value)
    assert row is not None  # noqa: S101 - the caller holds the row
    return _broadcast(row)


async def fix_audience(uow: UnitOfWork, broadcast_id: int, segment: Segment) -> None:
    """Decides at the start who is meant: everybody who has an account by now."""
    last = int(await uow.connection.fetchval("select coalesce(max(id), 0) from users"))
    total = await count(uow, segment, last)
    await uow.connection.execute("update broadcasts set last_user_id = $2, total = $3 where id = $1", broadcast_id, last, total)


async def count(uow: UnitOfWork, segment: Segment, until: int = 2**62) -> int:
    """How many accounts are meant."""
    return int(await uow.connection.fetchval(_COUNT, *_arguments(segment, 0, until)))


async def people(uow: UnitOfWork, broadcast: Broadcast, limit: int) -> list[asyncpg.Record]:
    """The next ones after the cursor, with chat, language and what they want to hear."""
    return await uow.connection.fetch(_PEOPLE, *_arguments(broadcast.segment, broadcast.cursor, broadcast.last_user_id), limit)


async def hold(uow: UnitOfWork, key: str, screen: str, rows: Sequence[tuple[int, Mapping[str, Any], datetime]]) -> None:
    """Keeps it for the digests of some users: `rows` are user, data, due."""
    users, data, due = (list(column) for column in zip(*rows, strict=True))
    await uow.connection.execute(_HOLD, users, key, screen, data, due)


async def move(uow: UnitOfWork, broadcast_id: int, cursor: int, *, queued: int, held: int, dropped: int) -> None:
    """Everybody up to `cursor` is dealt with."""
    await uow.connection.execute(_MOVE, broadcast_id, cursor, queued, held, dropped)
