"""Positions of a desk that kept no lots yet become one lot each, and sell as before."""

from __future__ import annotations

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from migrations.apply import ROOT, migrate, owner_engine
from sandbox.postgres import ROLES, EmbeddedPostgres

BEFORE = "0004"


async def test_what_was_held_before_lots_becomes_a_lot(postgres: EmbeddedPostgres) -> None:
    administrator = await asyncpg.connect(postgres.dsn("superuser", "postgres").reveal())
    await administrator.execute(f"create database without_lots owner {ROLES['owner']}")
    dsn = postgres.dsn("owner", "without_lots")
    config = Config(ROOT / "alembic.ini")

    def upgrade(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, BEFORE)

    engine = owner_engine(dsn)
    async with engine.connect() as opened:
        await opened.run_sync(upgrade)
        await opened.commit()
    await engine.dispose()
    connection = await asyncpg.connect(dsn.reveal())
    await connection.execute(
        "insert into positions (user_id, venue, instrument, quantity, cost) values (1, 'paper', 'BTC/USDT', 0.5, 700),"
        " (1, 'paper', 'ETH/USDT', 0, 0)"
    )
    await migrate(dsn)
    rows = await connection.fetch("select instrument, fill, quantity, cost, remaining, remaining_cost from portfolio_lots")
    assert [tuple(str(value) for value in row.values()) for row in rows] == [
        ("BTC/USDT", "", "0.500000000000000000000000000000", "700", "0.500000000000000000000000000000", "700")
    ]
    await connection.close()
    await administrator.execute("drop database without_lots with (force)")
    await administrator.close()
