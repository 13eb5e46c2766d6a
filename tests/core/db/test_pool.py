"""The breaker before the database: while it is away nobody waits, and one connection at a time finds out that it is back."""

from __future__ import annotations

from urllib.parse import urlsplit

import asyncpg
import pytest

from core.config.breaker import CircuitBreaker
from core.db.pool import Pool, create_pool, database_breaker
from core.kernel.secret import Secret
from tests.support.proxy import Proxy
from tests.support.rivals import through


class Hand:
    """A clock."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_database_that_goes_away_opens_the_breaker_and_closes_it_when_it_is_back(app_dsn: Secret) -> None:
    clock = Hand()
    breaker = CircuitBreaker("database", threshold=3, pause_s=1, monotonic=clock)
    async with Proxy(urlsplit(app_dsn.reveal()).port or 5432) as door:
        pool = await create_pool(Secret(through(app_dsn.reveal(), door.port)), application_name="test", breaker=breaker)
        door.shut()
        await until_open(pool, breaker)
        with pytest.raises(ConnectionRefusedError, match="a moment ago"):
            await pool.fetchval("select 1")
        door.unshut()
        with pytest.raises(ConnectionRefusedError, match="a moment ago"):
            await pool.fetchval("select 1")
        clock.now = 2.0
        assert await pool.fetchval("select 1") == 1
        assert breaker.state == "closed"
        pool.terminate()


async def until_open(pool: Pool, breaker: CircuitBreaker) -> None:
    """Asks until the breaker is open: the first failures may be those of connections that broke."""
    while breaker.state != "open":
        with pytest.raises((OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError)):
            await pool.fetchval("select 1")


async def test_a_wrong_password_is_said_and_is_no_outage(app_dsn: Secret) -> None:
    breaker = database_breaker()
    wrong = Secret(app_dsn.reveal().replace(":", ":wrong", 2).replace(":wrong//", "://"))
    for _ in range(5):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await create_pool(wrong, application_name="test", breaker=breaker)
    assert breaker.state == "closed"
