"""Tasks onto the queue by kombu, in Celery's message protocol 2, without Celery: core does not know it.

Implements `core/outbox/ports.TaskPublisher`. kombu's Redis transport blocks, so it lives in one thread of its own. A task carries a
row id and nothing else. Nothing is tried twice here: the relay does that. Must never be called inside a unit of work.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kombu import Connection, Producer
from kombu.exceptions import OperationalError
from kombu.transport import redis as kombu_redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from core.kernel.errors import Unavailable
from core.kernel.ids import new_id
from core.kernel.secret import Secret
from core.kernel.transaction_guard import require_no_transaction

PATIENCE_S = 1.0
"""For one publication, waiting for the thread included."""
_OPTIONS = {
    "socket_timeout": PATIENCE_S,
    "socket_connect_timeout": PATIENCE_S,
    "retry_on_timeout": False,
}
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


class _Channel(kombu_redis.Channel):
    """kombu's, without the retries that redis-py makes by itself: three, a whole timeout each."""

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        told = super()._connparams(asynchronous)  # type: ignore[misc]
        return {**told, "retry": Retry(NoBackoff(), 0)}


class _Transport(kombu_redis.Transport):
    Channel = _Channel


class KombuPublisher:
    """One connection, made at the first task and made again after a failure."""

    def __init__(self, url: Secret) -> None:
        self._url = url
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="publish")
        self._connection: Connection | None = None
        self._producer: Producer | None = None

    async def publish(self, task: str, row_id: str, queue: str) -> None:
        """See TaskPublisher. Takes PATIENCE_S at most; a publication that is late may still arrive, which does no harm."""
        require_no_transaction("publishing a task")
        try:
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.get_running_loop().run_in_executor(self._thread, self._publish, task, row_id, queue)
        except TimeoutError as late:
            raise Unavailable("the queue does not answer") from late
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
            self._connection = Connection(self._url.reveal(), transport=_Transport, transport_options=_OPTIONS, connect_timeout=PATIENCE_S)
            self._connection.ensure_connection(max_retries=0)
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
        """Ends the connection and its thread, within PATIENCE_S; what waits for the thread is dropped."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.get_running_loop().run_in_executor(self._thread, self._drop)
        except TimeoutError:
            pass
        finally:
            self._thread.shutdown(wait=False, cancel_futures=True)
