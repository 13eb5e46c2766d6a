"""kill -9 loses nothing that was answered, and ids go on where they were."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from sandbox.telegram.client import TelegramSandbox
from tests.sandbox.telegram.conftest import TOKEN

ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def process(state: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "sandbox.telegram", "--port", "0", "--state", str(state)]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout
        yield running.stdout.readline().strip(), running
    finally:
        if running.poll() is None:
            running.terminate()
        running.wait(10)
        if running.stdout:
            running.stdout.close()


async def test_everything_is_there_after_kill_nine(tmp_path: Path):
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Confirm", callback_data="c")]])
    with process(tmp_path / "telegram.sqlite") as (url, running):
        async with TelegramSandbox(url) as sandbox, Bot(TOKEN, base_url=f"{url}/bot") as bot:
            await sandbox.user(7).send("/start")
            sent = await bot.send_message(7, "Accepted", reply_markup=keyboard)
            await bot.edit_message_text("Sure?", 7, sent.message_id, reply_markup=keyboard)
            pressed = await sandbox.user(7).press(sent.message_id, "Confirm")
            await sandbox.fail("sendMessage", 500)
            before = await sandbox.journal()
            os.kill(running.pid, signal.SIGKILL)
            running.wait(10)
    with process(tmp_path / "telegram.sqlite") as (url, _running):
        async with TelegramSandbox(url) as sandbox, Bot(TOKEN, base_url=f"{url}/bot") as bot:
            assert await sandbox.journal() == before
            message = await sandbox.user(7).message(sent.message_id)
            assert (message.text, message.texts) == ("Sure?", ["Accepted", "Sure?"])
            updates = await bot.get_updates()
            assert [update.update_id for update in updates][-1:] == pressed["update_ids"]
            assert updates[-1].callback_query
            assert await updates[-1].callback_query.answer("late but fine")
            assert (await sandbox.user(7).send("more")).message_id == sent.message_id + 1
            assert [fault["method"] for fault in await sandbox.get("/faults")] == ["sendMessage"]
            sequences = [entry["sequence"] for entry in await sandbox.journal()]
            assert sequences == sorted(set(sequences))


def test_the_command_ends_at_a_signal(tmp_path: Path):
    with process(tmp_path / "telegram.sqlite") as (url, running):
        assert url.startswith("http://127.0.0.1:")
        running.send_signal(signal.SIGTERM)
        assert running.wait(10) in (0, -signal.SIGTERM)
