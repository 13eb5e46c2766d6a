"""`python -m bench.tap_to_wire [--orders 400] [--rate 20] [--save]`: from a tap on Confirm to the order at the venue, over a whole desk.

Begins before the tap is given to the Telegram sandbox and ends when the paper venue (latency 0) takes the order, so it holds the
sandbox's delivery, the poller, inbox, handler, Celery, decision and every commit. Flood limits are lifted, and said so. Yardstick in
the same run at the same rate: a bare pipeline of one committed SQL insert, a Redis stream and an HTTP request on the same servers.
Goals: p50 at most 25 ms, p99 at most 100 ms, and at most 3 times the bare pipeline. A second table says where the time goes
(`bench/stages.py`), a third what CPU an order costs each process from its tap to its last message.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import redis.asyncio
import uvloop
from aiohttp import web

from bench import stages
from bench.support import Timing, report, table
from core.db.pool import Pool
from sandbox.telegram.client import ChatMessage, SandboxUser, TelegramSandbox
from tests.journeys.conftest import pool_of, telegram_of
from tests.journeys.desk import Desk
from tests.journeys.trader import FINAL
from tests.support.books import write_recording

USERS = 100
LIFTED = {
    "PAPER_LATENCY_MS": "0",
    "DUPLICATE_WINDOW_MS": "0",
    "OVERLOAD_BURST": "1000000",
    "TELEGRAM_MESSAGES_PER_SECOND": "1000000",
    "TELEGRAM_CHAT_MESSAGES_PER_SECOND": "1000",
}
Tap = Callable[[int], Coroutine[Any, Any, None]]


async def at_rate(rate: float, total: int, act: Tap) -> None:
    """Starts `act` `rate` times a second, whatever the earlier ones do; waits for all."""
    began, running = time.perf_counter(), []
    for number in range(total):
        wait = began + number / rate - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        running.append(asyncio.create_task(act(number)))
    await asyncio.gather(*running)


async def previews(telegram: TelegramSandbox, total: int) -> list[tuple[SandboxUser, ChatMessage]]:
    """Orders waiting for their Confirm, over many users."""
    users = [telegram.user(1_000 + number) for number in range(min(USERS, total))]

    async def prepare(number: int) -> tuple[SandboxUser, ChatMessage]:
        user = users[number % len(users)]
        sent = await user.send(f"/buy BTC/USDT {10 + number // len(users)}")
        return user, await user.wait_for_message(button="Confirm", after=sent.message_id, timeout_s=60)

    turns = asyncio.Semaphore(8)

    async def one(number: int) -> tuple[SandboxUser, ChatMessage]:
        async with turns:
            return await prepare(number)

    return list(await asyncio.gather(*(one(number) for number in range(total))))


@dataclass
class Measured:
    """Latencies from the tap to the venue, when each message was tapped, and CPU seconds of each process meanwhile."""

    timing: Timing
    tapped: dict[tuple[int, int], float]
    cpu_s: dict[str, float]


async def measure_desk(desk: Desk, total: int, rate: float) -> Measured:
    """Taps at `rate`."""
    pool = await pool_of(desk)
    async with await telegram_of(desk) as telegram:
        await telegram.limits(enabled=False)
        waiting = await previews(telegram, total)
        tapped: dict[tuple[int, int], float] = {}

        async def tap(number: int) -> None:
            user, message = waiting[number]
            tapped[message.chat_id, message.message_id] = time.time()
            await user.press(message, "Confirm")

        before = await used(desk)
        await at_rate(rate, total, tap)
        for user, message in waiting:
            await user.wait_for_message(regex=FINAL, message_id=message.message_id, timeout_s=60)
        cpu_s = {name: seconds - before.get(name, 0) for name, seconds in (await used(desk)).items()}
    arrived = await taken_at(pool)
    pool.terminate()
    timing = Timing(operations=total, latencies=[arrived[key] - at for key, at in tapped.items() if key in arrived])
    return Measured(timing, tapped, cpu_s)


async def used(desk: Desk) -> dict[str, float]:
    """CPU seconds so far of each process of the desk, with its children."""
    listing = await desk.get("/sandbox")
    spent: dict[str, float] = {}
    for one in listing["processes"]:
        process = psutil.Process(one["pid"])
        for part in (process, *process.children(recursive=True)):
            times = part.cpu_times()
            spent[one["name"]] = spent.get(one["name"], 0.0) + times.user + times.system
    return spent


async def taken_at(pool: Pool) -> dict[tuple[int, int], float]:
    """When the venue took the order of each message, in seconds since the epoch."""
    rows = await pool.fetch(
        """select m.chat_id, m.telegram_message_id, extract(epoch from p.accepted_at)::float8 as at
           from paper_venue_orders p join orders o using (client_order_id)
           join outbox_messages m on m.chat_id = o.chat_id and m.message_key = o.message_key"""
    )
    return {(row["chat_id"], row["telegram_message_id"]): row["at"] for row in rows}


async def measure_bare(desk: Desk, total: int, rate: float) -> Timing:
    """The bare pipeline on the desk's own servers: insert and commit → stream → reader → HTTP."""
    arrived: defaultdict[int, asyncio.Event] = defaultdict(asyncio.Event)
    timing = Timing(operations=total)

    async def take(request: web.Request) -> web.Response:
        arrived[int(await request.text())].set()
        return web.Response()

    runner = web.AppRunner(_application(take))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    pool = await pool_of(desk)
    valkey = redis.asyncio.Redis.from_url(desk.addresses()["redis_url"])
    reader = asyncio.create_task(_forward(valkey, address, total))

    async def tap(number: int) -> None:
        began = time.perf_counter()
        await pool.execute(
            "insert into inbox_updates (bot_id, update_id, sender_id, shard, payload, state) values (0, $1, 0, 0, '{}', 'done')", number
        )
        await valkey.xadd("bench", {"n": number})
        await arrived[number].wait()
        timing.latencies.append(time.perf_counter() - began)

    await at_rate(rate, total, tap)
    await reader
    await valkey.aclose()
    pool.terminate()
    await runner.cleanup()
    return timing


