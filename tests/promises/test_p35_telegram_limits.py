"""P35: Telegram's limits are kept, trade confirmations go before broadcasts, nothing is lost.

A broadcast to all users runs through the real outbox, sender and limiter against a stand-in that enforces Telegram's buckets (the
bot's rate scaled up, the chat's as it is) and counts. Meanwhile orders are confirmed: each confirmation may be overtaken by no more
messages of the broadcast than are on their way at one moment. The second proof is the same, smaller, against the sandbox over HTTP.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.asyncio import Redis

from bot.catalog import load_catalog
from bot.ending import end
from bot.limiter import Limiter, Rates
from bot.recorder import Recorder
from bot.sender import Sender
from bot.telegram_watch import TelegramWatch
from core.db import leases
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.clock import SystemClock
from core.kernel.secret import Secret
from core.kernel.shards import SHARDS
from core.notifications import broadcasts
from core.notifications.broadcast_types import Segment, State
from core.outbox import service as outbox
from sandbox.telegram.settings import FloodLimits, SandboxSettings
from tests.promises.conftest import Proof
from tests.support.flood import AllShards, CountingTelegram
from tests.support.telegram_desk import telegram_desk
from tests.support.waiting import eventually

PER_SECOND = {"test": 40, "promises": 150, "soak": 150}
"""Less than this machine can send, so that the limit is what holds the messages back."""
MOST_OVERTAKING = 32
"""Messages of a broadcast on their way at one moment (16), and as many between a commit and the sender's next look."""
WAITING = "select count(*) >= 10 from outbox_chat where state = 'pending' and priority = 9"
CONFIRMED = "order confirmed"


async def accounts(pool: Pool, count: int) -> None:
    await pool.execute(
        "insert into users (telegram_user_id, private_chat_id, referral_code) select n, n, 'C' || n from generate_series(1, $1) as n", count
    )


async def begin(pool: Pool) -> int:
    async with unit_of_work(pool) as uow:
        draft = await broadcasts.create(uow, segment=Segment(), texts={"en": "News"}, actor="ops:test")
        return (await broadcasts.start(uow, draft.id, actor="ops:test")).id


async def drive(pool: Pool, broadcast_id: int) -> None:
    """What the worker's task does, until the broadcast is over."""
    while True:
        async with unit_of_work(pool) as uow:
            told = await broadcasts.advance(uow, datetime.now(UTC))
            done = (await broadcasts.progress(uow, broadcast_id)).broadcast.state is State.DONE
        if done:
            return
        if told == 0:
            await asyncio.sleep(0.02)  # the task comes every two seconds


@asynccontextmanager
async def sending(pool: Pool, valkey_url: str, telegram: CountingTelegram) -> AsyncIterator[None]:
    """The bot's sender and limiter, with nothing else of the bot."""
    lease = await leases.acquire(pool, "flood", "test", timedelta(hours=5))
    assert lease is not None
    valkey, woken, recorder = Redis.from_url(valkey_url), asyncio.Event(), Recorder(pool)
    limiter = Limiter(valkey, 1, Rates(telegram.per_second, 1, 20), lambda: 1)
    shards: Any = AllShards(lease, tuple(range(SHARDS)))
    bot: Any = telegram
    sender = Sender(pool, shards, bot, load_catalog(), limiter, recorder, SystemClock(), woken, TelegramWatch())

    async def wake() -> None:
        while True:
            woken.set()
            await asyncio.sleep(0.02)

    running = [asyncio.create_task(work) for work in (recorder.run(), limiter.run(), sender.run(), wake())]
    try:
        yield
    finally:
        await end(running)
        await sender.close()
        await valkey.aclose()


async def confirm(pool: Pool, chat_id: int, number: int) -> None:
    """The last state of an order's message."""
    async with unit_of_work(pool) as uow:
        await outbox.append_chat(
            uow,
            chat_id=chat_id,
            message_key=f"order:{number}",
            screen="text",
            data={"id": "symbol-unknown", "params": {"symbol": f"{CONFIRMED} {number}"}},
            priority=outbox.CONFIRMATION,
        )


