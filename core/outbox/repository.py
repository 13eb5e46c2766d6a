"""All SQL of the outbox; the hot part is in `sql/outbox.sql`. Called by the service only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from core.db.pool import Connection
from core.kernel.shards import shard_bits, shard_of
from core.outbox.types import ChatRow, Delivery, Letter, QueuedTask

_WAITING = """
    select c.id, c.chat_id, c.priority, c.message_key, c.screen, c.data, c.language, c.correlation_id, c.attempts, c.created_at,
           m.telegram_message_id, m.sent_row_id, c.silent
    from outbox_chat c left join outbox_messages m on m.chat_id = c.chat_id and m.message_key = c.message_key
    where c.state = 'pending' and get_bit($1::bytea, c.shard) = 1 and c.priority <= $4 and c.not_before <= now()
      and (c.screen = 'toast' or c.chat_id <> all($2::bigint[])) and c.id <> all($3::bigint[])
    order by c.priority, c.id limit $5
"""
_WAITING_IN_CHAT = """
    select c.id, c.chat_id, c.priority, c.message_key, c.screen, c.data, c.language, c.correlation_id, c.attempts, c.created_at,
           m.telegram_message_id, m.sent_row_id, c.silent
    from outbox_chat c left join outbox_messages m on m.chat_id = c.chat_id and m.message_key = c.message_key
    where c.state = 'pending' and c.chat_id = $1 and c.not_before <= now() and c.id <> all($2::bigint[])
    order by c.priority, c.id limit $3
"""
_BUTTONS = """
    insert into outbox_buttons (handle, group_id, user_id, chat_id, message_key, action, argument, expires_at)
    select b.handle, $1, $2, $3, $4, b.action, b.argument, now() + $5
    from unnest($6::text[], $7::text[], $8::jsonb[]) as b(handle, action, argument)
"""
_APPEND_MANY = """
    with letters as (
        insert into outbox_chat (chat_id, shard, data, language, silent, priority, message_key, screen)
        select chat_id, shard, data, language, silent, $6, $7, $8
        from unnest($1::bigint[], $2::smallint[], $3::jsonb[], $4::text[], $5::boolean[]) as l(chat_id, shard, data, language, silent)
        returning shard
    ), woken as (
        select pg_notify('outbox_chat', shard::text) from (select distinct shard from letters) as shards
    )
    select (select count(*) from letters) + 0 * (select count(*) from woken)
"""
_POSTPONE = """
    update outbox_chat set not_before = now() + $2, attempts = attempts + 1, error = left($3, 2000) where id = $1 and state = 'pending'
"""
_REPEAT = """
    update outbox_chat c set state = 'pending', not_before = now() + $3, finished_at = null
    from outbox_messages m
    where m.chat_id = $1 and m.message_key = $2 and c.id = m.sent_row_id and c.state = 'sent'
"""
_REMEMBER = """
    insert into outbox_messages (chat_id, message_key, telegram_message_id, sent_row_id) values ($1, $2, $3, $4)
    on conflict (chat_id, message_key) do nothing
"""
_TASKS = """
    select id, task, row_id, queue from outbox_tasks
    where dispatched_at is null and created_at <= now() - $1::interval
    order by id limit $2 for update skip locked
