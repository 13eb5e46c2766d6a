"""A circuit breaker around one outside dependency: after some failures in a row nothing is tried for a while, then one call is; each
trial that fails makes the next pause longer. `state` is closed, half_open or open.

Own code of a page instead of purgatory-circuitbreaker: that one imports `pkg_resources`, which current setuptools no longer carries,
and lets every waiting caller through at once when it half opens. No I/O; used on one event loop.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from core.config.metrics import BREAKER_STATE
from core.kernel.errors import Unavailable

LONGEST_PAUSE_S = 8.0
_NUMBERS = {"closed": 0, "half_open": 1, "open": 2}


class BreakerOpen(Unavailable):
    """Nothing was tried: the dependency was away a moment ago."""


class CircuitBreaker:
    """Closed: calls pass. Open: they fail at once with BreakerOpen. Half open, after the pause: one call passes and decides.

    The pause is `pause_s`, and twice as long after each trial that failed, up to `longest_pause_s`.
    """

    def __init__(
        self,
        dependency: str,
        *,
        threshold: int = 3,
        pause_s: float = 2,
        longest_pause_s: float = LONGEST_PAUSE_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.dependency = dependency
        self.state = "closed"
        self._threshold = threshold
        self._first_pause_s = self._pause_s = pause_s
        self._longest_pause_s = longest_pause_s
        self._monotonic = monotonic
        self._failures = 0
        self._opened_at = 0.0

    @asynccontextmanager
    async def guard(self, *, silence_counts: bool = False) -> AsyncIterator[None]:
        """Around a call that raises Unavailable when the dependency is away. Raises BreakerOpen without calling while open.

        `silence_counts`: a call that is canceled was not answered in time, which is a failure too.
        """
        if self.state == "half_open" or (self.state == "open" and self._monotonic() - self._opened_at < self._pause_s):
            raise BreakerOpen(f"{self.dependency} was away a moment ago")
        trial = self.state == "open"
        if trial:
            self._become("half_open")
        try:
            yield
        except Unavailable:
            self._failed()
            raise
        except BaseException as error:
            if trial or (silence_counts and isinstance(error, asyncio.CancelledError)):  # the call ended without an answer
                self._failed()
            raise
        self._failures = 0
        self._pause_s = self._first_pause_s
        self._become("closed")

    def _failed(self) -> None:
        self._failures += 1
        if self.state == "half_open":
            self._pause_s = min(self._pause_s * 2, self._longest_pause_s)
        if self.state == "half_open" or self._failures >= self._threshold:
            self._opened_at = self._monotonic()
            self._become("open")

    def _become(self, state: str) -> None:
        self.state = state
        BREAKER_STATE.labels(self.dependency).set(_NUMBERS[state])


def states(*breakers: CircuitBreaker) -> dict[str, str]:
    """For a heartbeat: each dependency and its state."""
    return {breaker.dependency: breaker.state for breaker in breakers}


def worst(*told: str) -> str:
    """Of several states the one that a person must hear of."""
    return max(told, key=lambda state: _NUMBERS.get(state, 0), default="closed")