async def confirm_all_along(pool: Pool, proof: Proof, telegram: CountingTelegram, users: int, count: int) -> list[int]:
    """One confirmation after the other while the broadcast runs; how many messages of it overtook each."""
    overtaken = []
    for number in range(count):
        await eventually(lambda due=users * number // (count + 1): len(telegram.order) >= due, 7_200)  # type: ignore[misc]
        chat_id = proof.random.randint(1, users)
        await confirm(pool, chat_id, number)
        before = len(telegram.order)

        def arrived(since: int = before, wanted: str = f"{CONFIRMED} {number} ") -> int | None:
            return next((place for place, (_, text) in enumerate(telegram.order[since:], 1) if text.startswith(wanted)), None)

        place = await eventually(arrived, 60, what=f"confirmation {number}")
        assert place is not None
        overtaken.append(place - 1)
    return overtaken


async def test_a_broadcast_keeps_the_limits_lets_confirmations_go_first_and_loses_nobody(pool: Pool, valkey_url: str, proof: Proof) -> None:
    users = proof.size(test=280, promises=100_000, soak=300_000)
    confirmations = proof.size(test=10, promises=400, soak=1_000)
    telegram = CountingTelegram(PER_SECOND[proof.tier])
    await accounts(pool, users)
    broadcast_id = await begin(pool)
    async with sending(pool, valkey_url, telegram):
        driving = asyncio.create_task(drive(pool, broadcast_id))
        overtaken = await confirm_all_along(pool, proof, telegram, users, confirmations)
        await driving
        await eventually(lambda: len(telegram.order) >= users + confirmations, 7_200)
    assert telegram.refused == 0, f"Telegram refused {telegram.refused} messages"
    assert max(overtaken) <= MOST_OVERTAKING, f"a broadcast overtook a confirmation {max(overtaken)} times"
    news = Counter(chat for chat, text in telegram.order if "News" in text)
    assert news == Counter(range(1, users + 1)), "somebody was left out or told twice"
    proof.record(
        f"{users:,} users told once each at {telegram.per_second:,} a second, no limit broken; {confirmations:,} confirmations, "
        f"overtaken by {max(overtaken)} messages at most"
    )


async def test_the_same_against_telegram_s_sandbox(app_dsn: Secret, pool: Pool, valkey_url: str, proof: Proof) -> None:
    users = proof.size(test=60, promises=300, soak=1_000)
    rate = 30
    limits = SandboxSettings(limits=FloodLimits(bot_per_second=rate, bot_burst=rate))
    async with telegram_desk(
        app_dsn, pool, valkey_url, sandbox=limits, telegram_messages_per_second=rate, telegram_chat_messages_per_second=1
    ) as desk:
        for number in range(1, users + 1):
            await desk.user(number)
        await accounts(pool, users)
        broadcast_id = await begin(pool)
        driving = asyncio.create_task(drive(pool, broadcast_id))
        await eventually(lambda: pool.fetchval(f"{WAITING} and exists (select from outbox_chat where state = 'sent')"))
        await confirm(pool, users, 1)
        await desk.telegram.user(users).wait_for_message(f"{CONFIRMED} 1 ", timeout_s=20)
        waiting = await pool.fetchval(WAITING.replace("count(*) >= 10", "count(*)"))
        assert waiting > 0, "the confirmation came last"
        await driving
        await eventually(lambda: pool.fetchval("select count(*) = 0 from outbox_chat where state = 'pending'"), users)
        states = await pool.fetch("select state, attempts from outbox_chat")
        assert {row["state"] for row in states} == {"sent"}
        assert {row["attempts"] for row in states} == {1}, "Telegram said retry_after"
        for number in range(1, users + 1):
            shown = [message.text for message in await desk.telegram.user(number).chat() if message.from_bot]
            assert sum("News" in text for text in shown) == 1
    proof.record(f"{users:,} users over HTTP at {rate} a second, no 429; a confirmation passed {waiting} that waited")
