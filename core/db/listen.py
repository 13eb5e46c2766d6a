"""LISTEN: wakes a process when rows have come, on a connection of its own.

A notification is only a hint: whoever waits here also looks by itself every `fallback_s`, and a lost connection counts as a hint
and is opened again. Used by the bot (inbox, chat rows) and the relay. Must never carry data that matters.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType

import asyncpg

from core.db.pool import Connection
from core.kernel.secret import Secret


class Listener:
    """An async context manager that listens on `channels`.

    `wait` returns the payloads that came since the last call, in order, each once; an empty list when `timeout_s` passed.
    `max_payloads` bounds what is kept: beyond it the oldest are dropped, and `wait` still returns.
    """

    def __init__(self, dsn: Secret, channels: Sequence[str], *, application_name: str = "listen", max_payloads: int = 10_000) -> None:
        self._dsn = dsn
        self._channels = tuple(channels)
        self._name = application_name
        self._max = max_payloads
        self._waiting: dict[tuple[str, str], None] = {}
        self._woken = asyncio.Event()
        self._connection: Connection | None = None

    async def __aenter__(self) -> Listener:
        await self._connect()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            connection.terminate()

    async def wait(self, timeout_s: float) -> list[tuple[str, str]]:
        """(channel, payload) pairs, or nothing when the time is up: then look by yourself. A lost connection returns at once.

        Raises OSError or asyncpg.PostgresError while the database cannot be reached; call again later.
        """
        if self._connection is None or self._connection.is_closed():
            await self._connect()
            return []  # whatever was notified in between is lost: look
        try:
            async with asyncio.timeout(timeout_s):
                await self._woken.wait()
        except TimeoutError:
            return []
        self._woken.clear()
        found = list(self._waiting)
        self._waiting.clear()
        return found

    async def _connect(self) -> None:
        self._woken.clear()
        connection: Connection = await asyncpg.connect(
            self._dsn.reveal(),
            server_settings={"application_name": self._name, "tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5"},
        )
        self._connection = connection
        connection.add_termination_listener(self._lost)
        for channel in self._channels:
            await connection.add_listener(channel, self._heard)

    def _heard(self, _connection: object, _pid: int, channel: str, payload: object) -> None:
        if len(self._waiting) >= self._max:
            del self._waiting[next(iter(self._waiting))]
        self._waiting[channel, str(payload)] = None
        self._woken.set()

    def _lost(self, connection: object) -> None:
        if connection is self._connection:  # an old one's end is known already
            self._woken.set()
