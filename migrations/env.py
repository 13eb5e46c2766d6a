"""Alembic's entry: hands it the tables of all features and a connection as their owner.

Run by the `alembic` command (MIGRATION_DATABASE_URL) and by `migrations/apply.py` (which brings its own connection).
"""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection

from core.config.settings import MigrationSettings
from migrations.apply import owner_engine
from migrations.tables import all_tables


def is_modelled(name: str | None, kind: str, _parents: object) -> bool:
    """Whether a table is one of the models': the months' partitions of `candles` come and go without migrations."""
    return not (kind == "table" and name is not None and name.startswith("candles_"))


def run_offline() -> None:
    """Prints the SQL instead of running it (`alembic upgrade head --sql`)."""
    context.configure(url="postgresql+asyncpg://", target_metadata=all_tables(), literal_binds=True, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


def run_on(connection: Connection) -> None:
    """Each migration in a transaction of its own."""
    context.configure(
        connection=connection,
        target_metadata=all_tables(),
        transaction_per_migration=True,
        compare_server_default=True,
        include_name=is_modelled,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_online() -> None:
    """As the `alembic` command: the owner's address comes from the settings."""
    engine = owner_engine(MigrationSettings().migration_database_url)
    async with engine.connect() as connection:
        await connection.run_sync(run_on)
    await engine.dispose()


if context.is_offline_mode():
    run_offline()
elif (brought := context.config.attributes.get("connection")) is not None:
    run_on(brought)
else:
    asyncio.run(run_online())
