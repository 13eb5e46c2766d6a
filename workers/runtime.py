"""The one event loop of a worker process, in a thread of its own. Celery's threads hand coroutines to it and wait.

Called by `workers/app.py` (start, stop) and by the tasks (`run`). It opens the process's parts on the loop, opens them again while the
database is away, and says every second that the process lives. Celery cannot await: a task is a `def`, never an `async def`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, Protocol, TypeVar

import asyncpg
import uvloop

from core.config.breaker import CircuitBreaker, states, worst
from core.config.logging import get_logger
from core.db.heartbeats import State, beat
from core.db.pool import Pool
from core.kernel.errors import Unavailable

HEARTBEAT_S = 1
OPEN_AGAIN_S = 1
OPEN_WITHIN_S = 10
DATABASE_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, TimeoutError)
_log = get_logger()


class Parts(Protocol):
    """What every process has."""

    @property
    def pool(self) -> Pool:
        """The database."""
        ...

    @property
    def breakers(self) -> Sequence[CircuitBreaker]:
        """Before each outside thing the process needs."""
        ...


P = TypeVar("P", bound=Parts)
R = TypeVar("R")


def _always_ok() -> tuple[State, Mapping[str, Any]]:
    return "ok", {}


class Runtime(Generic[P]):
    """`open_parts` makes what the coroutines work with; `health` is asked for each heartbeat, on the loop."""

    def __init__(
        self,
        process: str,
        open_parts: Callable[[], AbstractAsyncContextManager[P]],
        health: Callable[[], tuple[State, Mapping[str, Any]]] = _always_ok,
    ) -> None:
        self._process = process
        self._open_parts = open_parts
        self._health = health
        self._loop = uvloop.new_event_loop()
        self._opened: Future[P] = Future()
        self._lock = threading.Lock()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run_loop, name="event-loop", daemon=True)

    def start(self) -> None:
        """Starts the loop; the parts open in the background."""
        self._thread.start()

    def stop(self, timeout_s: float = 3) -> None:
        """Closes the parts and ends the loop."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout_s)

    def run(self, work: Callable[[P], Coroutine[Any, Any, R]], *, limit_s: float) -> R:
        """Runs `work` on the loop and waits for it, from another thread.

        Raises TimeoutError after `limit_s` (the coroutine is canceled), Unavailable while the database is away.
        """
        with self._lock:
            opened = self._opened
        try:
            parts = opened.result(OPEN_WITHIN_S)
        except TimeoutError as error:
            raise Unavailable("the database is away") from error
        return asyncio.run_coroutine_threadsafe(_limited(work(parts), limit_s), self._loop).result(limit_s + OPEN_WITHIN_S)

    def _run_loop(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    async def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                async with self._open_parts() as parts:
                    self._opened.set_result(parts)
                    await self._live(parts)
                return
            except DATABASE_ERRORS as error:
                _log.warning("database_unavailable", error=type(error).__name__)
                with self._lock:
                    if self._opened.done():
                        self._opened = Future()
                await self._pause(OPEN_AGAIN_S)

    async def _live(self, parts: P) -> None:
        """Beats until the end. A database that is away for a while is the pool's to find again."""
        while not self._stop.is_set():
            state, details = self._health()
            breakers = states(*parts.breakers)
            if state == "ok" and worst(*breakers.values()) == "open":
                state = "degraded"
            try:
                await beat(parts.pool, self._process, state, {**details, "breakers": breakers})
            except DATABASE_ERRORS as error:
                _log.warning("heartbeat_failed", error=type(error).__name__)
            await self._pause(HEARTBEAT_S)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            return


async def _limited(work: Coroutine[Any, Any, R], limit_s: float) -> R:
    async with asyncio.timeout(limit_s):
        return await work
