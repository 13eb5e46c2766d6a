"""P11: a worker that lost its lease cannot write. A real process is stopped past its lease, another takes over, the first goes on."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from core.db.leases import Lease, acquire, require
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.secret import Secret
from tests.promises.conftest import Proof
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
TTL_MS = 300
LONG = timedelta(minutes=5)


class Worker:
    """A child process and what it answers."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    def tell(self, command: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{command}\n".encode())

    async def answer(self) -> str:
        assert self.process.stdout is not None
        async with asyncio.timeout(30):
            return (await self.process.stdout.readline()).decode().strip()

    async def ask(self, command: str) -> str:
        self.tell(command)
        return await self.answer()

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)


@asynccontextmanager
async def worker(dsn: Secret) -> AsyncIterator[Worker]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.planted.child",
        "tests.support.stale_worker",
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": dsn.reveal(), "LEASE_TTL_MS": str(TTL_MS)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Worker(process)
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()


async def take_over(pool: Pool, name: str = "work") -> Lease:
    """Tries until the old lease has run out."""

    async def attempt() -> Lease | None:
        return await acquire(pool, name, "successor", LONG)

    lease = await eventually(attempt, 30)
    assert lease is not None
    return lease


async def written(pool: Pool) -> set[str]:
    return {row["scope"] for row in await pool.fetch("select scope from control_pauses")}


async def test_a_worker_stopped_past_its_lease_is_refused_when_it_goes_on(pool: Pool, app_dsn: Secret, proof: Proof) -> None:
    rounds = proof.size(test=3, promises=100, soak=1_000)
    async with worker(app_dsn) as old:
        for number in range(rounds):
            assert (await old.ask("acquire")) == f"token {2 * number + 1}"
            old.send(signal.SIGSTOP)
            successor = await take_over(pool)
            assert successor.token == 2 * number + 2
            async with unit_of_work(pool) as uow:
                await require(uow, successor)
            old.send(signal.SIGCONT)
            assert await old.ask(f"write stale-{number}") == "LeaseLost"
            await pool.execute("update leases set expires_at = clock_timestamp()")
    assert await written(pool) == set()
    proof.record(f"{rounds:,} stale tokens refused")


async def test_a_worker_stopped_inside_its_unit_of_work_neither_blocks_nor_writes(pool: Pool, app_dsn: Secret, proof: Proof) -> None:
    """It holds the lease's row while it is stopped; the database ends its transaction, and then the successor takes over."""
    rounds = proof.size(test=1, promises=10, soak=100)
    for number in range(rounds):
        async with worker(app_dsn) as old:
            assert (await old.ask("acquire")).startswith("token")
            assert await old.ask(f"begin stale-{number}") == "begun"
            old.send(signal.SIGSTOP)
            successor = await take_over(pool)
            old.send(signal.SIGCONT)
            assert await old.ask("commit") != "written"
            async with unit_of_work(pool) as uow:
                await require(uow, successor)
            await pool.execute("update leases set expires_at = clock_timestamp()")
    assert await written(pool) == set()
    proof.record(f"{rounds:,} units of work cut off")


async def test_a_lease_that_ran_out_refuses_before_anybody_took_over(pool: Pool, app_dsn: Secret) -> None:
    async with worker(app_dsn) as old:
        await old.ask("acquire")
        await eventually(lambda: pool.fetchval("select expires_at <= clock_timestamp() from leases"))
        assert await old.ask("write late") == "LeaseLost"
        assert (await old.ask("acquire")) == "token 2"
    assert await written(pool) == set()


async def test_a_worker_that_holds_its_lease_writes(pool: Pool, app_dsn: Secret) -> None:
    """The proofs above could not fail if nothing were ever written."""
    async with worker(app_dsn) as one:
        await one.ask("acquire")
        await pool.execute("update leases set expires_at = clock_timestamp() + interval '5 minutes'")
        assert await one.ask("write fresh") == "written"
    assert await written(pool) == {"fresh"}
