"""Telegram's limits: exact windows in Valkey and in memory, urgent ones first, pauses kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from bot.ending import end
from bot.limiter import Limiter, LocalWindows, Rates, Window

ONE_A_SECOND = Rates(per_second=1, chat_per_second=1, group_per_minute=20)
MANY = Rates(per_second=1_000, chat_per_second=1, group_per_minute=20)


@pytest.fixture
async def valkey(valkey_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(valkey_url)
    yield client
    await client.aclose()


@given(
    st.lists(st.integers(min_value=0, max_value=700), min_size=1, max_size=200),
    st.integers(min_value=1, max_value=30),
    st.integers(min_value=100, max_value=5_000),
)
def test_no_window_ever_holds_more_than_its_limit(steps: list[int], most: int, window_ms: int) -> None:
    windows, window = LocalWindows(), Window("k", most, window_ms)
    now, granted = 0.0, []
    for step in steps:
        now += step
        wait = windows.ask([window], now)
        if wait > 0:
            assert windows.ask([window], now) == wait, "a refusal counts nothing"
            now += wait
            assert windows.ask([window], now) == 0, "after the wait it goes"
        granted.append(now)
    for place, at in enumerate(granted):
        assert sum(1 for other in granted[: place + 1] if other > at - window_ms) <= most


def test_two_processes_without_valkey_share_the_bot_s_limit() -> None:
    windows, window = LocalWindows(), Window("k", 30, 1_000)
    assert sum(windows.ask([window], 0.0, share=2) == 0 for _ in range(40)) == 15


async def test_valkey_counts_for_all_processes_together(valkey: Redis) -> None:
    limiters = [Limiter(valkey, 1, Rates(30, 1, 20), lambda: 2) for _ in range(2)]
    window = [Rates(30, 1, 20).bot(1)]
    waits = [await limiters[place % 2]._ask(window) for place in range(40)]
    assert sum(wait <= 0 for wait in waits) == 30
    assert all(0 < wait <= 1.05 for wait in waits if wait > 0)


async def test_a_chat_gets_a_short_burst_and_a_group_twenty_a_minute(valkey: Redis) -> None:
    limiter = Limiter(valkey, 1, MANY, lambda: 1)
    private, group = [MANY.chat(1, 7)], [MANY.chat(1, -7)]
    assert [await limiter._ask(private) <= 0 for _ in range(4)] == [True, True, True, False]
    assert [await limiter._ask(group) <= 0 for _ in range(21)] == [True] * 20 + [False]
    assert await limiter._ask(group) > 55


async def test_the_most_urgent_of_those_who_wait_goes_first(valkey: Redis) -> None:
    limiter = Limiter(valkey, 1, Rates(1, 1, 20), lambda: 1)
    order: list[int] = []

    async def want(priority: int) -> None:
        await limiter.bot_permit(priority)
        order.append(priority)

    await want(5)
    waiting = [asyncio.create_task(want(priority)) for priority in (9, 5, 0)]
    await asyncio.sleep(0)
    running = asyncio.create_task(limiter.run())
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED, timeout=10)
    assert order == [5, 0]
    await end([running, *waiting])
    assert running.done()


async def test_a_pause_that_telegram_wants_is_kept_by_everybody(valkey: Redis) -> None:
    one, other = Limiter(valkey, 1, MANY, lambda: 1), Limiter(valkey, 1, MANY, lambda: 1)
    await one.pause(7, 30)
    assert 29 < await other._ask([MANY.chat(1, 7)]) <= 30
    assert await other._ask([MANY.chat(1, 8)]) <= 0


async def test_without_valkey_the_limits_are_kept_in_memory() -> None:
    gone = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
    limiter = Limiter(gone, 1, ONE_A_SECOND, lambda: 1)
    await limiter.bot_permit(5)
    assert await limiter._ask([ONE_A_SECOND.bot(1)]) > 0
    await limiter.pause(7, 30)
    assert await limiter._ask([ONE_A_SECOND.chat(1, 7)]) > 29
    await gone.aclose()
