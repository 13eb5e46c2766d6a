"""Polling, where there is no webhook: getUpdates → insert, ignoring what is there → commit → only then the next offset.

Run by `bot/app.py`; one poller a token, by lease: the others wait for it. An update is never confirmed to Telegram before it is
committed here. The offset lives only as long as this polling: after a week of silence Telegram's next id is random, and an offset kept
from before could confirm what was never seen. Polling begins without one; what comes again, the inbox ignores.
Must never look into an update beyond its id and sender.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from telegram import Update
from telegram.error import Conflict, RetryAfter, TelegramError
from telegram.request import BaseRequest

from bot.shards import DATABASE_TROUBLE
from bot.telegram_errors import pause, retry_after
from bot.telegram_watch import TelegramWatch
from core.config.logging import get_logger
from core.config.metrics import LEASES_LOST, UPDATES_RECEIVED
from core.db import leases
from core.db.leases import Lease
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.inbox import service as inbox
from core.inbox.rules import raw_update
from core.inbox.types import RawUpdate
from core.kernel.errors import LeaseLost
from core.kernel.secret import Secret

log = get_logger()

LONG_POLL_S = 25
BATCH = 100
WAIT_FOR_LEASE_S = 1.0
CONFLICT_PAUSE_S = 2.0
OFFSET_LIVES_S = 6 * 86_400.0
ALLOWED = (Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER)


class Poller:
    """Polls while it holds the token's lease."""

    def __init__(
        self, pool: Pool, request: BaseRequest, endpoint: Secret, bot_id: int, holder: str, ttl: timedelta, watch: TelegramWatch
    ) -> None:
        self._pool = pool
        self._request = request
        self._endpoint = endpoint
        self._bot_id = bot_id
        self._holder = holder
        self._ttl = ttl
        self._lease: Lease | None = None
        self._failures = 0
        self._watch = watch

    async def run(self) -> None:
        """Until canceled; frees the lease then."""
        try:
            while True:
                try:
                    await self._hold_and_poll()
                except DATABASE_TROUBLE as error:
                    log.warning("polling_waits_for_database", error=type(error).__name__)
                await asyncio.sleep(WAIT_FOR_LEASE_S)
        finally:
            if self._lease is not None:
                with contextlib.suppress(*DATABASE_TROUBLE):
                    await asyncio.shield(leases.release(self._pool, self._lease))

    async def _hold_and_poll(self) -> None:
        lease = await leases.acquire(self._pool, f"poller:{self._bot_id}", self._holder, self._ttl)
        if lease is None:
            return
        self._lease = lease
        log.info("polling_begins", bot_id=self._bot_id)
        self._watch.polling(True)
        polling = asyncio.create_task(self._poll(lease))
        renewing = asyncio.create_task(self._renew(lease))
        try:
            await asyncio.wait((polling, renewing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._watch.polling(False)
            for task in (polling, renewing):
                task.cancel()
            results = await asyncio.gather(polling, renewing, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, (LeaseLost, *DATABASE_TROUBLE)):
                raise result

    async def _renew(self, lease: Lease) -> None:
        """Ends when the lease is lost."""
        held = True
        while held:
            await asyncio.sleep(self._ttl.total_seconds() / 3)
            held = await leases.renew(self._pool, lease)
        LEASES_LOST.labels("poller").inc()
        log.warning("lease_lost", lease=lease.name)

    async def _poll(self, lease: Lease) -> None:
        offset: int | None = None
        last_update = time.monotonic()
        while True:
            updates = await self._get(offset)
            if updates:
                offset = await self._store(lease, updates, offset)
                last_update = time.monotonic()
            elif time.monotonic() - last_update > OFFSET_LIVES_S:
                offset = None

    async def _get(self, offset: int | None) -> list[Any]:
        """Raw updates from Telegram; nothing after a failure, which is waited for here."""
        asked = {"timeout": LONG_POLL_S, "limit": BATCH, "allowed_updates": json.dumps(ALLOWED)}
        if offset is not None:
            asked["offset"] = offset
        try:
            answer = await self._request.post(f"{self._endpoint.reveal()}/getUpdates?{urlencode(asked)}", read_timeout=LONG_POLL_S + 5)
        except TelegramError as error:
            self._failures += 1
            wait = self._pause(error)
            log.warning("polling_failed", error=type(error).__name__, attempt=self._failures, delay_ms=int(wait * 1000))
            await asyncio.sleep(wait)
            return []
        self._failures = 0
        self._watch.polled()
        return answer if isinstance(answer, list) else []

    def _pause(self, error: TelegramError) -> float:
        if isinstance(error, RetryAfter):
            return retry_after(error).total_seconds()
        if isinstance(error, Conflict):
            return CONFLICT_PAUSE_S
        return pause(self._failures - 1).total_seconds()

    async def _store(self, lease: Lease, updates: list[Any], offset: int | None) -> int | None:
        """Stored and committed when this returns the next offset."""
        found = [raw for raw in map(_raw, updates) if raw is not None]
        following = max((raw.update_id + 1 for raw in found), default=offset)
        async with unit_of_work(self._pool) as uow:
            await leases.require(uow, lease)
            stored = await inbox.store(uow, bot_id=self._bot_id, updates=found)
        UPDATES_RECEIVED.labels("polling").inc(stored)
        return following


def _raw(payload: Any) -> RawUpdate | None:
    try:
        return raw_update(payload)
    except ValueError:
        log.error("update_without_id")
        return None
