"""The bot process: builds its parts, runs them side by side, ends them in order. Called by `bot/__main__.py` and by tests.

poller (or webhook) → inbox → consumer → dispatcher → outbox → sender, with the shard keeper deciding whose rows are ours.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

from telegram import Bot
from telegram.error import TelegramError

from bot.catalog import Catalog, load_catalog
from bot.consumer import InboxConsumer
from bot.context import BotContext, InstrumentList
from bot.dispatcher import Dispatcher
from bot.ending import end
from bot.limiter import Limiter, Rates
from bot.overload import Bounds, Overload
from bot.poller import ALLOWED, Poller
from bot.profile import StaffMenus, introduce
from bot.recorder import Recorder
from bot.request import AiohttpRequest
from bot.sender import Sender
from bot.shards import DATABASE_TROUBLE, ShardKeeper
from bot.telegram_errors import pause
from bot.telegram_watch import TelegramWatch
from bot.wake import Waker
from core.bootstrap.edge import Edge, open_edge
from core.config.logging import get_logger
from core.config.settings import BotSettings
from core.db.heartbeats import beat
from core.db.unit_of_work import unit_of_work
from core.inbox import service as inbox
from core.kernel.secret import Secret

log = get_logger()

BEAT_S = 2.0


class NamelessBot(Bot):
    """python-telegram-bot's own shows its token wherever it is printed; this one does not."""

    def __repr__(self) -> str:
        return "Bot"


