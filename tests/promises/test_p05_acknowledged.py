"""P5: what was acknowledged is never lost. A whole desk under load; its processes are killed with -9 at random moments.

Acknowledged is what the world saw: an answer 200 from the webhook, or 'Accepted' in a user's chat. Present is a durable row. The two
are compared after the kills; then every order must end, and the ledger and the exchange must agree.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from core.db.pool import Pool
from sandbox.postgres import EmbeddedPostgres
from sandbox.telegram.client import TelegramSandbox
from tests.journeys.conftest import pool_of, telegram_of
from tests.journeys.desk import Desk
from tests.journeys.trader import NET, Trader
from tests.planted.registry import plant_from_environment
from tests.promises.conftest import Proof
from tests.support.books import write_recording
from tests.support.waiting import eventually

SECRET = "webhook-secret-of-this-test"
VICTIMS = {"api": 1, "bot": 1, "worker": 1, "relay": 1, "streams": 1, "beat": 1, "valkey": 1, "postgres": 3}
"""How often each is chosen."""
PAUSE_S = 0.05
"""Between two updates of one poster: load, not a flood."""
TRADERS = 4
FIRST_FORGED_ID = 10**12
"""Above every id of the sandbox, so that no update meets another's."""


@dataclass
class Seen:
    """What the world was told."""

    updates: set[int] = field(default_factory=set)
    accepted: set[int] = field(default_factory=set)


@asynccontextmanager
async def desk_with_webhook(folder: Path) -> AsyncIterator[Desk]:
    market = folder / "market"
    market.mkdir()
    write_recording(market)
    desk = Desk(folder / "desk", {"MARKET_DATA_DIR": str(market), "SWEEP_AFTER_MS": "3000", "TELEGRAM_WEBHOOK_SECRET": SECRET})
    desk.settings["TELEGRAM_WEBHOOK_URL"] = f"{desk.address}/telegram/webhook"
    await desk.start()
    try:
        yield desk
    finally:
        await desk.stop()


async def post_updates(desk: Desk, seen: Seen, ids: count[int], done: asyncio.Event) -> None:
    """Telegram's side: one update after the other, each noted when it was answered with 200, each sent once."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        while not done.is_set():
            number = next(ids)
            person = {"id": number, "is_bot": False, "first_name": "Load"}
            message = {"message_id": 1, "date": 1, "chat": {"id": number, "type": "private"}, "from": person, "text": "hello"}
            with suppress(*NET):
                async with session.post(
                    f"{desk.address}/telegram/webhook", json={"update_id": number, "message": message}, headers=headers
                ) as answer:
                    if answer.status == 200:
                        seen.updates.add(number)
            await asyncio.sleep(PAUSE_S)


async def trade(telegram: TelegramSandbox, seen: Seen, number: int, done: asyncio.Event) -> None:
    """One user ordering again and again; an order counts from the moment the chat says it was accepted."""
    trader = Trader(telegram.user(number), patience_s=120)
    await trader.start()
    amount = 10
    while not done.is_set():
        order = await trader.order(f"/buy BTC/USDT {amount}")
        await trader.read(r"Accepted|Submitted|Bought|Expired|Denied", message_id=order.message_id)
        seen.accepted.add(order.message_id * 100_000 + number)
        await trader.final(order)
        amount += 1


async def kill(desk: Desk, proof: Proof, times: int) -> None:
    """Random victims at random moments under load; each is back before the next goes."""
    for _ in range(times):
        await asyncio.sleep(proof.random.uniform(0, 0.4))  # the moment is what is random; nothing is waited for
        [victim] = proof.random.choices(list(VICTIMS), list(VICTIMS.values()))
        old = await desk.signal(victim, signal.SIGKILL)
        await desk.wait_restarted(victim, old)


async def missing_updates(pool: Pool, seen: Seen) -> list[int]:
    """Updates that were answered with 200 and are not there."""
    found = await pool.fetch("select update_id from inbox_updates where update_id = any($1::bigint[])", sorted(seen.updates))
    return sorted(seen.updates - {row["update_id"] for row in found})


async def missing_orders(pool: Pool, seen: Seen) -> list[int]:
    """Messages that said 'Accepted' and belong to no order."""
    found = await pool.fetch(
        "select m.telegram_message_id * 100000 + o.chat_id as seen from orders o join outbox_messages m using (chat_id, message_key)"
    )
    return sorted(seen.accepted - {row["seen"] for row in found})


async def plant_in(desk: Desk) -> None:
    """The planted bug of this run, if any, in the desk's own database."""
    superuser = await asyncpg.connect(EmbeddedPostgres(desk.folder / "postgres").dsn("superuser").reveal())
    await plant_from_environment().apply_to_database(superuser)
    await superuser.close()


@pytest.mark.timeout(300)
async def test_what_was_acknowledged_is_there_whatever_was_killed(tmp_path: Path, proof: Proof) -> None:
    kills = proof.size(test=8, promises=200, soak=5_000)
    seen, done, ids = Seen(), asyncio.Event(), count(FIRST_FORGED_ID)
    async with desk_with_webhook(tmp_path) as desk:
        await plant_in(desk)
        async with await telegram_of(desk) as telegram:
            load = [asyncio.create_task(post_updates(desk, seen, ids, done)) for _ in range(4)]
            load += [asyncio.create_task(trade(telegram, seen, number, done)) for number in range(1, TRADERS + 1)]
            await eventually(lambda: len(seen.accepted) >= TRADERS, timeout=60)
            await kill(desk, proof, kills)
            done.set()
            await asyncio.gather(*load)
        pool = await pool_of(desk)
        try:
            assert await missing_updates(pool, seen) == []
            assert await missing_orders(pool, seen) == []
            open_orders = "select count(*) from orders where state in ('INITIALIZED','SUBMITTED','ACCEPTED','PARTIALLY_FILLED')"

            async def all_final() -> bool:
                return int(await pool.fetchval(open_orders)) == 0

            await eventually(all_final, timeout=60)
            status, output = await desk.ledger_check()
            assert status == 0, output
            twice = "select count(*) from (select client_order_id from paper_venue_orders group by 1 having count(*) > 1) as twice"
            assert await pool.fetchval(twice) == 0
        finally:
            pool.terminate()
    assert seen.updates
    proof.record(f"{kills} kills, {len(seen.updates)} updates answered 200 and {len(seen.accepted)} orders accepted, all present")
