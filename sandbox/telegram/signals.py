"""Waking what waits: long polls, event streams and the wait endpoint. A topic is woken after the commit that concerns it."""

from __future__ import annotations

import asyncio
from collections import defaultdict


class Signals:
    """`wake(topic)` ends every `wait(topic)` that is under way; whoever wakes looks again for himself."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Future[None]]] = defaultdict(set)

    def wake(self, topic: str) -> None:
        """End all waits on the topic."""
        for future in self._waiting.pop(topic, set()):
            if not future.done():
                future.set_result(None)

    def wake_all(self) -> None:
        """End all waits on everything."""
        for topic in list(self._waiting):
            self.wake(topic)

    async def wait(self, topic: str, timeout: float) -> bool:  # noqa: ASYNC109 - a bound on one wait, not on the caller's work
        """True when woken, False after `timeout` seconds. No await lies between the caller's last look and the registration."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[topic].add(future)
        try:
            async with asyncio.timeout(max(0.0, timeout)):  # not wait_for: it swallows a cancellation that comes with the wake
                await future
        except TimeoutError:
            return False
        finally:
            self._waiting[topic].discard(future)
        return True
