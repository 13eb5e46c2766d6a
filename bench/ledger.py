"""`python -m bench.ledger [--seconds 10] [--save]`: holds and settlements a second beside pgbench TPC-B, on one server, fsync on.

One operation is a hold or a settlement; each single one is a unit of work of its own. Every settlement moves money to the venue and
comes with a platform and a venue fee, so all of them touch the fee accounts. Goals: at least 1,000 operations a second, and at
least 0.8 of pgbench's transactions at the same 8 connections.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path

import uvloop

from bench.support import Stopwatch, Timing, report, table
from core.db.pool import Pool, create_pool
from core.db.unit_of_work import unit_of_work
from core.kernel.ids import new_id
from core.kernel.money import Amount, Asset
from core.ledger import service as ledger
from core.ledger.types import WORLD, HoldRequest, Posting, Request, Settlement, Transaction, user_available, user_held, venue_account
from migrations.apply import migrate
from sandbox.postgres import EmbeddedPostgres, binaries

CONNECTIONS = 8
USERS = 2_000
USDT, BTC = Asset("paper:USDT", 6), Asset("paper:BTC", 8)
_numbers = count(1)


def hold_request(user_id: int) -> HoldRequest:
    return HoldRequest(f"h{next(_numbers)}", new_id(), user_id, Amount(USDT, 1_000_000), "order")


def settlement(hold: HoldRequest) -> Settlement:
    """What a filled buy posts: price, two fees, what was bought; the rest goes back."""
    held, place = user_held(hold.user_id, "paper"), venue_account("paper")
    postings = (
        Posting(held, place, Amount(USDT, 900_000)),
        Posting(held, "fees:venue", Amount(USDT, 900)),
        Posting(held, "fees:platform", Amount(USDT, 4_500)),
        Posting(place, user_available(hold.user_id, "paper"), Amount(BTC, 15)),
    )
    return Settlement(f"s{next(_numbers)}", hold.hold_id, postings, close=True)


async def prepare(pool: Pool) -> None:
    async with unit_of_work(pool) as uow:
        for asset in (USDT, BTC):
            await ledger.ensure_asset(uow, asset)
    for first in range(1, USERS + 1, 200):
        grants = [
            Transaction(f"g{user}", "grant", (Posting(WORLD, user_available(user, "paper"), Amount(USDT, 10**15)),))
            for user in range(first, min(first + 200, USERS + 1))
        ]
        async with unit_of_work(pool) as uow:
            await ledger.post_many(uow, grants)


async def one(pool: Pool, requests: list[Request], timing: Timing) -> None:
    begun = time.perf_counter()
    async with unit_of_work(pool) as uow:
        await ledger.post_many(uow, requests)
    timing.latencies.append(time.perf_counter() - begun)
    timing.operations += len(requests)


async def client(pool: Pool, number: int, size: int, until: float, timing: Timing) -> None:
    """Holds and settles for its own share of the users until the time is up."""
    mine = list(range(number + 1, USERS + 1, CONNECTIONS))
    at = 0
    while time.perf_counter() < until:
        holds = [hold_request(mine[(at + step) % len(mine)]) for step in range(size)]
        at += size
        await one(pool, list(holds), timing)
        await one(pool, [settlement(hold) for hold in holds], timing)


async def measure(pool: Pool, *, clients: int, size: int, seconds: float) -> Timing:
    timing = Timing()
    with Stopwatch(timing):
        until = time.perf_counter() + seconds
        await asyncio.gather(*(client(pool, number, size, until, timing) for number in range(clients)))
    return timing


def pgbench(server: EmbeddedPostgres, seconds: float) -> float:
    """Transactions a second of its TPC-B-like script at as many connections."""
    base = [str(binaries() / "pgbench"), "-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres"]
    environment = {**os.environ, "PGPASSWORD": server.password("superuser").reveal()}
    if not server_has_pgbench(server):
        subprocess.run([*base, "-i", "-q", "-s", "10", "postgres"], env=environment, check=True, capture_output=True)
    run = [*base, "-n", "-c", str(CONNECTIONS), "-j", "2", "-T", str(max(round(seconds), 1)), "postgres"]
    printed = subprocess.run(run, env=environment, check=True, capture_output=True, text=True).stdout
    found = re.search(r"tps = ([\d.]+)", printed)
    if found is None:
        raise ValueError(f"pgbench said nothing of tps: {printed}")
    return float(found.group(1))


def server_has_pgbench(server: EmbeddedPostgres) -> bool:
    """Whether its tables were made before; remembered in a file beside the server."""
    mark = server.data.with_name("pgbench-is-ready")
    made = mark.exists()
    mark.touch()
    return made


async def run(server: EmbeddedPostgres, seconds: float, rounds: int) -> str:
    await migrate(server.owner_dsn, app_password=server.password("app"))
    pool = await create_pool(server.dsn("app"), application_name="bench", min_size=CONNECTIONS, max_size=CONNECTIONS)
    await prepare(pool)
    yardsticks, singles, sets, one_by_one = [], [], [], []
    for _ in range(rounds):
        yardsticks.append(await asyncio.to_thread(pgbench, server, seconds))
        singles.append(await measure(pool, clients=CONNECTIONS, size=1, seconds=seconds))
        sets.append(await measure(pool, clients=2, size=128, seconds=seconds))
        one_by_one.append(await measure(pool, clients=1, size=1, seconds=seconds))
    async with unit_of_work(pool) as uow:
        wrong = [line.asset for line in await ledger.check(uow) if not line.ok]
    await pool.close()
    yardstick = statistics.median(yardsticks)
    rows = [["pgbench TPC-B, 8 connections (yardstick)", f"{yardstick:,.0f}", "1.00", "", "", ""]]
    names = ["one by one, 8 connections", "sets of 128, 2 connections", "one by one, 1 connection"]
    for name, timings in zip(names, [singles, sets, one_by_one], strict=True):
        middle = sorted(timings, key=lambda timing: timing.per_second)[len(timings) // 2]
        rows.append(
            [
                name,
                f"{middle.per_second:,.0f}",
                f"{middle.per_second / yardstick:.2f}",
                f"{middle.percentile_ms(50):.2f}",
                f"{middle.percentile_ms(99):.2f}",
                f"{middle.cpu_s / middle.operations * 1e6:.0f}",
            ]
        )
    head = ["holds and settlements, all with fees", "a second", "of pgbench", "p50 ms", "p99 ms", "client µs"]
    clean = f"ledger wrong in {wrong}" if wrong else "ledger check: every unit is there"
    return f"{table(head, rows)}\n\nmedian of {rounds} rounds of {seconds:g} s; {clean}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.ledger")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--save", action="store_true")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="strongroom-bench-"))
    folder.chmod(0o711)
    server = EmbeddedPostgres(folder / "postgres")
    server.start()
    try:
        report("ledger", uvloop.run(run(server, given.seconds, given.rounds)), save=given.save)
    finally:
        server.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
