"""Brings a database to today's shape: tables (Alembic), functions (`core/*/sql`), then the roles' grants. Idempotent.

Called by `python -m migrations`, the supervisor and the tests, as the owner of the tables. Two at once wait for each other on
an advisory lock. Must never grant the application role a write on a ledger table.
"""

from __future__ import annotations

from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection as SyncConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from core.db.pool import Connection
from core.db.roles import APPLICATION_ROLE, grants
from core.db.sql_functions import function_files
from core.kernel.secret import Secret

ROOT = Path(__file__).resolve().parent.parent
_LOCK = 7_310_578_331
"""Number of the advisory lock of migrators; any constant will do."""


def owner_engine(dsn: Secret) -> AsyncEngine:
    """A SQLAlchemy engine over asyncpg, one connection at a time."""
    url = dsn.reveal()
    _, separator, rest = url.partition("://")
    if not separator:
        raise ValueError("MIGRATION_DATABASE_URL is not set, or not an address such as postgresql://…")
    return create_async_engine(f"postgresql+asyncpg://{rest}", poolclass=NullPool, hide_parameters=True)


async def migrate(owner_dsn: Secret, *, app_password: Secret | None = None) -> None:
    """Tables, functions, roles and grants.

    `app_password` becomes the application role's password; without one the role is left as it is (or made without a login).
    Raises asyncpg.PostgresError or OSError.
    """
    guard: Connection = await asyncpg.connect(owner_dsn.reveal(), statement_cache_size=0)
    try:
        await guard.execute("select pg_advisory_lock($1)", _LOCK)
        await _upgrade_tables(owner_dsn)
        async with guard.transaction():
            await guard.execute("set local lock_timeout = '5s'")
            for path in function_files():
                await guard.execute(path.read_text())
            await _ensure_role(guard, APPLICATION_ROLE, app_password)
            await guard.execute(grants())
    finally:
        await guard.close()


async def _upgrade_tables(owner_dsn: Secret) -> None:
    config = Config(ROOT / "alembic.ini")

    def upgrade(connection: SyncConnection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    engine = owner_engine(owner_dsn)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(upgrade)
            await connection.commit()
    finally:
        await engine.dispose()


async def _ensure_role(connection: Connection, role: str, password: Secret | None) -> None:
    """Roles belong to the whole cluster: two databases' migrators may race, hence the exception handler in SQL."""
    await connection.execute(
        f"""do $$ begin create role {role} nologin; exception when duplicate_object or unique_violation then null; end $$"""
    )
    if password is not None:
        statement = await connection.fetchval(
            "select format('alter role %I login password %L', $1::text, $2::text)", role, password.reveal()
        )
        await connection.execute(statement)
