"""The asyncpg pool of a process. Created by bootstrap, closed by it; nobody keeps one in a module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncpg
import orjson

if TYPE_CHECKING:
    from core.kernel.secret import Secret

    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Pool = asyncpg.Pool
    Connection = asyncpg.Connection


def _dump(value: Any) -> str:
    return orjson.dumps(value).decode()


async def prepare_connection(connection: Connection) -> None:
    """JSON columns travel as Python values."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, encoder=_dump, decoder=orjson.loads, schema="pg_catalog")


async def _keep_session(_connection: Connection) -> None:
    """Nothing to undo when a connection returns: sessions are never changed, only transactions (`set local`). Saves a round trip."""


async def create_pool(dsn: Secret, *, application_name: str, min_size: int = 1, max_size: int = 8) -> Pool:
    """A pool whose connections know JSON, UTC and a statement timeout of 10 s.

    Raises OSError or asyncpg.PostgresError where the server cannot be reached.
    """
    return await asyncpg.create_pool(
        dsn.reveal(),
        min_size=min_size,
        max_size=max_size,
        init=prepare_connection,
        reset=_keep_session,
        server_settings={
            "application_name": application_name,
            "timezone": "UTC",
            "statement_timeout": "10000",
            "idle_in_transaction_session_timeout": "15000",
        },
    )
