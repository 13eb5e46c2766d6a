"""Tasks onto the queue by kombu, in Celery's message protocol 2, without Celery: core does not know it.

Implements `core/outbox/ports.TaskPublisher`. kombu's Redis transport blocks, so it lives in one thread of its own. A task carries a
row id and nothing else. Must never be called inside a unit of work.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kombu import Connection, Producer
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from core.kernel.errors import Unavailable
from core.kernel.ids import new_id
from core.kernel.transaction_guard import require_no_transaction

PATIENCE_S = 1.0
_EMBED = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}


def task_message(task: str, row_id: str) -> tuple[list[Any], dict[str, Any], str]:
    """Body, headers and id of a Celery task with the single argument `row_id`."""
    task_id = str(new_id())
    headers = {
        "lang": "py",
        "task": task,
        "id": task_id,
        "root_id": task_id,
        "parent_id": None,
        "group": None,
        "argsrepr": "",
        "kwargsrepr": "",
    }
    return [[row_id], {}, _EMBED], headers, task_id


class KombuPublisher:
    """One connection, made at the first task and made again after a failure."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="publish")
        self._connection: Connection | None = None
        self._producer: Producer | None = None

    async def publish(self, task: str, row_id: str, queue: str) -> None:
        """See TaskPublisher."""
        require_no_transaction("publishing a task")
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._publish, task, row_id, queue)
        except RuntimeError as closed:
            raise Unavailable("the publisher is closed") from closed

    def _publish(self, task: str, row_id: str, queue: str) -> None:
        body, headers, task_id = task_message(task, row_id)
        try:
            self._ready().publish(body, routing_key=queue, serializer="json", headers=headers, correlation_id=task_id, retry=False)
        except (OperationalError, RedisError, OSError) as error:
            self._drop()
            raise Unavailable(f"the queue cannot be reached ({type(error).__name__})") from error

    def _ready(self) -> Producer:
        if self._producer is None:
            options = {"socket_timeout": PATIENCE_S, "socket_connect_timeout": PATIENCE_S, "retry_on_timeout": False, "max_retries": 1}
            self._connection = Connection(self._url, transport_options=options, connect_timeout=PATIENCE_S)
            self._producer = Producer(self._connection.channel())
        return self._producer

    def _drop(self) -> None:
        connection, self._connection, self._producer = self._connection, None, None
        if connection is None:
            return
        try:
            connection.release()
        except (OperationalError, RedisError, OSError):
            return

    async def close(self) -> None:
        """Ends the connection and its thread."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._drop)
        self._thread.shutdown(wait=False)
