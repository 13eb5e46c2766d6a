"""Journeys over a whole desk: real processes, chat through the Telegram sandbox, parts stopped, killed and started again."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import Awaitable, Callable
from decimal import Decimal

import psutil
import pytest
from redis import Redis

from core.db.pool import Pool
from sandbox.telegram.client import TelegramSandbox
from tests.journeys.conftest import pool_of, rows, telegram_of
from tests.journeys.desk import Desk
from tests.journeys.trader import FINAL, Trader
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(300)
StartDesk = Callable[..., Awaitable[Desk]]
USERS = 50
KILLED = ("worker", "bot", "api", "relay", "streams", "beat", "valkey", "postgres")


async def truth(pool: Pool) -> tuple[int, int]:
    """From the exchange's own books: how many orders it executed, and how many more than once for one client order id."""
    executed = await rows(pool, "select client_order_id, count(*) as times from paper_venue_orders group by client_order_id")
    return len(executed), sum(1 for row in executed if row["times"] > 1)


async def assert_sound(desk: Desk, pool: Pool) -> None:
    """The ledger adds up, nothing is held, nothing was executed twice, every order is final."""
    status, output = await desk.ledger_check()
    assert status == 0, output
    [[pending]] = await rows(pool, "select count(*) from ledger_holds where state = 'pending'")
    assert pending == 0
    assert (await truth(pool))[1] == 0
    unsettled = await rows(pool, "select id, state from orders where state not in ('DENIED', 'REJECTED', 'FILLED', 'CANCELED', 'EXPIRED')")
    assert unsettled == []


async def test_an_odd_book_is_bought_and_sold_exactly_as_walking_it_gives(start_desk: StartDesk) -> None:
    desk = await start_desk()
    async with await telegram_of(desk) as telegram:
        trader = Trader(telegram.user(7))
        await trader.start()
        preview = await trader.order("/buy BTC/USDT 2.5 BTC")
        bought = await trader.final(preview)
        assert re.match(r"^\W*Bought 2\.5 BTC", bought.text), bought.text
        assert "Average price: 220 USDT" in bought.text
        assert "Venue fee: 0.55 USDT" in bought.text
        assert "recorded" in bought.text
        assert bought.message_id == preview.message_id, "one message, edited in place"
        sold = await trader.final(await trader.order("/sell BTC/USDT 50%"))
        assert re.match(r"^\W*Sold 1\.25 BTC", sold.text), sold.text
        assert "Average price: 82 USDT" in sold.text, "1 at 90 and 0.25 at 50"
        assert "Realised profit: -" in sold.text or "Realised profit: \N{MINUS SIGN}" in sold.text
    pool = await pool_of(desk)
    try:
        await assert_sound(desk, pool)
        [order] = await rows(pool, "select * from orders where side = 'buy'")
        assert (order["filled_quantity"], order["filled_notional"]) == (Decimal("2.5"), Decimal(550))
    finally:
        pool.terminate()


async def test_workers_stopped_and_valkey_flushed_accepted_comes_nothing_fills_continued_exactly_one_fill(start_desk: StartDesk) -> None:
    desk = await start_desk(SWEEP_AFTER_MS="2000")
    pool = await pool_of(desk)
    try:
        async with await telegram_of(desk) as telegram:
            trader = Trader(telegram.user(7))
            await trader.start()
            stopped = [psutil.Process(await desk.pid("worker"))]
            stopped += stopped[0].children(recursive=True)
            for process in stopped:
                process.suspend()
            order = await trader.order("/buy BTC/USDT 50")
            accepted = await trader.read("Accepted", message_id=order.message_id)
            assert not re.match(FINAL, accepted.text)
            with Redis.from_url(desk.addresses()["redis_url"]) as valkey:
                valkey.flushall()
            assert (await truth(pool))[0] == 0
            for process in stopped:
                process.resume()
            bought = await trader.final(order)
            assert re.match(r"^\W*Bought", bought.text), bought.text
        await assert_sound(desk, pool)
        assert await truth(pool) == (1, 0)
        [[fills]] = await rows(pool, "select count(*) from fills")
        assert fills == 1
    finally:
        pool.terminate()


