"""GET /health: 503 until chat and paper trading work, then 200 with each part's state."""

from __future__ import annotations

import asyncio

import asyncpg
from fastapi import APIRouter
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError

from api.deps import Dependencies, Own
from api.schemas.health import judge
from core.config.breaker import states
from core.db.heartbeats import Heartbeat, all_beats
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Unavailable

router = APIRouter()
PATIENCE_S = 2


@router.get("/health")
async def health(own: Own) -> JSONResponse:
    """Asks everything side by side; whoever does not answer in two seconds is unavailable."""
    beats, valkey = await asyncio.gather(ask_database(own), ask_valkey(own))
    found = judge(postgres=beats is not None, valkey=valkey, beats=beats or [], breakers=states(own.database.breaker))
    return JSONResponse(found.body(), status_code=200 if found.ready else 503)


async def ask_database(own: Dependencies) -> list[Heartbeat] | None:
    """The heartbeats, or None while PostgreSQL does not answer."""
    try:
        async with asyncio.timeout(PATIENCE_S), unit_of_work(await own.database.get()) as uow:
            return await all_beats(uow)
    except (Unavailable, OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None


async def ask_valkey(own: Dependencies) -> bool:
    """Whether it answers."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            return bool(await own.valkey.ping())
    except (RedisError, OSError, TimeoutError):
        return False
