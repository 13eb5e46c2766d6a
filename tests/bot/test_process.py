"""The process itself: starts, answers, ends within two seconds, sets its profile and its door, comes back after kill -9."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bot.app import BotApp
from core.config.metrics import LEASES_LOST
from core.config.settings import BotSettings
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.inbox import service as inbox
from core.inbox.rules import raw_update
from core.kernel.secret import Secret
from core.outbox import service as outbox
from tests.bot.test_inbox import message
from tests.support.telegram_desk import TOKEN, TelegramDesk, running_bot, telegram_desk
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def bot_process(desk: TelegramDesk, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m bot`, killed at the end if it still lives. Its output is in `folder/log`."""
    settings = desk.settings
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": settings.database_url.reveal(),
        "REDIS_URL": settings.redis_url.reveal(),
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": settings.telegram_api_url,
        "LEASE_TTL_MS": "1000",
        "BOT_SHARDS": "4",
    }
    with (folder / "log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", cwd=folder, env=environment, stdout=log, stderr=asyncio.subprocess.STDOUT
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_the_process_answers_ends_in_order_and_never_writes_its_token(
    app_dsn: Secret, pool: Pool, valkey_url: str, tmp_path: Path
) -> None:
    async with telegram_desk(app_dsn, pool, valkey_url, run=False) as desk, bot_process(desk, tmp_path) as process:
        user = await desk.user(7)
        await user.ask("/start", "Welcome", timeout_s=30)
        await desk.telegram.fail("sendMessage", 500)
        await user.ask("/help", "/portfolio what you have")
        beats = await pool.fetch("select process, state from process_heartbeats")
        assert [(row["process"], row["state"]) for row in beats] == [("bot-0", "ok")]
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0
        assert time.monotonic() - began < 5, "about two seconds, with room for a busy machine"
        assert await pool.fetchval("select count(*) from leases where expires_at > now()") == 0, "others may take over at once"
    written = (tmp_path / "log").read_text()
    assert TOKEN.partition(":")[2] not in written
    assert "shards_held" in written


async def test_after_kill_9_the_next_process_answers_what_was_left(app_dsn: Secret, pool: Pool, valkey_url: str, tmp_path: Path) -> None:
    async with telegram_desk(app_dsn, pool, valkey_url, run=False) as desk:
        user = await desk.user(7)
        async with bot_process(desk, tmp_path) as process:
            await user.ask("/start", "Welcome", timeout_s=30)
            process.kill()
            await process.wait()
        sent = await user.send("/portfolio")
        async with bot_process(desk, tmp_path):
            await user.wait_for_message("Portfolio on paper", after=sent.message_id, timeout_s=30)
        assert len([one for one in await user.chat() if "Portfolio on paper" in one.text]) == 1


async def test_without_a_token_it_says_so_and_ends(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", cwd=tmp_path, env=environment, stdout=asyncio.subprocess.PIPE
    )
    written, _ = await process.communicate()
    assert process.returncode == 1
    assert b"TELEGRAM_BOT_TOKEN" in written


def test_an_app_without_a_token_is_refused() -> None:
    with pytest.raises(ValueError, match="TELEGRAM_BOT_TOKEN"):
        BotApp(BotSettings(_env_file=None))


async def test_commands_descriptions_and_menu_button_are_set(desk: TelegramDesk) -> None:
    async def profile() -> dict[str, object] | None:
        bots = (await desk.telegram.get("/overview"))["bots"]
        found: dict[str, object] = bots[0]["profile"]
        return found if "menu_button" in str(found) or "MenuButton" in str(found) else None

    shown = str(await eventually(profile))
    for words in ("/buy BTC/USDT 100", "Strongroom is a trading desk", "A trading desk in your chat."):
        assert words in shown
    assert "pause" not in shown, "operators' commands are not shown to everybody"


async def test_with_a_webhook_the_bot_sets_it_with_its_secret_and_does_not_poll(app_dsn: Secret, pool: Pool, valkey_url: str) -> None:
    received: list[str | None] = []

    async def hook(request: web.Request) -> web.Response:
        received.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        return web.Response()

    app = web.Application()
    app.router.add_post("/telegram/webhook", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    url, secret = f"http://127.0.0.1:{port}", "webhook-secret-1"
    try:
        async with telegram_desk(app_dsn, pool, valkey_url, telegram_webhook_url=url, telegram_webhook_secret=secret) as desk:
            user = await desk.user(7)
            await user.send("/start")
            await eventually(lambda: secret in received)
            assert await pool.fetchval("select count(*) from leases where name like 'poller:%'") == 0
            assert await pool.fetchval("select username from inbox_bots") == "strongroom_bot"
    finally:
        await runner.cleanup()


async def test_polling_takes_a_webhook_away_first(app_dsn: Secret, pool: Pool, valkey_url: str) -> None:
    async with telegram_desk(app_dsn, pool, valkey_url, run=False) as desk:
        user = await desk.user(7)
        hooked = desk.settings.model_copy(update={"telegram_webhook_url": "http://127.0.0.1:9/", "telegram_webhook_secret": Secret("s")})
        async with running_bot(hooked):

            async def is_set() -> bool:
                return bool((await desk.telegram.get("/overview"))["bots"][0]["webhook"])

            await eventually(is_set)
        async with running_bot(desk.settings):
            assert await user.ask("/start", "Welcome", timeout_s=20)


async def test_a_process_that_lost_its_shards_writes_nothing(desk: TelegramDesk) -> None:
    """Another holder took every shard behind its back: what it does until it notices is refused at the lease."""
    user = await desk.user(7)
    await user.ask("/start", "Welcome")
    lost = LEASES_LOST.labels("bot-shard")
    before = lost._value.get()
    await desk.pool.execute("update leases set token = token + 1, holder = 'another', expires_at = now() + interval '1 hour'")
    async with unit_of_work(desk.pool) as uow:
        await inbox.store(uow, bot_id=4242, updates=[raw_update(message(1_000_000, "/help"))])
        await outbox.append_chat(uow, chat_id=7, message_key="x", screen="help", data={})
    await eventually(lambda: lost._value.get() == before + 4)
    assert await desk.pool.fetchval("select state from inbox_updates where update_id = 1000000") == "pending"
    assert await desk.pool.fetchval("select state from outbox_chat where message_key = 'x'") == "pending"
    assert await desk.pool.fetchval("select count(*) from outbox_chat where message_key = 'update:4242:1000000'") == 0
