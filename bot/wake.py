"""Wakes consumer and sender when rows have come: one LISTEN connection, and a look of their own every second.

Called by `bot/app.py`. A hint that is lost costs a second, never a row.
"""

from __future__ import annotations

import asyncio

from bot.shards import DATABASE_TROUBLE, ShardKeeper
from core.config.logging import get_logger
from core.db.listen import Listener
from core.kernel.secret import Secret

log = get_logger()

FALLBACK_S = 1.0
AGAIN_S = 0.5
CHANNELS = ("inbox", "outbox_chat")


class Waker:
    """`inbox` and `chat` are set when there may be something to do."""

    def __init__(self) -> None:
        self.inbox = asyncio.Event()
        self.chat = asyncio.Event()

    def all(self) -> None:
        """Everybody looks."""
        self.inbox.set()
        self.chat.set()

    async def run(self, dsn: Secret, shards: ShardKeeper) -> None:
        """Until canceled; a database that cannot be reached is asked again."""
        while True:
            try:
                async with Listener(dsn, CHANNELS, application_name="bot-listen") as listener:
                    self.all()
                    while True:
                        self._wake(await listener.wait(FALLBACK_S), shards)
            except DATABASE_TROUBLE as error:
                log.warning("listening_interrupted", error=type(error).__name__)
                await asyncio.sleep(AGAIN_S)

    def _wake(self, heard: list[tuple[str, str]], shards: ShardKeeper) -> None:
        if not heard:
            self.all()
        for channel, payload in heard:
            if payload.isdigit() and shards.lease_of(int(payload)) is None:
                continue
            (self.inbox if channel == "inbox" else self.chat).set()
