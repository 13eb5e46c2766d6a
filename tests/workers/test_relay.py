"""The relay's rounds, step by step: grace, marking, sweeping, the lease's fence, a queue that is away."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core.bootstrap.worker import RelayParts
from core.config.settings import RelaySettings
from core.db import leases
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import LeaseLost, Unavailable
from core.outbox import service as outbox
from tests.support.desk import buy, make_desk
from workers.relay import Relay


class Queue:
    """A TaskPublisher that remembers; `away` makes it fail, `crash` makes the process end at that publication."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.away = False
        self.crash_at: int | None = None

    async def publish(self, task: str, row_id: str, queue: str) -> None:
        assert queue == "trade"
        if self.away:
            raise Unavailable("away")
        self.sent.append((task, row_id))
        if self.crash_at == len(self.sent):
            raise KeyboardInterrupt


def settings(**changes: int) -> RelaySettings:
    return RelaySettings(**{"relay_grace_ms": 0, "sweep_after_ms": 3_600_000, "lease_ttl_ms": 60_000, **changes})  # type: ignore[arg-type]


def relay(pool: Pool, queue: Queue, name: str = "one", **changes: int) -> Relay:
    return Relay(RelayParts(pool, queue), settings(**changes), holder=name)


async def append(pool: Pool, *row_ids: str) -> None:
    async with unit_of_work(pool) as uow:
        for row_id in row_ids:
            await outbox.append_task(uow, task="trading.place_order", row_id=row_id)


async def test_waiting_rows_are_sent_in_order_and_once(pool: Pool) -> None:
    queue = Queue()
    one = relay(pool, queue)
    await append(pool, "a", "b", "c")

    assert await one.step() == 3
    assert await one.step() == 0
    assert [row_id for _, row_id in queue.sent] == ["a", "b", "c"]


async def test_the_fast_path_has_its_grace(pool: Pool) -> None:
    queue = Queue()
    await append(pool, "a")
    assert await relay(pool, queue, relay_grace_ms=60_000).step() == 0


async def test_a_crash_before_the_mark_sends_again_never_not_at_all(pool: Pool) -> None:
    queue = Queue()
    queue.crash_at = 2
    first = relay(pool, queue, lease_ttl_ms=60_000)
    await append(pool, "a", "b", "c")
    with pytest.raises(KeyboardInterrupt):
        await first.step()
    await first.give_up_lease()

    await relay(pool, queue, "two").step()

    assert {row_id for _, row_id in queue.sent} == {"a", "b", "c"}


async def test_while_the_queue_is_away_rows_wait_and_the_breaker_opens(pool: Pool) -> None:
    queue = Queue()
    one = relay(pool, queue)
    one.breaker._pause_s = 0
    await append(pool, "a", "b")
    queue.away = True
    for _ in range(3):
        assert await one.step() == 0
    assert one.breaker.state == "open"
    await one.tell()
    assert await pool.fetchval("select state from process_heartbeats where process = 'relay-0'") == "degraded"

    queue.away = False

    assert await one.step() == 2
    assert one.breaker.state == "closed"


async def test_only_the_holder_of_the_lease_works(pool: Pool) -> None:
    queue = Queue()
    first, second = relay(pool, queue, "one"), relay(pool, queue, "two")
    assert await first.step() == 0
    await append(pool, "a")

    assert await second.step() == 0
    assert await first.step() == 1


async def test_a_relay_that_was_stopped_too_long_cannot_claim_or_mark(pool: Pool) -> None:
    queue = Queue()
    stopped = relay(pool, queue, "one")
    await stopped.step()
    lease = stopped._lease
    assert lease is not None
    await append(pool, "a")
    await pool.execute("update leases set expires_at = now() - interval '1 second'")
    assert await leases.acquire(pool, "relay", "two", timedelta(minutes=1)) is not None

    with pytest.raises(LeaseLost):
        await stopped._relay(lease)
    assert await pool.fetchval("select count(*) from outbox_tasks where dispatched_at is null") == 1
    assert queue.sent == []


async def test_an_order_nobody_decided_is_sent_again_at_its_pace(pool: Pool) -> None:
    queue = Queue()
    desk = await make_desk(pool)
    order = await desk.request(buy(await desk.user(), 10))
    await pool.execute("update outbox_tasks set dispatched_at = now()")
    await pool.execute("update orders set created_at = now() - interval '1 minute'")
    one = relay(pool, queue, sweep_after_ms=10_000)

    assert [await one.step() for _ in range(3)] == [1, 0, 0]
    assert queue.sent == [("trading.place_order", str(order.id))]
    await pool.execute("update orders set reconcile_after = now() - interval '1 second'")
    assert await one.step() == 1

    await desk.trading.place_order(order.id)
    await pool.execute("update orders set reconcile_after = now() - interval '1 second'")
    assert await one.step() == 0


async def test_a_report_nobody_applied_is_sent_again(pool: Pool) -> None:
    queue = Queue()
    desk = await make_desk(pool)
    order = await desk.trade(buy(await desk.user(), 10))
    await pool.execute("update outbox_tasks set dispatched_at = now()")
    await pool.execute("update order_reports set applied_at = null, received_at = now() - interval '1 minute'")

    await relay(pool, queue, sweep_after_ms=10_000).step()

    assert queue.sent == [("trading.apply_reports", str(order.id))]
    await desk.trading.apply_reports(order.id)
    await desk.require_clean()
    assert await pool.fetchval("select count(*) from fills") == 1


async def test_the_fast_path_publishes_after_the_commit_only_and_marks(pool: Pool) -> None:
    queue = Queue()
    desk = await make_desk(pool, publisher=queue)
    user = await desk.user()
    order = await desk.request(buy(user, 10))
    await desk.trading.close()

    assert queue.sent == [("trading.place_order", str(order.id))]
    assert await pool.fetchval("select count(*) from outbox_tasks where dispatched_at is null") == 0
    assert await relay(pool, queue).step() == 0


async def test_what_the_fast_path_cannot_publish_is_left_to_the_relay(pool: Pool) -> None:
    queue = Queue()
    queue.away = True
    desk = await make_desk(pool, publisher=queue)
    order = await desk.request(buy(await desk.user(), 10))
    await desk.trading.close()
    assert (await desk.order(order.id)).state == "INITIALIZED"

    queue.away = False
    assert await asyncio.wait_for(relay(pool, queue).step(), 10) == 1


async def test_a_slow_queue_makes_progress_within_the_lease(pool: Pool) -> None:
    """Each publication takes 3 s of a lease of 10 s: two go, are marked, the lease is renewed, and the next round goes on."""
    queue = SlowQueue()
    slow = Relay(RelayParts(pool, queue), settings(lease_ttl_ms=10_000), holder="slow", monotonic=queue.monotonic)
    await append(pool, "a", "b", "c", "d", "e")

    assert [await slow.step() for _ in range(3)] == [2, 2, 1]
    assert [row_id for _, row_id in queue.sent] == ["a", "b", "c", "d", "e"]
    assert await pool.fetchval("select count(*) from outbox_tasks where dispatched_at is null") == 0


class SlowQueue(Queue):
    """Three seconds pass with each publication, on a clock of its own."""

    def monotonic(self) -> float:
        return 3.0 * len(self.sent)
