"""A bot process in this one, against the Telegram sandbox: real database and Valkey, prices by hand, the worker by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

from redis.asyncio import Redis

from bot.app import BotApp
from core.adapters.marketdata.valkey_books import ValkeyBooks
from core.adapters.venues.paper.venue import PaperVenue
from core.config.settings import BotSettings
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.clock import SystemClock
from core.kernel.secret import Secret
from core.ledger import service as ledger
from core.market.service import save_instruments
from core.market.types import OrderBook
from core.trading.service import TradingService
from sandbox.telegram.client import SandboxUser, TelegramSandbox
from sandbox.telegram.serving import ServedSandbox
from sandbox.telegram.settings import FloodLimits, SandboxSettings
from tests.support.books import ODD_ASKS, ODD_BIDS, TEST_SOURCE, Pair, levels
from tests.support.desk import BTC_USDT, QUICK

TOKEN = "4242:telegram-sandbox-token-of-the-tests"
OPERATOR = 900
NO_LIMITS = SandboxSettings(limits=FloodLimits(enabled=False))


class TelegramDesk:
    """`user(7)` chats; `work()` does what workers do; `settings` of the bot that runs."""

    def __init__(self, pool: Pool, telegram: TelegramSandbox, valkey: Redis, settings: BotSettings) -> None:
        self.pool = pool
        self.telegram = telegram
        self.settings = settings
        self.books = ValkeyBooks(valkey)
        venue = PaperVenue(pool, self.books, SystemClock())
        self.worker = TradingService(pool=pool, books=self.books, clock=SystemClock(), settings=QUICK, venues={"paper": venue})

    async def user(self, number: int, **options: object) -> SandboxUser:
        """A Telegram user who may be written to."""
        return await self.telegram.add_user(number, started=True, **options)  # type: ignore[arg-type]

    async def set_book(self, asks: Iterable[Pair] = ODD_ASKS, bids: Iterable[Pair] = ODD_BIDS, symbol: str = "BTC/USDT") -> None:
        """The price of now."""
        await self.books.publish(OrderBook(symbol, levels(bids), levels(asks), 1, datetime.now(UTC), TEST_SOURCE))

    async def work(self) -> int:
        """Places every order that waits, as the workers would; how many."""
        rows = await self.pool.fetch("select row_id, task from outbox_tasks order by id")
        for row in rows:
            if row["task"] == "trading.place_order":
                await self.worker.place_order(UUID(row["row_id"]))
            elif row["task"] == "trading.apply_reports":
                await self.worker.apply_reports(UUID(row["row_id"]))
            else:
                await self.worker.cancel_order(UUID(row["row_id"]))
        return len(rows)

    async def prepare(self) -> None:
        """One pair, its price, its assets."""
        async with unit_of_work(self.pool) as uow:
            await save_instruments(uow, [BTC_USDT])
            for asset in (BTC_USDT.base, BTC_USDT.quote):
                await ledger.ensure_asset(uow, asset)
        await self.set_book()


def bot_settings(dsn: Secret, valkey_url: str, telegram_url: str, **changes: object) -> BotSettings:
    """As the environment would give them."""
    values: dict[str, object] = {
        "database_url": dsn,
        "redis_url": Secret(valkey_url),
        "telegram_api_url": telegram_url,
        "telegram_bot_token": TOKEN,
        "operator_ids": (OPERATOR,),
        "card_secret": Secret("a key for the cards of this test"),
        "duplicate_window_ms": 0,
        "overload_burst": 100_000,
        "price_max_age_ms": 60_000,
        "bot_shards": 4,
        "lease_ttl_ms": 2_000,
        "telegram_messages_per_second": 10_000,
        "telegram_chat_messages_per_second": 1_000,
    }
    return BotSettings(_env_file=None, **{**values, **changes})  # type: ignore[arg-type]


@asynccontextmanager
async def running_bot(settings: BotSettings) -> AsyncIterator[BotApp]:
    """A bot process as a task, ended in order."""
    app = BotApp(settings)
    task = asyncio.create_task(app.run())
    waiting = asyncio.create_task(app.ready.wait())
    try:
        await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED, timeout=20)
        if task.done():
            task.result()
        yield app
    finally:
        waiting.cancel()
        app.stop()
        await asyncio.wait_for(task, 10)


@asynccontextmanager
async def telegram_desk(
    dsn: Secret, pool: Pool, valkey_url: str, *, sandbox: SandboxSettings = NO_LIMITS, run: bool = True, **changes: object
) -> AsyncIterator[TelegramDesk]:
    """Sandbox, prices and (unless `run` is False) one bot."""
    async with ServedSandbox(settings=sandbox) as served, TelegramSandbox(served.url) as telegram:
        await telegram.add_bot(TOKEN, username="strongroom_bot")
        valkey = Redis.from_url(valkey_url)
        settings = bot_settings(dsn, valkey_url, served.url, **changes)
        desk = TelegramDesk(pool, telegram, valkey, settings)
        await desk.prepare()
        try:
            if run:
                async with running_bot(settings):
                    yield desk
            else:
                yield desk
        finally:
            await valkey.aclose()
