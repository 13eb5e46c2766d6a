"""Which offset polling asks with: none at first, then only what is committed, and none again after days of silence."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
from telegram.request import BaseRequest

from bot import poller as polling
from bot.ending import end
from bot.poller import Poller
from bot.telegram_watch import TelegramWatch
from core.db.pool import Pool
from core.kernel.secret import Secret
from tests.bot.test_inbox import message
from tests.support.waiting import eventually


class Telegram:
    """Answers getUpdates from a script, then with nothing; notes offsets and what was committed when they were asked."""

    def __init__(self, pool: Pool, *answers: list[dict[str, Any]]) -> None:
        self.pool, self.answers = pool, list(answers)
        self.asked: list[tuple[int | None, int]] = []

    async def post(self, url: str, **_: object) -> list[dict[str, Any]]:
        offset = parse_qs(urlsplit(url).query).get("offset")
        committed = await self.pool.fetchval("select count(*) from inbox_updates")
        self.asked.append((int(offset[0]) if offset else None, committed))
        if self.answers:
            return self.answers.pop(0)
        await asyncio.sleep(0.01)
        return []


async def asked(pool: Pool, telegram: Telegram, count: int) -> list[tuple[int | None, int]]:
    """The first `count` questions of a poller that starts now."""
    poller = Poller(pool, cast("BaseRequest", telegram), Secret("http://telegram/bot1"), 1, "holder", timedelta(minutes=1), TelegramWatch())
    running = asyncio.create_task(poller.run())
    try:
        await eventually(lambda: len(telegram.asked) >= count)
    finally:
        await end([running])
    return telegram.asked[:count]


async def test_the_offset_is_asked_with_only_after_the_updates_are_committed(pool: Pool) -> None:
    telegram = Telegram(pool, [message(500, "/start"), message(501, "/help")], [])
    assert await asked(pool, telegram, 3) == [(None, 0), (502, 2), (502, 2)]


async def test_a_new_polling_begins_without_an_offset_so_lower_ids_are_not_lost(pool: Pool) -> None:
    await asked(pool, Telegram(pool, [message(900_000, "/start")]), 2)
    again = await asked(pool, Telegram(pool, [message(900_000, "/start")], [message(17, "/help")]), 3)
    assert [offset for offset, _ in again] == [None, 900_001, 18]
    assert await pool.fetchval("select count(*) from inbox_updates") == 2


async def test_after_days_of_silence_the_offset_is_forgotten(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert polling.OFFSET_LIVES_S < 7 * 86_400, "Telegram chooses a new id after a week"
    monkeypatch.setattr(polling, "OFFSET_LIVES_S", 0.0)
    telegram = Telegram(pool, [message(900_000, "/start")], [])
    assert [offset for offset, _ in await asked(pool, telegram, 3)] == [None, 900_001, None]
