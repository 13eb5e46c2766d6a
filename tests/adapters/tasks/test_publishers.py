"""Publishing to a queue that accepts and never answers: bounded, dropped at once after a while, and never in the way of an end."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis

from core.adapters.tasks.guarded_publisher import GuardedPublisher
from core.adapters.tasks.kombu_publisher import KombuPublisher
from core.config.breaker import CircuitBreaker
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Unavailable
from core.kernel.secret import Secret
from core.trading.handoff import HandOff


class Silent:
    """A TaskPublisher that never comes back; it counts what was asked of it."""

    def __init__(self) -> None:
        self.asked = 0

    async def publish(self, *_: str) -> None:
        self.asked += 1
        await asyncio.Event().wait()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A socket that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        yield server.getsockname()[1]


@pytest.fixture
async def silent(silent_port: int) -> AsyncIterator[KombuPublisher]:
    publisher = KombuPublisher(Secret(f"redis://127.0.0.1:{silent_port}/0"))
    yield publisher
    await publisher.close()


async def refused(publisher: GuardedPublisher | KombuPublisher, times: int) -> None:
    for number in range(times):
        with pytest.raises(Unavailable):
            await publisher.publish("trading.place_order", str(number), "trade")


async def test_the_thread_gives_up_after_one_timeout_not_four(silent: KombuPublisher) -> None:
    started = time.monotonic()
    with pytest.raises(Unavailable):
        await asyncio.to_thread(silent._publish, "trading.place_order", "1", "trade")
    assert time.monotonic() - started < 3  # four attempts of a second each were the fault


async def test_six_publications_to_a_queue_that_never_answers_cost_the_patience_of_three(silent: KombuPublisher) -> None:
    breaker = CircuitBreaker("queue", threshold=3, pause_s=60)
    started = time.monotonic()
    await refused(GuardedPublisher(silent, breaker), 6)
    assert breaker.state == "open"
    assert time.monotonic() - started < 8  # 24 s were the fault


async def test_an_open_breaker_asks_nothing_of_the_queue() -> None:
    breaker = CircuitBreaker("queue", threshold=1, pause_s=60)
    with pytest.raises(Unavailable):
        async with breaker.guard():
            raise Unavailable("away")
    inner = Silent()
    await refused(GuardedPublisher(inner, breaker), 3)
    assert inner.asked == 0


async def test_no_more_than_the_bound_wait_and_the_bound_opens_no_breaker() -> None:
    inner, breaker = Silent(), CircuitBreaker("queue", threshold=1)
    publisher = GuardedPublisher(inner, breaker, limit=2)
    waiting = [asyncio.create_task(publisher.publish("trading.place_order", str(number), "trade")) for number in range(2)]
    await asyncio.sleep(0)
    await refused(publisher, 3)
    assert inner.asked == 2
    assert breaker.state == "closed"
    for one in waiting:
        one.cancel()
    await asyncio.wait(waiting)
    assert publisher._in_flight == 0


async def test_a_task_arrives_in_a_real_queue(valkey_url: str) -> None:
    publisher = KombuPublisher(Secret(valkey_url))
    await publisher.publish("trading.place_order", "row", "trade")
    await publisher.close()
    async with Redis.from_url(valkey_url) as client:
        assert await client.llen("trade") == 1
    with pytest.raises(Unavailable):
        await publisher.publish("trading.place_order", "row", "trade")


async def test_the_hand_off_closes_while_the_queue_does_not_answer(pool: Pool) -> None:
    inner = Silent()
    hand_off = HandOff(pool, inner)
    async with unit_of_work(pool) as uow:
        await hand_off.append(uow, "trading.place_order", "row")
    async with asyncio.timeout(10):
        await hand_off.close()
    assert inner.asked == 1
    assert await pool.fetchval("select count(*) from outbox_tasks where dispatched_at is null") == 1
