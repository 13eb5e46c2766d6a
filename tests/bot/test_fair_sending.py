"""One chat's backlog leaves the others theirs, a denied preview says what was asked, and updates do not wait for the profile."""

from __future__ import annotations

import asyncio

import pytest

from bot import app, wake
from core.db.pool import Pool
from core.kernel.secret import Secret
from tests.bot.test_sender import say
from tests.support.telegram_desk import TelegramDesk, running_bot, telegram_desk


async def test_a_chat_with_many_waiting_rows_does_not_hold_up_the_others(
    app_dsn: Secret, pool: Pool, valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wake, "FALLBACK_S", 600.0)  # no look by the clock comes to help
    async with telegram_desk(app_dsn, pool, valkey_url, run=False) as desk:
        busy = await desk.user(7)
        for number in range(140):
            await say(pool, f"busy-{number}", key=f"k{number}")
        other = await desk.user(8)
        await say(pool, "mine", chat_id=8)
        await desk.telegram.fail("sendMessage", 429, retry_after=1, chat_id=7)
        async with running_bot(desk.settings):
            mine = await other.wait_for_message("mine")
        before = [one for one in await busy.chat() if one.from_bot and one.raw["sent_at"] < mine.raw["sent_at"]]
        assert len(before) < 12


async def test_a_denied_preview_says_what_was_asked(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await user.ask("/start", "Welcome")
    denied = await user.ask("/buy BTC/USDT 20000", "Denied")
    assert "buy for 20,000 USDT on BTC/USDT" in denied.text


async def test_updates_come_in_while_the_profile_is_not_set(
    app_dsn: Secret, pool: Pool, valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(app, "introduce", never)
    async with telegram_desk(app_dsn, pool, valkey_url) as desk:
        user = await desk.user(7)
        assert await user.ask("/start", "Welcome")
