"""Telegram's `retry_after` and its outages: kept for the whole bot when it means the whole bot, never a reason to drop a message."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bot.limiter import Limiter, Rates
from core.db.unit_of_work import unit_of_work
from core.outbox import service as outbox
from tests.bot.test_sender import say
from tests.support.telegram_desk import TelegramDesk
from tests.support.waiting import eventually

MANY = Rates(per_second=1_000, chat_per_second=100, group_per_minute=20)
BOT, FIRST, SECOND, THIRD = [MANY.bot(1)], [MANY.chat(1, 7)], [MANY.chat(1, 8)], [MANY.chat(1, 9)]


@pytest.fixture
async def counters(valkey_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(valkey_url)
    yield client
    await client.aclose()


async def test_two_chats_refused_at_once_pause_the_whole_bot_for_the_shorter_of_the_two_waits(counters: Redis) -> None:
    one, other = Limiter(counters, 1, MANY, lambda: 1), Limiter(counters, 1, MANY, lambda: 1)
    await one.refused(7, 60)
    assert await one._ask(BOT) == 0, "one chat alone is that chat's matter"
    await one.refused(8, 30)
    assert 29 < await one._ask(BOT) <= 30
    assert 29 < await other._ask(BOT) <= 30, "other processes know"
    assert 59 < await one._ask(FIRST) <= 60, "each chat waits for its own"
    assert await one._ask(THIRD) == 0, "chats that were not refused wait for the bot only"


async def test_one_chat_refused_twice_pauses_nobody_else(counters: Redis) -> None:
    limiter = Limiter(counters, 1, MANY, lambda: 1)
    await limiter.refused(7, 30)
    await limiter.refused(7, 30)
    assert await limiter._ask(BOT) == 0


async def test_a_shorter_pause_never_ends_a_longer_one(counters: Redis) -> None:
    one, other = Limiter(counters, 1, MANY, lambda: 1), Limiter(counters, 1, MANY, lambda: 1)
    await one.pause(7, 60)
    await one.pause(7, 1)
    await other.pause(7, 1)
    assert await one._ask(FIRST) > 59
    await one.pause(8, 1)
    assert await Limiter(counters, 1, MANY, lambda: 1)._ask(FIRST) > 59


async def test_a_valkey_that_forgets_everything_does_not_end_a_pause(counters: Redis) -> None:
    limiter = Limiter(counters, 1, MANY, lambda: 1)
    await limiter.pause(7, 60)
    await counters.flushdb()
    assert await limiter._ask(FIRST) > 59
    assert await limiter._ask(SECOND) == 0


async def test_who_waits_for_the_bot_waits_for_its_pause(counters: Redis) -> None:
    limiter = Limiter(counters, 1, MANY, lambda: 1)
    await limiter.pause(None, 60)
    waiting = asyncio.create_task(limiter.bot_permit(0))
    await eventually(lambda: limiter._queue)
    assert not waiting.done()
    waiting.cancel()


async def test_a_message_outlives_any_number_of_failures(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await desk.telegram.fail("sendMessage", 502)
    async with unit_of_work(desk.pool) as uow:
        row_id = await outbox.append_chat(uow, chat_id=7, message_key="m", screen="help", data={})
        await uow.connection.execute("update outbox_chat set attempts = 1000 where id = $1", row_id)

    async def refused() -> bool:
        return bool(await desk.pool.fetchval("select attempts = 1001 from outbox_chat where id = $1", row_id))

    await eventually(refused)
    assert await desk.pool.fetchval("select state from outbox_chat where id = $1", row_id) == "pending"
    await desk.pool.execute("update outbox_chat set not_before = now() where id = $1", row_id)
    await say(desk.pool, "next", key="n")
    assert await user.wait_for_message("/portfolio what you have")