class BotApp:
    """One bot process. `run` returns when `stop` was called and everything ended, within about two seconds."""

    def __init__(self, settings: BotSettings) -> None:
        if not settings.telegram_bot_token:
            raise ValueError("TELEGRAM_BOT_TOKEN is not set: the bot process cannot start")
        if settings.telegram_webhook_url and not settings.telegram_webhook_secret:
            raise ValueError("TELEGRAM_WEBHOOK_URL is set without TELEGRAM_WEBHOOK_SECRET: every update would be refused")
        self._settings = settings
        self._stopping = asyncio.Event()
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.ready = asyncio.Event()

    def stop(self) -> None:
        """Asks to end."""
        self._stopping.set()

    async def run(self) -> None:
        """Until `stop`. Raises what stopped it otherwise."""
        async with AsyncExitStack() as stack:
            edge = await stack.enter_async_context(open_edge(self._settings, "bot"))
            bot = self._make_bot()
            stack.push_async_callback(_shutdown, bot)
            if not await self._until_stop(self._connect(bot)):
                return
            await self._serve(edge, bot)

    def _make_bot(self) -> Bot:
        return NamelessBot(
            self._settings.telegram_bot_token.reveal(),
            base_url=f"{self._settings.telegram_api_url.rstrip('/')}/bot",
            base_file_url=f"{self._settings.telegram_api_url.rstrip('/')}/file/bot",
            request=AiohttpRequest(),
            get_updates_request=AiohttpRequest(connections=2),
        )

    async def _connect(self, bot: Bot) -> None:
        """Asks Telegram who we are until it answers."""
        attempt = 0
        while True:
            try:
                await bot.initialize()
                return
            except TelegramError as error:
                log.warning("telegram_not_reached", error=type(error).__name__, attempt=attempt)
                await asyncio.sleep(pause(attempt).total_seconds())
                attempt += 1

    async def _serve(self, edge: Edge, bot: Bot) -> None:
        settings, catalog, waker = self._settings, load_catalog(), Waker()
        ttl = timedelta(milliseconds=settings.lease_ttl_ms)
        shards = ShardKeeper(edge.pool, self._holder, groups=settings.bot_shards, ttl=ttl, on_change=waker.all)
        context = BotContext(edge, settings, catalog, InstrumentList(edge.pool), bot.username)
        slots = max(2, settings.database_pool_size - 2)
        consumer = InboxConsumer(edge.pool, shards, Dispatcher(context, bot, Overload(_bounds(settings))), waker.inbox, concurrency=slots)
        limiter = Limiter(edge.valkey, bot.id, _rates(settings), lambda: shards.processes)
        recorder = Recorder(edge.pool)
        watch = TelegramWatch()
        sender = Sender(edge.pool, shards, bot, catalog, limiter, recorder, edge.clock, waker.chat, watch)
        await self._enroll(edge, bot)
        loops: dict[str, Coroutine[Any, Any, None]] = {
            "shards": shards.run(),
            "waker": waker.run(settings.database_url, shards),
            "consumer": consumer.run(),
            "limiter": limiter.run(),
            "sender": sender.run(),
            "door": self._door(edge, bot, catalog, ttl, watch),
            "staff": StaffMenus(bot, catalog, edge.pool).run(),
            "heartbeat": self._beat(edge, shards, watch),
        }
        writing = asyncio.create_task(recorder.run(), name="recorder")
        tasks = [asyncio.create_task(loop, name=name) for name, loop in loops.items()]
        self.ready.set()
        try:
            await self._until_stop_or_failure([*tasks, writing])
        finally:
            await end([task for task in tasks if task.get_name() != "limiter"])
            await asyncio.gather(consumer.close(), sender.close())
            await end([task for task in (*tasks, writing) if not task.done()])
            await _quietly(recorder.close(), shards.release_all())

    async def _door(self, edge: Edge, bot: Bot, catalog: Catalog, ttl: timedelta, watch: TelegramWatch) -> None:
        """How updates come in: a webhook when there is an address for it, else polling. The profile is set beside it."""
        settings = self._settings
        attempt = 0
        while not await self._open_door(bot):
            await asyncio.sleep(pause(attempt).total_seconds())
            attempt += 1
        introducing = asyncio.create_task(introduce(bot, catalog))
        try:
            if settings.telegram_webhook_url:
                await asyncio.Event().wait()
            await self._poll(edge, bot, ttl, watch)
        finally:
            await end([introducing])

    async def _poll(self, edge: Edge, bot: Bot, ttl: timedelta, watch: TelegramWatch) -> None:
        settings = self._settings
        endpoint = Secret(f"{settings.telegram_api_url.rstrip('/')}/bot{settings.telegram_bot_token.reveal()}")
        request = AiohttpRequest(connections=2)
        await request.initialize()
        try:
            await Poller(edge.pool, request, endpoint, bot.id, self._holder, ttl, watch).run()
        finally:
            await request.shutdown()

    async def _open_door(self, bot: Bot) -> bool:
        settings = self._settings
        try:
            if settings.telegram_webhook_url:
                secret = settings.telegram_webhook_secret.reveal()
                await bot.set_webhook(settings.webhook_endpoint, secret_token=secret, allowed_updates=ALLOWED)
            else:
                await bot.delete_webhook()
        except TelegramError as error:
            log.warning("door_not_opened", error=type(error).__name__)
            return False
        return True

    async def _enroll(self, edge: Edge, bot: Bot) -> None:
        async with unit_of_work(edge.pool) as uow:
            await inbox.enroll_bot(uow, bot_id=bot.id, username=bot.username)

    async def _beat(self, edge: Edge, shards: ShardKeeper, watch: TelegramWatch) -> None:
        while True:
            try:
                telegram = watch.state
                breakers = {**edge.breakers(), "telegram": telegram}
                details = {"shards": len(shards.owned()), "processes": shards.processes, "breakers": breakers}
                await beat(edge.pool, f"bot-{shards.slot}", "ok" if telegram == "closed" else "degraded", details)
            except DATABASE_TROUBLE as error:
                log.warning("no_heartbeat", error=type(error).__name__)
            await asyncio.sleep(BEAT_S)

    async def _until_stop(self, work: Coroutine[Any, Any, None]) -> bool:
        """Runs `work`; False when `stop` came first."""
        task, stopping = asyncio.create_task(work), asyncio.create_task(self._stopping.wait())
        await asyncio.wait((task, stopping), return_when=asyncio.FIRST_COMPLETED)
        finished = task.done()
        await end([stopping] if finished else [stopping, task])
        if finished:
            task.result()
        return finished

    async def _until_stop_or_failure(self, tasks: list[asyncio.Task[None]]) -> None:
        stopping = asyncio.create_task(self._stopping.wait())
        done, _ = await asyncio.wait((*tasks, stopping), return_when=asyncio.FIRST_COMPLETED)
        if stopping not in done:
            await end([stopping])
        for task in done - {stopping}:
            log.critical("part_ended", name=task.get_name(), exc_info=task.exception())
            task.result()
            raise RuntimeError(f"{task.get_name()} ended by itself")


def _bounds(settings: BotSettings) -> Bounds:
    age, window = timedelta(milliseconds=settings.overload_age_ms), timedelta(milliseconds=settings.overload_window_ms)
    return Bounds(age, settings.overload_burst, window)


def _rates(settings: BotSettings) -> Rates:
    return Rates(
        settings.telegram_messages_per_second, settings.telegram_chat_messages_per_second, settings.telegram_group_messages_per_minute
    )


async def _quietly(*work: Coroutine[Any, Any, None]) -> None:
    """Last steps, each tried, half a second in all: leases expire and rows wait if the database is away."""
    for result in await asyncio.gather(*(asyncio.wait_for(one, 0.5) for one in work), return_exceptions=True):
        if isinstance(result, BaseException):
            log.warning("not_ended_in_order", error=type(result).__name__)


async def _shutdown(bot: Bot) -> None:
    await bot.shutdown()
