"""All SQL of the inbox; the hot part is in `sql/inbox.sql`. Called by the service only."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from core.db.pool import Connection
from core.inbox.types import BotIdentity, InboxRow, ParkedUpdate, RawUpdate
from core.kernel.shards import shard_bits, shard_of

_COLUMNS = "id, bot_id, update_id, sender_id, shard, attempts, correlation_id, payload, urgent, clock_timestamp() - received_at"
_PENDING = f"""
    select {_COLUMNS}
    from inbox_updates
    where state = 'pending' and get_bit($1::bytea, shard) = 1 and id <> all($2::bigint[])
      and sender_id <> all($4::bigint[])
    order by id limit $3
"""  # noqa: S608 - constants only
_URGENT = f"""
    select {_COLUMNS}
    from inbox_updates
    where state = 'pending' and get_bit($1::bytea, shard) = 1 and id <> all($2::bigint[]) and sender_id <> all($4::bigint[])
      and sender_id in (
          select sender_id from inbox_updates
          where state = 'pending' and urgent and get_bit($1::bytea, shard) = 1 and id <> all($2::bigint[])
            and sender_id <> all($4::bigint[])
          order by id limit $3
      )
    order by id limit $3
"""  # noqa: S608
_PARKED = """
    select id, update_id, sender_id,
           coalesce((select key from jsonb_object_keys(payload) as keys(key) where key <> 'update_id' limit 1), '') as kind,
           attempts, error, received_at, correlation_id
    from inbox_updates where state = 'parked' order by id desc limit $1
"""
_PARK = """
    update inbox_updates set state = 'parked', error = left($2, 2000), attempts = attempts + 1, finished_at = now()
    where id = $1 and state = 'pending'
"""
_ENROLL = """
    insert into inbox_bots (bot_id, username) values ($1, $2)
    on conflict (bot_id) do update set username = excluded.username, seen_at = now()
"""


async def insert(connection: Connection, bot_id: int, updates: Sequence[RawUpdate]) -> int:
    """Inserts updates in their order, ignoring what is there; how many were new."""
    return int(
        await connection.fetchval(
            "select inbox_store($1, $2, $3, $4, $5, $6)",
            bot_id,
            [update.update_id for update in updates],
            [update.sender_id for update in updates],
            [shard_of(update.sender_id) for update in updates],
            [update.payload for update in updates],
            [update.urgent for update in updates],
        )
    )


async def pending(
    connection: Connection, shards: Collection[int], known: Collection[int], busy_senders: Collection[int], limit: int
) -> list[InboxRow]:
    """The oldest pending rows of some shards, without some ids and senders."""
    rows = await connection.fetch(_PENDING, shard_bits(tuple(shards)), list(known), limit, list(busy_senders))
    return [InboxRow(*row.values()) for row in rows]


async def urgent(
    connection: Connection, shards: Collection[int], known: Collection[int], busy_senders: Collection[int], limit: int
) -> list[InboxRow]:
    """The oldest pending rows of senders for whom something urgent waits; all of theirs, so that their order stays."""
    rows = await connection.fetch(_URGENT, shard_bits(tuple(shards)), list(known), limit, list(busy_senders))
    return [InboxRow(*row.values()) for row in rows]


async def parked(connection: Connection, limit: int) -> list[ParkedUpdate]:
    """Parked rows, newest first, without their payloads."""
    return [ParkedUpdate(*row.values()) for row in await connection.fetch(_PARKED, limit)]


async def release(connection: Connection, row_id: int) -> bool:
    """A parked row waits again, from the first attempt on; False when it is not parked."""
    query = """
        with released as (
            update inbox_updates set state = 'pending', attempts = 0, finished_at = null where id = $1 and state = 'parked' returning shard
        ) select pg_notify('inbox', shard::text) from released
    """
    return bool(await connection.fetch(query, row_id))


async def drop(connection: Connection, row_id: int) -> bool:
    """A parked row is set aside for good; False when it is not parked."""
    status = await connection.execute(
        "update inbox_updates set state = 'dropped', finished_at = now() where id = $1 and state = 'parked'", row_id
    )
    return status.endswith(" 1")


async def finish(connection: Connection, row_id: int) -> bool:
    """Marks as done; False when it no longer was pending."""
    return bool(await connection.fetchval("select inbox_finish($1)", row_id))


async def park(connection: Connection, row_id: int, error: str) -> None:
    """Sets aside with its error."""
    await connection.execute(_PARK, row_id, error.replace("\x00", ""))


async def count_attempt(connection: Connection, row_id: int, error: str) -> int:
    """One more failed attempt; how many now."""
    query = "update inbox_updates set attempts = attempts + 1, error = left($2, 2000) where id = $1 returning attempts"
    return int(await connection.fetchval(query, row_id, error.replace("\x00", "")) or 0)


async def enroll(connection: Connection, bot_id: int, username: str) -> None:
    """Remembers a bot."""
    await connection.execute(_ENROLL, bot_id, username)


async def current_bot(connection: Connection) -> BotIdentity | None:
    """The bot seen last."""
    row = await connection.fetchrow("select bot_id, username from inbox_bots order by seen_at desc limit 1")
    return None if row is None else BotIdentity(row["bot_id"], row["username"])
