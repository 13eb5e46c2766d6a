"""`python -m bench.validation [--orders 2000] [--save]`: an order's validation beside one indexed read, on one server, fsync on.

Validation is all that lies between 'the order is locked' and 'denied or passed': the decision's look at the database with the limits'
facts, sizing at the book, and the whole risk chain. It runs as a preview does, so that nothing is written; the account has a history of
orders, fills, open orders and limits of every scope. Goals: p99 at most 5 ms, at most 0.3 ms CPU.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import asyncpg
import uvloop

from bench.support import Stopwatch, Timing, report, table
from core.adapters.venues.paper.trouble import Trouble
from core.adapters.venues.paper.venue import PaperVenue
from core.db.pool import Pool, create_pool
from core.db.unit_of_work import unit_of_work
from core.kernel.clock import SystemClock
from core.risk import service as risk
from core.trading import decision_rows
from core.trading.decision_rows import Asking
from core.trading.judgment import judge
from core.trading.types import OrderCommand
from migrations.apply import migrate
from sandbox.postgres import EmbeddedPostgres
from tests.support.books import StaticBooks
from tests.support.desk import Desk, buy, make_desk

HISTORY, OPEN = 300, 40
BOOK = [(100 + number * Decimal("0.01"), 5) for number in range(1_000)]
BIDS = [(Decimal("99.99") - number * Decimal("0.01"), 5) for number in range(1_000)]


async def prepare(pool: Pool) -> tuple[Desk, int]:
    """A user with a history, open orders, a position, and limits of every scope with a history of their own."""
    books, clock = StaticBooks(), SystemClock()
    books.set("BTC/USDT", BIDS, BOOK)
    desk = await make_desk(pool, books=books, clock=clock)
    books.set("BTC/USDT", BIDS, BOOK)
    user = await desk.user()
    async with unit_of_work(pool) as uow:
        for scope in ("global", "venue:paper", "tier:standard", f"user:{user}"):
            for number in range(10):
                for name in ("orders_per_minute", "in_flight", "exposure:USDT", "price_band_bps"):
                    value = Decimal(1_000_000 + number)
                    await risk.set_limit(uow, scope=scope, name=name, value=value, set_by="bench", raises=scope != "global")
    for _ in range(HISTORY):
        await desk.trade(buy(user, 6))
    resting = PaperVenue(pool, books, clock, trouble=Trouble(rests=100, rest_for=timedelta(hours=1)))
    desk = await make_desk(pool, books=books, clock=clock, venue=resting)
    books.set("BTC/USDT", BIDS, BOOK)
    for _ in range(OPEN):
        await desk.trade(buy(user, 6))
    await pool.execute("analyze")
    return desk, user


async def measure(pool: Pool, orders: int, act: Callable[[asyncpg.Connection[asyncpg.Record]], Awaitable[None]]) -> Timing:
    """One after the other, each timed alone; only what `act` does."""
    timing = Timing(operations=orders)
    with Stopwatch(timing):
        for _ in range(orders):
            async with unit_of_work(pool, dry_run=True) as uow:
                began = time.perf_counter()
                await act(uow)  # type: ignore[arg-type]
                timing.latencies.append(time.perf_counter() - began)
    return timing


async def main(orders: int, *, save: bool) -> None:
    """Both in turn on one connection, printed side by side."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o711)  # noqa: PTH101, S103 - without namespaces the server runs as another user
        server = EmbeddedPostgres(Path(folder) / "postgres")
        server.start()
        try:
            await migrate(server.owner_dsn, app_password=server.password("app"))
            pool = await create_pool(server.dsn("app", "strongroom"), application_name="bench", max_size=4)
            text = await compare(pool, orders)
            pool.terminate()
        finally:
            server.stop()
    report("validation", text, save=save)


async def compare(pool: Pool, orders: int) -> str:
    """The table."""
    desk, user = await prepare(pool)
    context, command = desk.trading._context, buy(user, 20)
    book = desk.books.set("BTC/USDT", BIDS, BOOK)

    async def read(uow: object) -> None:
        await uow.connection.fetchrow("select * from users where id = $1", user)  # type: ignore[attr-defined]

    async def validate(uow: object) -> None:
        await validated(uow, command)

    async def validated(uow: object, command: OrderCommand) -> None:
        now = desk.clock.now()
        fresh = replace(book, observed_at=now)
        facts = await decision_rows.decision_facts(uow, command, Asking(now, timedelta(seconds=3), context.volatility, fresh))  # type: ignore[arg-type]
        if facts is None or judge(context, command, facts, fresh, now).denied is not None:
            raise RuntimeError("the order should pass")

    await measure(pool, 200, validate)
    rows, cpu = [], {}
    for name, act in (("one indexed read", read), ("validation", validate)):
        timing = await measure(pool, orders, act)
        cpu[name] = timing.cpu_s / orders * 1000
        rows.append([name, *(f"{timing.percentile_ms(percent):.2f}" for percent in (50, 95, 99)), f"{cpu[name]:.2f}"])
    empty = await measure(pool, orders, _nothing)
    around = empty.cpu_s / orders * 1000
    text = table([f"{orders} times, ms", "p50", "p95", "p99", "CPU"], rows)
    return (
        f"{text}\n\nCPU of this process, {around:.2f} ms of it the unit of work: validation alone {cpu['validation'] - around:.2f} ms "
        f"(goal 0.3), p99 goal 5 ms; {HISTORY} orders done, {OPEN} open, 1,000 levels a side"
    )


async def _nothing(_: object) -> None: ...


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=2_000)
    parser.add_argument("--save", action="store_true")
    chosen = parser.parse_args()
    uvloop.run(main(chosen.orders, save=chosen.save))
