"""What the heartbeat says about Telegram, and a webhook that nobody could prove."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.app import BotApp
from bot.telegram_watch import TelegramWatch
from core.config.settings import BotSettings
from core.kernel.secret import Secret
from tests.bot.test_process import ROOT
from tests.bot.test_sender import say
from tests.support.telegram_desk import TOKEN, TelegramDesk
from tests.support.waiting import eventually


class Time:
    """Seconds by hand."""

    seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def test_polls_without_an_answer_open_it_fifteen_seconds_after_the_long_poll() -> None:
    now = Time()
    watch = TelegramWatch(now)
    now.seconds += 3_600
    assert watch.state == "closed", "who does not poll waits for no answer"
    watch.polling(True)
    now.seconds += 40
    assert watch.state == "closed"
    now.seconds += 1
    assert watch.state == "open"
    watch.polled()
    assert watch.state == "closed"
    now.seconds += 41
    watch.polling(False)
    assert watch.state == "closed"


def test_sends_that_keep_failing_open_it_until_one_succeeds_or_a_minute_passed() -> None:
    now = Time()
    watch = TelegramWatch(now)
    watch.not_sent()
    watch.not_sent()
    assert watch.state == "closed"
    watch.not_sent()
    watch.polled()
    assert watch.state == "open"
    now.seconds += 61
    assert watch.state == "closed"
    watch.not_sent()
    assert watch.state == "open"
    watch.sent()
    assert watch.state == "closed"


async def test_the_heartbeat_is_degraded_while_sends_fail_and_ok_again_after(desk: TelegramDesk) -> None:
    await desk.user(7)
    await desk.telegram.fail("sendMessage", 502, count=4)
    await say(desk.pool, "at last")

    async def beat(state: str) -> Any:
        row = await desk.pool.fetchrow("select state, details from process_heartbeats where process = 'bot-0'")
        return row["details"] if row is not None and row["state"] == state else None

    degraded = await eventually(lambda: beat("degraded"), 20)
    assert degraded["breakers"]["telegram"] == "open"
    await desk.telegram.user(7).wait_for_message("at last", timeout_s=30)
    assert (await eventually(lambda: beat("ok"), 20))["breakers"]["telegram"] == "closed"


def test_a_webhook_without_a_secret_is_refused() -> None:
    url = "https://desk.example"
    with pytest.raises(ValueError, match="TELEGRAM_WEBHOOK_SECRET"):
        BotApp(BotSettings(_env_file=None, telegram_bot_token=Secret(TOKEN), telegram_webhook_url=url))


async def test_the_process_says_in_one_line_which_secret_is_missing(tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_WEBHOOK_URL": "https://desk.example",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", cwd=tmp_path, env=environment, stdout=asyncio.subprocess.PIPE
    )
    written, _ = await process.communicate()
    assert process.returncode == 1
    assert written.count(b"\n") == 1
    assert b"TELEGRAM_WEBHOOK_SECRET" in written
