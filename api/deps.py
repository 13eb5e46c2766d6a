"""What the routes need, built once an application and found on its state: settings, a pool made at first use, Valkey.

The door opens before the database answers and stays open while it is away: then routes raise Unavailable (503), and Telegram
sends again. Must never hold the bot token or a key.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

import asyncpg
from fastapi import Depends, Request
from redis.asyncio import Redis

from core.config.settings import ApiSettings
from core.db.pool import Pool, create_pool, database_breaker
from core.kernel.clock import Clock, SystemClock
from core.kernel.errors import Unavailable


class LazyPool:
    """Connections to PostgreSQL, made when somebody first needs one."""

    def __init__(self, settings: ApiSettings) -> None:
        self._settings = settings
        self._pool: Pool | None = None
        self._making = asyncio.Lock()
        self.breaker = database_breaker()

    async def get(self) -> Pool:
        """The pool. Raises Unavailable while PostgreSQL cannot be reached."""
        async with self._making:
            if self._pool is None:
                try:
                    self._pool = await create_pool(
                        self._settings.database_url,
                        application_name="api",
                        max_size=self._settings.database_pool_size,
                        breaker=self.breaker,
                    )
                except (OSError, TimeoutError, asyncpg.PostgresError) as problem:
                    raise Unavailable("the database cannot be reached") from problem
            return self._pool

    async def close(self) -> None:
        """Ends the connections; whoever still uses one is cut off after a second."""
        if self._pool is not None:
            try:
                await asyncio.wait_for(self._pool.close(), 1)
            except TimeoutError:
                self._pool.terminate()
            self._pool = None


@dataclass
class Dependencies:
    """One application's own."""

    settings: ApiSettings
    database: LazyPool
    valkey: Redis
    clock: Clock = field(default_factory=SystemClock)

    @classmethod
    def build(cls, settings: ApiSettings) -> Dependencies:
        """Connects to nothing yet."""
        valkey = Redis.from_url(settings.redis_url.reveal(), socket_timeout=1, socket_connect_timeout=1)
        return cls(settings, LazyPool(settings), valkey)

    async def close(self) -> None:
        """Ends every connection."""
        await self.database.close()
        await self.valkey.aclose()


def dependencies(request: Request) -> Dependencies:
    """Finds them on the application."""
    found: Dependencies = request.app.state.dependencies
    return found


Own = Annotated[Dependencies, Depends(dependencies)]
"""The type of a route's parameter that wants them."""
