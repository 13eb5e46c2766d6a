"""What the outbox needs outside: a queue for tasks. Implemented over kombu in `core/adapters/tasks`."""

from __future__ import annotations

from typing import Protocol


class TaskPublisher(Protocol):
    """Puts a task onto a queue. Never called inside a unit of work."""

    async def publish(self, task: str, row_id: str, queue: str) -> None:
        """Enqueues `task` with the single argument `row_id`. Raises Unavailable when the queue cannot be reached."""
        ...
