"""All SQL of the inbox; the hot part is in `sql/inbox.sql`. Called by the service only."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from core.db.pool import Connection
from core.inbox.types import BotIdentity, InboxRow, RawUpdate
from core.kernel.shards import shard_bits, shard_of

_PENDING = """
    select id, bot_id, update_id, sender_id, shard, attempts, correlation_id, payload
    from inbox_updates
    where state = 'pending' and get_bit($1::bytea, shard) = 1 and id <> all($2::bigint[])
      and sender_id <> all($4::bigint[])
    order by id limit $3
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
            "select inbox_store($1, $2, $3, $4, $5)",
            bot_id,
            [update.update_id for update in updates],
            [update.sender_id for update in updates],
            [shard_of(update.sender_id) for update in updates],
            [update.payload for update in updates],
        )
    )


async def pending(
    connection: Connection, shards: Collection[int], known: Collection[int], busy_senders: Collection[int], limit: int
) -> list[InboxRow]:
    """The oldest pending rows of some shards, without some ids and senders."""
    rows = await connection.fetch(_PENDING, shard_bits(tuple(shards)), list(known), limit, list(busy_senders))
    return [InboxRow(*row.values()) for row in rows]


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
