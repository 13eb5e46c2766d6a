"""The asyncpg pool of a process. Created by bootstrap, closed by it; nobody keeps one in a module.

A circuit breaker stands before every new connection: while the database is away nobody waits for it, and it is asked by one at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import asyncpg
import orjson

from core.config.breaker import BreakerOpen, CircuitBreaker
from core.kernel.errors import Unavailable

if TYPE_CHECKING:
    from core.kernel.secret import Secret

    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Pool = asyncpg.Pool
    Connection = asyncpg.Connection


CONNECT_WITHIN_S = 5.0
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 2.0


def database_breaker() -> CircuitBreaker:
    """The breaker before the database of one process; it looks again soon, for nothing works without."""
    return CircuitBreaker("database", pause_s=FIRST_PAUSE_S, longest_pause_s=LONGEST_PAUSE_S)


def _dump(value: Any) -> str:
    return orjson.dumps(value).decode()


async def prepare_connection(connection: Connection) -> None:
    """JSON columns travel as Python values."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, encoder=_dump, decoder=orjson.loads, schema="pg_catalog")


async def _keep_session(_connection: Connection) -> None:
    """Nothing to undo when a connection returns: sessions are never changed, only transactions (`set local`). Saves a round trip."""


class _Away(Unavailable):
    """The server could not be reached, or takes nobody in now; the reason is its cause."""


def _connecting(breaker: CircuitBreaker) -> Callable[..., Coroutine[Any, Any, Connection]]:
    """asyncpg's `connect`, guarded. What the server says about us (password, database) is no outage."""

    async def connect(*arguments: Any, **options: Any) -> Connection:
        try:
            async with breaker.guard():
                try:
                    return await asyncpg.connect(*arguments, **options)
                except (OSError, TimeoutError, asyncpg.PostgresConnectionError, *_NOT_NOW) as error:
                    raise _Away("the database cannot be reached") from error
        except _Away as away:
            cause = away.__cause__ or away
            raise cause from None
        except BreakerOpen as refused:
            raise ConnectionRefusedError(str(refused)) from None

    return connect


_NOT_NOW = (asyncpg.OperatorInterventionError, asyncpg.InsufficientResourcesError)


async def create_pool(
    dsn: Secret, *, application_name: str, min_size: int = 1, max_size: int = 8, breaker: CircuitBreaker | None = None
) -> Pool:
    """A pool whose connections know JSON, UTC and a statement timeout of 10 s. `breaker`: the process's own, shown in its heartbeat.

    Raises OSError or asyncpg.PostgresError where the server cannot be reached, now and from every call later.
    """
    return await asyncpg.create_pool(
        dsn.reveal(),
        min_size=min_size,
        max_size=max_size,
        init=prepare_connection,
        reset=_keep_session,
        connect=_connecting(breaker or database_breaker()),
        timeout=CONNECT_WITHIN_S,
        server_settings={
            "application_name": application_name,
            "timezone": "UTC",
            "statement_timeout": "10000",
            "idle_in_transaction_session_timeout": "15000",
        },
    )
