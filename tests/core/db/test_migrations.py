"""The database is built by the migrations; running them again changes nothing; roles have exactly their rights."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from core.db.pool import Pool
from core.kernel.secret import Secret
from migrations.apply import ROOT, migrate, owner_engine
from migrations.tables import all_tables
from sandbox.postgres import ROLES, EmbeddedPostgres


async def test_migrators_side_by_side_and_again_leave_a_working_database(postgres: EmbeddedPostgres) -> None:
    administrator = await asyncpg.connect(postgres.dsn("superuser", "postgres").reveal())
    await administrator.execute(f"create database empty_one owner {ROLES['owner']}")
    dsn = postgres.dsn("owner", "empty_one")
    await asyncio.gather(*(migrate(dsn, app_password=postgres.password("app")) for _ in range(4)))
    await migrate(dsn)
    connection = await asyncpg.connect(postgres.dsn("app", "empty_one").reveal())
    assert await connection.fetchval("select count(*) from ledger_accounts") == 0
    await connection.close()
    await administrator.execute("drop database empty_one")
    await administrator.close()


async def test_every_migration_goes_back_and_forth_again(postgres: EmbeddedPostgres) -> None:
    """A rollback of the desk meets a database that has data: one step back at a time, then all of them again."""
    administrator = await asyncpg.connect(postgres.dsn("superuser", "postgres").reveal())
    await administrator.execute(f"create database back_and_forth owner {ROLES['owner']}")
    dsn = postgres.dsn("owner", "back_and_forth")
    await migrate(dsn)
    await _go_back(dsn, "0001")
    await migrate(dsn)
    connection = await asyncpg.connect(dsn.reveal())
    assert await connection.fetchval("select count(*) from portfolio_lots") == 0
    await connection.close()
    await administrator.execute("drop database back_and_forth")
    await administrator.close()


async def _go_back(dsn: Secret, revision: str) -> None:
    engine = owner_engine(dsn)

    def back(connection: Connection) -> None:
        config = Config(ROOT / "alembic.ini")
        config.attributes["connection"] = connection
        command.downgrade(config, revision)

    async with engine.connect() as connection:
        await connection.run_sync(back)
        await connection.commit()
    await engine.dispose()


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger_accounts set balance = 1",
        "insert into ledger_assets (code, scale) values ('paper:X', 2)",
        "delete from ledger_postings",
        "truncate ledger_postings cascade",
        "delete from orders",
        "update operator_actions set actor = 'nobody'",
        "delete from operator_actions",
        "truncate operator_actions",
        "update alembic_version set version_num = '0'",
        "create table mine (id int)",
    ],
)
async def test_the_application_role_cannot_write_the_ledger_or_change_tables(pool: Pool, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute(statement)


async def test_the_application_role_is_no_superuser_and_owns_nothing(pool: Pool) -> None:
    row = await pool.fetchrow("select rolsuper, rolcreaterole, rolcreatedb, rolbypassrls from pg_roles where rolname = current_user")
    assert row is not None
    assert not any(row.values())
    assert await pool.fetchval("select count(*) from pg_class where relowner = current_user::regrole") == 0


async def test_the_tables_are_what_the_models_say(owner_dsn: Secret) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), all_tables()))

    engine = owner_engine(owner_dsn)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_a_wrong_password_is_refused(app_dsn: Secret) -> None:
    wrong = app_dsn.reveal().replace("strongroom_app:", "strongroom_app:x")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(wrong)
