"""Databases for tests that run many examples: an event loop of its own, and a fresh clone every so many examples.

For synchronous tests (Hypothesis drives them); asynchronous ones use the fixtures.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from itertools import count
from types import TracebackType
from typing import Any, TypeVar

import asyncpg

from core.db.pool import Pool, create_pool
from sandbox.postgres import DATABASE, ROLES, EmbeddedPostgres
from tests.support.ledger import know_assets

T = TypeVar("T")
_numbers = count(1)


class Arena:
    """`pool` acts, `witness` is a second connection, as the owner, that looks. Both change with `fresh`."""

    def __init__(
        self, postgres: EmbeddedPostgres, *, examples_per_database: int = 50, pool_size: int = 4, know_assets: bool = True
    ) -> None:
        self._postgres = postgres
        self._every = examples_per_database
        self._pool_size = pool_size
        self._know_assets = know_assets
        self._examples = 0
        self._name = ""
        self._runner = asyncio.Runner()
        self.pool: Pool
        self.witness: asyncpg.Connection[asyncpg.Record]

    def __enter__(self) -> Arena:
        self.fresh()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.run(self._drop())
        self._runner.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine on the arena's loop."""
        return self._runner.run(work)

    def fresh(self) -> None:
        """To be called before each example: a new database every `examples_per_database`."""
        if self._examples % self._every == 0:
            self.run(self._clone())
        self._examples += 1

    async def _clone(self) -> None:
        await self._drop()
        self._name = f"arena_{next(_numbers)}"
        administrator = await asyncpg.connect(self._postgres.dsn("superuser", "postgres").reveal())
        await administrator.execute(f"create database {self._name} template {DATABASE} owner {ROLES['owner']} strategy file_copy")
        await administrator.close()
        dsn = self._postgres.dsn("app", self._name)
        self.pool = await create_pool(dsn, application_name="arena", min_size=self._pool_size, max_size=self._pool_size)
        self.witness = await asyncpg.connect(self._postgres.dsn("owner", self._name).reveal())
        if self._know_assets:
            await know_assets(self.pool)

    async def _drop(self) -> None:
        if not self._name:
            return
        self.pool.terminate()
        self.witness.terminate()
        administrator = await asyncpg.connect(self._postgres.dsn("superuser", "postgres").reveal())
        await administrator.execute(f"drop database {self._name} with (force)")
        await administrator.close()
        self._name = ""