def _application(take: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.Application:
    application = web.Application()
    application.router.add_post("/", take)
    return application


async def _forward(valkey: Any, address: str, total: int) -> None:
    last, done = b"0", 0
    async with aiohttp.ClientSession() as session:
        while done < total:
            for _, entries in await valkey.xread({"bench": last}, block=1000, count=16):
                for entry, fields in entries:
                    last = entry
                    async with session.post(address, data=fields[b"n"]):
                        done += 1


async def main(total: int, rate: float, *, save: bool) -> None:
    """Runs both and prints them side by side."""
    with tempfile.TemporaryDirectory() as folder:
        market = Path(folder) / "market"
        market.mkdir()
        write_recording(market, asks=[(100, 1), (101, 1_000_000)], bids=[(99, 1_000_000)])
        desk = Desk(Path(folder) / "desk", {"MARKET_DATA_DIR": str(market), **LIFTED})
        server = stages.keep_commit_times(desk.folder)
        try:
            await desk.start()
            await stages.note_taps(server)
            bare = await measure_bare(desk, total, rate)
            measured = await measure_desk(desk, total, rate)
            moments = await stages.read(server)
        finally:
            await desk.stop()
    ours = measured.timing
    names = ("bare pipeline", bare), ("tap to wire", ours)
    rows = [[name, str(len(one.latencies)), *(f"{one.percentile_ms(percent):.1f}" for percent in (50, 95, 99))] for name, one in names]
    ratio = ours.percentile_ms(50) / bare.percentile_ms(50)
    text = table([f"at {rate:g}/s, milliseconds", "orders", "p50", "p95", "p99"], rows)
    text += f"\n\nratio of the medians {ratio:.1f} (goal at most 3; p50 at most 25 ms, p99 at most 100 ms); flood limits lifted"
    text += f"\n\n{stages.breakdown(measured.tapped, moments)}"
    cpu = [[name, f"{seconds / total * 1000:.1f}"] for name, seconds in sorted(measured.cpu_s.items(), key=itemgetter(1), reverse=True)]
    text += f"\n\n{table(['CPU an order, until its last message', 'ms'], cpu)}"
    report("tap_to_wire", text, save=save)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=400)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--save", action="store_true")
    chosen = parser.parse_args()
    uvloop.run(main(chosen.orders, chosen.rate, save=chosen.save))
