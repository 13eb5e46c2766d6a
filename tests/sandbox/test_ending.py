"""The Telegram sandbox at its end and in trouble: whoever waits is answered, and what could not be written is said so, as JSON."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.child import die_with_parent, free_port
from sandbox.telegram.client import NothingCame, SandboxRefused, TelegramSandbox
from sandbox.telegram.serving import ServedSandbox
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "4242:telegram-sandbox-token-of-the-tests"


async def test_a_door_that_is_asked_to_end_answers_whoever_waits(tmp_path: Path) -> None:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox",
        "serve",
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "DATA_DIR": str(tmp_path), "HTTP_PORT": str(port), "SANDBOX": "on"},
        preexec_fn=die_with_parent(signal.SIGKILL),
    )
    url = f"http://127.0.0.1:{port}"
    async with TelegramSandbox(url) as telegram, aiohttp.ClientSession() as session:
        await eventually(lambda: reached(telegram), 30)
        polling = asyncio.create_task(poll(session, url))
        waiting = asyncio.create_task(telegram.user(7).wait_for_message(regex="never", timeout_s=30))
        for _ in range(3):  # asked after them on the same loop, answered while they wait
            await telegram.add_user(7)
        process.terminate()
        assert await polling == (200, {"ok": True, "result": []})
        with pytest.raises(NothingCame):
            await waiting
    assert await asyncio.wait_for(process.wait(), 10) in (0, -signal.SIGTERM)


async def reached(telegram: TelegramSandbox) -> bool:
    try:
        await telegram.add_bot(TOKEN, username="strongroom_bot")
    except aiohttp.ClientError:
        return False
    return True


async def poll(session: aiohttp.ClientSession, url: str) -> tuple[int, Any]:
    async with session.get(f"{url}/bot{TOKEN}/getUpdates", params={"timeout": "30"}) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_a_file_that_somebody_holds_is_said_so_and_nothing_stays_half_written(tmp_path: Path) -> None:
    path = tmp_path / "telegram.sqlite"
    async with ServedSandbox(state_path=path) as served, TelegramSandbox(served.url) as telegram:
        await telegram.add_bot(TOKEN, username="strongroom_bot")
        served.server.state.store.run("PRAGMA busy_timeout = 0")
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(SandboxRefused) as refused:
            await telegram.user(7).send("hello")
        assert (refused.value.status, refused.value.detail) == (503, "database is locked")
        async with aiohttp.ClientSession() as session:
            assert (await poll(session, served.url))[0] == 503
        holder.execute("ROLLBACK")
        holder.close()
        sent = await telegram.user(7).send("hello again")
        assert [message.message_id for message in await telegram.user(7).chat()] == [sent.message_id]
