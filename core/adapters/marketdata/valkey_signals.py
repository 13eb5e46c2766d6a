"""Which books are new, from the channel `market:books` (docs/market-data.md). Used by who evaluates on every new book.

A connection of its own, opened at the first wait and again after an error. What is published while nobody listens is lost; that is
allowed. Must never be called inside a unit of work.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from core.adapters.marketdata.valkey_books import CHANNEL
from core.kernel.errors import Unavailable
from core.kernel.transaction_guard import require_no_transaction


class ValkeySignals:
    """BookSignals over a client that belongs to whoever built it; close this with `aclose` before it."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._channel: PubSub | None = None

    async def wait(self, timeout_s: float) -> set[str]:
        """See BookSignals. What came together is told together."""
        require_no_transaction("waiting for books")
        try:
            return await self._collect(await self._subscribed(), timeout_s)
        except (RedisError, OSError, TimeoutError) as error:
            await self.aclose()
            raise Unavailable(f"the price store does not answer ({type(error).__name__})") from error

    async def _subscribed(self) -> PubSub:
        if self._channel is None:
            channel = self._client.pubsub(ignore_subscribe_messages=True)
            self._channel = channel
            await channel.subscribe(CHANNEL)
        return self._channel

    async def _collect(self, channel: PubSub, timeout_s: float) -> set[str]:
        found: set[str] = set()
        until = time.monotonic() + timeout_s
        while True:
            left = until - time.monotonic()
            message = await channel.get_message(timeout=0.0 if found else max(left, 0.0))
            if message is None:
                if found or left <= 0:
                    return found
                await asyncio.sleep(0)
                continue
            data = message["data"]
            found.update((data.decode() if isinstance(data, bytes) else str(data)).split())

    async def aclose(self) -> None:
        """Ends the subscription."""
        channel, self._channel = self._channel, None
        if channel is not None:
            with suppress(RedisError, OSError, TimeoutError):
                await channel.aclose()  # type: ignore[no-untyped-call]
