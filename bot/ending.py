"""Ending tasks for good. Called wherever the bot stops something.

A client library may swallow one cancellation (redis-py takes it for a lost connection), so it is repeated until the task has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

EACH_S = 0.1
TIMES = 20


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancels until all have ended, two seconds at most; what they raise while ending is of no interest any more."""
    pending = {task for task in tasks if not task.done()}
    for _ in range(TIMES):
        if not pending:
            return
        for task in pending:
            task.cancel()
        done, pending = await asyncio.wait(pending, timeout=EACH_S)
        for task in done:
            if not task.cancelled():
                task.exception()


def reraise_if_ending() -> None:
    """To be called where an exception may hide a cancellation of this task. Raises CancelledError then."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
