"""A unit of work: one asyncpg transaction, the only place where anything commits.

Hot repositories call SQL functions on it, cool ones run SQLAlchemy Core compiled onto the same connection. While it is open an
adapter call fails (`core/kernel/transaction_guard`). Called by services' callers: handlers, tasks, streams.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect

from core.db.pool import Connection, Pool
from core.kernel.transaction_guard import inside_transaction

_DIALECT = asyncpg_dialect()  # type: ignore[no-untyped-call]
_MOST_SHAPES = 500
_compiled: dict[Any, Any] = {}
"""Compiled statements by their shape: the first of each, with its own values, which are never used again."""


class UnitOfWork:
    """The open transaction. `after_commit` callbacks run once, after a commit, never after a rollback."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.committed: list[Callable[[], None]] = []

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Registers a callback that must not raise and must not block (it may schedule a task)."""
        self.committed.append(callback)

    async def fetch(self, statement: Executable) -> list[asyncpg.Record]:
        """Runs a SQLAlchemy Core statement and returns all rows."""
        query, arguments = compile_statement(statement)
        return await self.connection.fetch(query, *arguments)

    async def fetch_one(self, statement: Executable) -> asyncpg.Record | None:
        """The first row, or None."""
        query, arguments = compile_statement(statement)
        return await self.connection.fetchrow(query, *arguments)

    async def execute(self, statement: Executable) -> int:
        """Runs a statement and returns the number of rows it touched."""
        query, arguments = compile_statement(statement)
        status = await self.connection.execute(query, *arguments)
        last = status.rpartition(" ")[2]
        return int(last) if last.isdigit() else 0


def compile_statement(statement: Executable) -> tuple[str, list[Any]]:
    """A Core statement as asyncpg wants it: text with `$1` places, and the values in order.

    Statements of the same shape are compiled once (a millisecond of CPU); one whose text depends on its values, such as `in_`, each time.
    """
    shape = statement._generate_cache_key()  # type: ignore[attr-defined]
    compiled = None if shape is None else _compiled.get(shape.key)
    if compiled is None:
        compiled = statement.compile(dialect=_DIALECT, cache_key=shape, compile_kwargs={"render_postcompile": True})  # type: ignore[attr-defined]
        if shape is None or compiled.post_compile_params or compiled.literal_execute_params:
            return str(compiled), [compiled.params[name] for name in compiled.positiontup or []]
        if len(_compiled) >= _MOST_SHAPES:
            _compiled.clear()
        _compiled[shape.key] = compiled
    values = compiled.construct_params(extracted_parameters=shape.bindparams)
    return str(compiled), [values[name] for name in compiled.positiontup or []]


class _RolledBack(Exception):
    """Leaves the transaction of a dry run."""


@asynccontextmanager
async def unit_of_work(pool: Pool, *, dry_run: bool = False) -> AsyncIterator[UnitOfWork]:
    """Opens a transaction; commits when the block ends, rolls back when it raises or with `dry_run`.

    The isolation level is READ COMMITTED: constraints and row locks in id order carry the rules. Raises ConnectionResetError, too, where
    the server ended the connection while this process stood still (asyncpg has an error of its own kind for that).
    """
    try:
        async with _transaction(pool, dry_run=dry_run) as work:
            yield work
    except _RolledBack:
        return
    except asyncpg.InternalClientError as error:
        raise ConnectionResetError("the connection ended within a unit of work") from error
    for callback in work.committed:
        callback()


@asynccontextmanager
async def _transaction(pool: Pool, *, dry_run: bool) -> AsyncIterator[UnitOfWork]:
    async with pool.acquire() as acquired:
        connection: Connection = acquired  # type: ignore[assignment]
        work = UnitOfWork(connection)
        with inside_transaction():
            async with connection.transaction():
                yield work
                if dry_run:
                    raise _RolledBack
