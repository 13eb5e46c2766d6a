"""The database goes away under a running desk and comes back: nothing ends, nothing is lost, and `/health` says what is the matter."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from core.db.pool import Pool
from sandbox.postgres import EmbeddedPostgres
from tests.conftest import Database
from tests.journeys.conftest import telegram_of
from tests.journeys.desk import Desk
from tests.journeys.trader import Trader
from tests.support.proxy import Proxy
from tests.support.rivals import through
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(240)


async def breakers(desk: Desk) -> dict[str, str]:
    health: dict[str, Any] = await desk.get("/health")
    found: dict[str, str] = health["parts"].get("breakers", {})
    return found


async def test_the_database_goes_away_and_comes_back(
    start_desk: Callable[..., Awaitable[Desk]], postgres: EmbeddedPostgres, database: Database, pool: Pool
) -> None:
    async with Proxy(postgres.port) as door:
        app, owner = through(database.app_dsn.reveal(), door.port), database.owner_dsn.reveal()
        desk = await start_desk(DATABASE_URL=app, MIGRATION_DATABASE_URL=owner)
        assert set(await breakers(desk)) >= {"database", "queue", "telegram", "paper"}
        async with await telegram_of(desk) as telegram:
            trader = Trader(telegram.user(7))
            await trader.start()
            pids = [await desk.pid(name) for name in ("api", "bot", "worker", "relay", "streams", "beat")]

            door.shut()
            await eventually(lambda: is_open(desk), 30)
            assert not await desk.is_ready()
            sent = await trader.say("/buy BTC/USDT 50")

            door.unshut()
            await eventually(desk.is_ready, 60)
            preview = await trader.read("Buy about", after=sent.message_id, button="Confirm")
            await trader.press(preview, "Confirm")
            assert re.match(r"^\W*Bought", (await trader.final(preview)).text)
            assert [await desk.pid(name) for name in ("api", "bot", "worker", "relay", "streams", "beat")] == pids, (
                "nobody had to be started again"
            )
        await eventually(lambda: all_closed(desk), 30)
        assert (await desk.ledger_check())[0] == 0
        assert await pool.fetchval("select count(*) from paper_venue_orders") == 1


async def is_open(desk: Desk) -> bool:
    return (await breakers(desk)).get("database") == "open"


async def all_closed(desk: Desk) -> bool:
    return set((await breakers(desk)).values()) == {"closed"}
