"""A circuit breaker around one outside dependency: after some failures in a row nothing is tried for a while, then one call is.
`state` is closed, half_open or open.

Own code of a page instead of purgatory-circuitbreaker: that one imports `pkg_resources`, which current setuptools no longer carries,
and lets every waiting caller through at once when it half opens. No I/O; used on one event loop.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from core.config.metrics import BREAKER_STATE
from core.kernel.errors import Unavailable

_NUMBERS = {"closed": 0, "half_open": 1, "open": 2}


class CircuitBreaker:
    """Closed: calls pass. Open: they fail at once with Unavailable. Half open, after `pause_s`: one call passes and decides."""

    def __init__(self, dependency: str, *, threshold: int = 3, pause_s: float = 2, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.dependency = dependency
        self.state = "closed"
        self._threshold = threshold
        self._pause_s = pause_s
        self._monotonic = monotonic
        self._failures = 0
        self._opened_at = 0.0

    @asynccontextmanager
    async def guard(self) -> AsyncIterator[None]:
        """Around a call that raises Unavailable when the dependency is away. Raises Unavailable without calling while open."""
        if self.state == "half_open" or (self.state == "open" and self._monotonic() - self._opened_at < self._pause_s):
            raise Unavailable(f"{self.dependency} was away a moment ago")
        trial = self.state == "open"
        if trial:
            self._become("half_open")
        try:
            yield
        except Unavailable:
            self._failed()
            raise
        except BaseException:
            if trial:  # the one call ended without an answer
                self._failed()
            raise
        self._failures = 0
        self._become("closed")

    def _failed(self) -> None:
        self._failures += 1
        if self.state == "half_open" or self._failures >= self._threshold:
            self._opened_at = self._monotonic()
            self._become("open")

    def _become(self, state: str) -> None:
        self.state = state
        BREAKER_STATE.labels(self.dependency).set(_NUMBERS[state])