"""


async def append_chat(
    connection: Connection,
    *,
    chat_id: int,
    message_key: str,
    screen: str,
    data: Mapping[str, Any],
    language: str,
    priority: int,
    correlation_id: str,
    silent: bool,
) -> int:
    """Inserts a chat row and wakes its shard; its id."""
    query = "select outbox_append_chat($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    shard = shard_of(chat_id)
    return int(await connection.fetchval(query, chat_id, shard, priority, message_key, screen, data, language, correlation_id, silent))


async def append_chats(connection: Connection, message_key: str, screen: str, priority: int, letters: Sequence[Letter]) -> int:
    """Inserts a row for each chat and wakes their shards; how many."""
    return int(
        await connection.fetchval(
            _APPEND_MANY,
            [one.chat_id for one in letters],
            [shard_of(one.chat_id) for one in letters],
            [one.data for one in letters],
            [one.language for one in letters],
            [one.silent for one in letters],
            priority,
            message_key,
            screen,
        )
    )


async def pending_of_priority(connection: Connection, priority: int, most: int) -> int:
    """How many chat rows of a priority wait, counted up to `most`."""
    query = "select count(*) from (select from outbox_chat where state = 'pending' and priority = $1 limit $2) as waiting"
    return int(await connection.fetchval(query, priority, most))


async def broadcast_states(connection: Connection, message_key: str) -> dict[str, int]:
    """How many rows of a broadcast are in each state."""
    query = "select state, count(*) as count from outbox_chat where priority = 9 and message_key = $1 group by state"
    return {row["state"]: row["count"] for row in await connection.fetch(query, message_key)}


async def append_task(connection: Connection, task: str, row_id: str, queue: str) -> int:
    """Inserts a task row and wakes the relay; its id."""
    return int(await connection.fetchval("select outbox_append_task($1, $2, $3)", task, row_id, queue))


async def waiting_chat_rows(
    connection: Connection,
    *,
    shards: Collection[int],
    busy_chats: Collection[int],
    known: Collection[int],
    lowest_priority: int,
    limit: int,
) -> list[ChatRow]:
    """Rows that may go out now, most urgent first."""
    rows = await connection.fetch(_WAITING, shard_bits(tuple(shards)), list(busy_chats), list(known), lowest_priority, limit)
    return [ChatRow(*row.values()) for row in rows]


async def waiting_in_chat(connection: Connection, chat_id: int, known: Collection[int], limit: int) -> list[ChatRow]:
    """Rows of one chat that may go out now, most urgent first."""
    return [ChatRow(*row.values()) for row in await connection.fetch(_WAITING_IN_CHAT, chat_id, list(known), limit)]


async def deliver(connection: Connection, deliveries: Sequence[Delivery]) -> int:
    """Records deliveries; how many older rows they superseded."""
    return int(
        await connection.fetchval(
            "select outbox_deliver($1, $2, $3, $4)",
            [one.row_id for one in deliveries],
            [one.state for one in deliveries],
            [one.telegram_message_id for one in deliveries],
            [one.error[:2000].replace("\x00", "") for one in deliveries],
        )
    )


async def postpone(connection: Connection, row_id: int, delay: timedelta, error: str) -> None:
    """Not before `delay` from now."""
    await connection.execute(_POSTPONE, row_id, delay, error)


async def repeat(connection: Connection, chat_id: int, message_key: str, delay: timedelta) -> None:
    """The newest state that a message shows waits again."""
    await connection.execute(_REPEAT, chat_id, message_key, delay)


async def remember(connection: Connection, chat_id: int, message_key: str, telegram_message_id: int, row_id: int) -> None:
    """Which message it is, unless that is on record."""
    await connection.execute(_REMEMBER, chat_id, message_key, telegram_message_id, row_id)


async def insert_buttons(
    connection: Connection,
    *,
    group_id: UUID,
    user_id: int,
    chat_id: int,
    message_key: str,
    ttl: timedelta,
    buttons: Sequence[tuple[str, str, Mapping[str, Any]]],
) -> None:
    """Inserts one group: `buttons` are handle, action, argument."""
    handles, actions, arguments = (list(column) for column in zip(*buttons, strict=True))
    await connection.execute(_BUTTONS, group_id, user_id, chat_id, message_key, ttl, handles, actions, arguments)


async def press(
    connection: Connection, *, handle: str, user_id: int, chat_id: int, telegram_message_id: int, tap_id: str
) -> tuple[str, str, Mapping[str, Any], str]:
    """Verdict ('' when used now), action, argument, message key."""
    row = await connection.fetchrow(
        "select * from outbox_press_button($1, $2, $3, $4, $5)", handle, user_id, chat_id, telegram_message_id, tap_id
    )
    assert row is not None  # noqa: S101 - the function always returns a row
    return row["verdict"], row["action"], row["argument"], row["message_key"]


async def find_button(connection: Connection, handle: str, user_id: int, chat_id: int) -> tuple[str, Mapping[str, Any], str] | None:
    """Action, argument, message key of a usable button, without using it."""
    row = await connection.fetchrow(
        """select action, argument, message_key from outbox_buttons
        where handle = $1 and user_id = $2 and chat_id = $3 and used_at is null and expires_at > now()""",
        handle,
        user_id,
        chat_id,
    )
    return None if row is None else (row["action"], row["argument"], row["message_key"])


async def claim_tasks(connection: Connection, older_than: timedelta, limit: int) -> list[QueuedTask]:
    """Waiting task rows, locked until the transaction ends, those that others hold skipped."""
    return [QueuedTask(*row.values()) for row in await connection.fetch(_TASKS, older_than, limit)]


async def mark_task_dispatched(connection: Connection, ids: Sequence[int]) -> None:
    """They are on their queue."""
    await connection.execute(
        "update outbox_tasks set dispatched_at = now(), attempts = attempts + 1 where id = any($1::bigint[]) and dispatched_at is null",
        list(ids),
    )