async def test_stopped_and_started_again_portfolio_open_order_and_pending_message_are_there(start_desk: StartDesk) -> None:
    desk = await start_desk()
    async with await telegram_of(desk) as telegram:
        trader = Trader(telegram.user(7))
        await trader.start()
        await trader.final(await trader.order("/buy BTC/USDT 50"))
        for name in ("worker", "relay", "beat"):
            for process in [psutil.Process(await desk.pid(name)), *psutil.Process(await desk.pid(name)).children(recursive=True)]:
                process.suspend()
        waiting = await trader.order("/buy BTC/USDT 60")
        await trader.read("Accepted", message_id=waiting.message_id)
    await desk.stop()
    await desk.start()
    async with await telegram_of(desk) as telegram:
        trader = Trader(telegram.user(7))
        assert re.match(r"^\W*Bought", (await trader.final(waiting)).text)
        sent = await trader.say("/portfolio")
        portfolio = await trader.read("BTC/USDT", after=sent.message_id)
        assert "1.09" in portfolio.text, portfolio.text
    pool = await pool_of(desk)
    try:
        await assert_sound(desk, pool)
        assert await truth(pool) == (2, 0)
    finally:
        pool.terminate()


async def test_killing_the_supervisor_ends_everything_and_loses_nothing(start_desk: StartDesk) -> None:
    desk = await start_desk()
    async with await telegram_of(desk) as telegram:
        trader = Trader(telegram.user(7))
        await trader.start()
        await trader.final(await trader.order("/buy BTC/USDT 50"))
    family = desk.family()
    assert len(family) > 8
    os.kill(family[0].pid, signal.SIGKILL)
    _, alive = await asyncio.to_thread(psutil.wait_procs, family, timeout=10)
    assert alive == []
    await desk.stop()
    await desk.start()
    async with await telegram_of(desk) as telegram:
        trader = Trader(telegram.user(7))
        sent = await trader.say("/orders")
        assert "BTC/USDT" in (await trader.read("BTC/USDT", after=sent.message_id)).text
    pool = await pool_of(desk)
    try:
        await assert_sound(desk, pool)
        assert await truth(pool) == (1, 0)
    finally:
        pool.terminate()


async def kill_in_turn(desk: Desk) -> None:
    """Every part once, each when the one before is back."""
    for name in KILLED:
        old = await desk.signal(name, signal.SIGKILL)
        await desk.wait_restarted(name, old)


async def one_person(telegram: TelegramSandbox, number: int) -> str:
    """Opens an account, buys, and reads the last word on what was bought."""
    trader = Trader(telegram.user(1000 + number), patience_s=90)
    await trader.start()
    return (await trader.fill(f"/buy BTC/USDT {20 + number}")).text


@pytest.mark.timeout(600)
async def test_fifty_users_at_once_while_each_process_is_killed_in_turn(start_desk: StartDesk) -> None:
    desk = await start_desk(SWEEP_AFTER_MS="3000")
    async with await telegram_of(desk) as telegram:
        people = [asyncio.create_task(one_person(telegram, number)) for number in range(USERS)]
        await kill_in_turn(desk)
        texts = await asyncio.gather(*people)
    pool = await pool_of(desk)
    try:

        async def quiet() -> bool:
            [[waiting]] = await rows(pool, "select count(*) from outbox_chat where state = 'pending'")
            return int(waiting) == 0

        await eventually(quiet, timeout=60)
        await assert_sound(desk, pool)
        filled = await rows(pool, "select user_id from orders where state = 'FILLED'")
        assert sorted(row["user_id"] for row in filled) == sorted({row["user_id"] for row in filled}), "nobody bought twice"
        assert len(filled) == sum(1 for text in texts if re.match(r"^\W*Bought", text)) == USERS
        assert (await truth(pool))[0] == USERS
    finally:
        pool.terminate()
