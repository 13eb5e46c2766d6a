"""The processes `worker`, `beat` and `relay` as they run: started with their own settings, fed through the real queue."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from redis.asyncio import Redis

from core.adapters.marketdata.valkey_books import ValkeyBooks
from core.adapters.tasks.kombu_publisher import KombuPublisher
from core.db.pool import Pool
from core.kernel.secret import Secret
from core.trading.types import Order, OrderState
from sandbox.child import die_with_parent
from sandbox.valkey import EmbeddedValkey
from tests.support.desk import BTC, Desk, buy, make_desk
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(app_dsn: Secret, valkey_url: str, tmp_path: Path) -> Iterator[Start]:
    """Starts a process of `workers` with settings in its environment; ends all of them with the test."""
    running: list[subprocess.Popen[bytes]] = []

    def spawn(*module: str, **settings: str) -> subprocess.Popen[bytes]:
        environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "DATABASE_URL": app_dsn.reveal(), "REDIS_URL": valkey_url}
        environment |= {"PAPER_LATENCY_MS": "0", "PRICE_MAX_AGE_MS": "600000", **settings}
        log = (tmp_path / f"{module[0]}-{len(running)}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
            cwd=tmp_path,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509  the call is made of two system calls
        )
        log.close()
        running.append(process)
        return process

    yield spawn
    for process in running:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()


@pytest.fixture
async def desk(pool: Pool, valkey_url: str) -> AsyncIterator[Desk]:
    """A desk whose requests go out by the fast path, with the odd book in Valkey."""
    publisher = KombuPublisher(Secret(valkey_url))
    desk = await make_desk(pool, publisher=publisher)
    await publish_book(desk, valkey_url)
    yield desk
    await desk.trading.close()
    await publisher.close()


async def publish_book(desk: Desk, valkey_url: str) -> None:
    book = await desk.books.book("BTC/USDT")
    assert book is not None
    client = Redis.from_url(valkey_url)
    await ValkeyBooks(client).publish(book)
    await client.aclose()


def is_in(desk: Desk, order: Order, *states: OrderState) -> Callable[[], object]:
    async def check() -> bool:
        return (await desk.order(order.id)).state in states

    return check


async def beats(pool: Pool, process: str) -> bool:
    return bool(await pool.fetchval("select 1 from process_heartbeats where process = $1 and state = 'ok'", process))


async def test_a_worker_fills_what_the_fast_path_sends(desk: Desk, start: Start) -> None:
    start("workers.app", "worker")
    user = await desk.user()

    orders = [await desk.request(buy(user, 10 + number)) for number in range(20)]

    for order in orders:
        await eventually(is_in(desk, order, OrderState.FILLED), timeout=30)
    assert await eventually(lambda: beats(desk.pool, "worker-0"))
    await desk.trading.close()
    assert await desk.pool.fetchval("select count(*) from outbox_tasks where dispatched_at is null") == 0
    await desk.require_clean()


async def test_a_worker_finishes_on_sigterm(start: Start, pool: Pool) -> None:
    worker = start("workers.app", "worker")
    await eventually(lambda: beats(pool, "worker-0"), timeout=20)

    worker.terminate()

    await eventually(lambda: worker.poll() is not None, timeout=5)


async def test_without_a_fast_path_the_relay_hands_off(pool: Pool, start: Start, valkey_url: str) -> None:
    desk = await make_desk(pool)
    await publish_book(desk, valkey_url)
    start("workers.app", "worker")
    start("workers.relay", RELAY_GRACE_MS="100")
    user = await desk.user()

    order = await desk.request(buy(user, 10))

    await eventually(is_in(desk, order, OrderState.FILLED), timeout=30)
    assert await desk.pool.fetchval("select count(*) from outbox_tasks where dispatched_at is null") == 0


async def test_a_stopped_worker_and_a_flushed_queue_lose_and_double_nothing(desk: Desk, start: Start, valkey: EmbeddedValkey) -> None:
    worker = start("workers.app", "worker")
    start("workers.relay", RELAY_GRACE_MS="200", SWEEP_AFTER_MS="500")
    user = await desk.user()
    first = await desk.request(buy(user, 10))
    await eventually(is_in(desk, first, OrderState.FILLED), timeout=30)

    worker.send_signal(signal.SIGSTOP)
    order = await desk.request(buy(user, "100.1"))
    await desk.trading.close()
    flush(valkey)
    assert (await desk.messages(order))[-1]["state"] == "INITIALIZED"
    assert (await desk.order(order.id)).state is OrderState.INITIALIZED
    await publish_book(desk, valkey.url)
    worker.send_signal(signal.SIGCONT)

    await eventually(is_in(desk, order, OrderState.FILLED), timeout=30)
    assert await desk.pool.fetchval("select count(*) from paper_venue_orders where client_order_id like $1", f"%{order.id.hex}") == 1
    assert (await desk.balance(user, BTC))[0] > Decimal(1)
    await desk.require_clean()


async def test_beat_has_orders_reconciled_and_survives_a_flush(desk: Desk, start: Start, valkey: EmbeddedValkey) -> None:
    start("workers.app", "worker")
    beat = start("workers.app", "beat")
    await eventually(lambda: beats(desk.pool, "beat-0"), timeout=20)
    user = await desk.user()
    client = Redis.from_url(valkey.url)
    await eventually(lambda: client.exists("redbeat:reconcile"), timeout=20)

    flush(valkey)
    await eventually(lambda: client.exists("redbeat:reconcile"), timeout=20)
    await client.aclose()
    order = await lost_on_the_way(desk, user)

    await eventually(is_in(desk, order, OrderState.EXPIRED), timeout=30)
    assert beat.poll() is None
    assert await desk.balance(user) == (Decimal(10_000), Decimal(0))


async def lost_on_the_way(desk: Desk, user: int) -> Order:
    """An order that was decided in a process that ended before it sent it."""
    from core.trading.decision import decide  # noqa: PLC0415

    silent = await make_desk(desk.pool)
    order = await silent.request(buy(user, 10))
    context = silent.trading._context
    await decide(context, order, await silent.books.book("BTC/USDT"))
    await desk.pool.execute("update orders set send_until = now(), reconcile_after = now() where id = $1", order.id)
    return order


async def test_two_relays_one_leads_and_the_other_takes_over(pool: Pool, start: Start) -> None:
    first = start("workers.relay", LEASE_TTL_MS="1000")
    await eventually(lambda: beats(pool, "relay-0"), timeout=20)
    second = start("workers.relay", LEASE_TTL_MS="1000")
    await eventually(lambda: beats(pool, "relay-standby"), timeout=20)
    leader = await pool.fetchval("select token from leases where name = 'relay'")

    first.kill()

    async def another_leads() -> bool:
        return bool(await pool.fetchval("select token > $1 from leases where name = 'relay'", leader))

    await eventually(another_leads, timeout=20)
    assert second.poll() is None


async def test_a_wrong_command_line_is_told(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "workers.app", "cook", cwd=ROOT, stderr=asyncio.subprocess.PIPE)
    _, told = await asyncio.wait_for(process.communicate(), timedelta(seconds=30).seconds)
    assert process.returncode == 2
    assert b"usage" in told


def flush(valkey: EmbeddedValkey) -> None:
    with socket.create_connection(("127.0.0.1", valkey.port), timeout=5) as client:
        client.sendall(b"FLUSHALL\r\n")
        assert client.recv(64).startswith(b"+OK")
