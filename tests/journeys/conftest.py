"""A desk of its own for a test, ended afterwards whatever happened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from core.db.pool import Pool, create_pool
from core.kernel.secret import Secret
from sandbox.telegram.client import TelegramSandbox
from tests.journeys.desk import Desk
from tests.support.books import write_recording


@pytest.fixture
def odd_market(tmp_path: Path) -> Path:
    """Recordings with an odd book: asks 100 × 1, 200 × 1, 500 × 10; bids 90 × 1, 50 × 2, 10 × 10."""
    folder = tmp_path / "market"
    folder.mkdir()
    write_recording(folder)
    return folder


@pytest.fixture
async def start_desk(tmp_path: Path, odd_market: Path) -> AsyncIterator[Callable[..., Awaitable[Desk]]]:
    """Starts a desk on the odd market; settings by name. Everything started is ended."""
    started: list[Desk] = []

    async def start(**settings: str) -> Desk:
        desk = Desk(tmp_path / f"desk{len(started)}", {"MARKET_DATA_DIR": str(odd_market), **settings})
        started.append(desk)
        await desk.start()
        return desk

    yield start
    for desk in started:
        await desk.stop()


async def telegram_of(desk: Desk) -> TelegramSandbox:
    """The Telegram sandbox of a desk; close it."""
    listing = await desk.get("/sandbox")
    return TelegramSandbox(str(listing["bot_api_url"]))


async def pool_of(desk: Desk) -> Pool:
    """Connections to a desk's database, as the application role; terminate them."""
    return await create_pool(Secret(desk.addresses()["database_url"]), application_name="journey", max_size=2)


async def rows(pool: Pool, query: str, *arguments: object) -> list[asyncpg.Record]:
    """Reads."""
    return await pool.fetch(query, *arguments)
