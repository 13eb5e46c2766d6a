"""A publisher that gives up at once while the queue is away: for edges, where a person waits and the relay has the row.

Built by `core/bootstrap/edge`. It keeps nothing: what it refuses is in the outbox already.
"""

from __future__ import annotations

from core.config.breaker import CircuitBreaker
from core.kernel.errors import Unavailable
from core.outbox.ports import TaskPublisher

IN_FLIGHT = 256
"""Publications that may wait for the queue at once; what comes on top is left to the relay."""


class GuardedPublisher:
    """A TaskPublisher around another: a circuit breaker, and a bound on how many publications wait."""

    def __init__(self, inner: TaskPublisher, breaker: CircuitBreaker, *, limit: int = IN_FLIGHT) -> None:
        self._inner = inner
        self._breaker = breaker
        self._limit = limit
        self._in_flight = 0

    async def publish(self, task: str, row_id: str, queue: str) -> None:
        """See TaskPublisher. Raises Unavailable without trying while the breaker is open or the bound is reached."""
        if self._in_flight >= self._limit:
            raise Unavailable("too many publications wait for the queue")
        self._in_flight += 1
        try:
            async with self._breaker.guard():
                await self._inner.publish(task, row_id, queue)
        finally:
            self._in_flight -= 1
