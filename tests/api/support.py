"""The door of `api` over a real database, and answers of PostgreSQL and Valkey that are away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from httpx import ASGITransport, AsyncClient

from api.app import create_app
from core.config.settings import ApiSettings
from core.kernel.secret import Secret

WEBHOOK_SECRET = "the-secret-of-the-webhook"
NOWHERE = Secret("postgresql://nobody:nothing@127.0.0.1:1/none")
PATH = "/telegram/webhook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
RIGHT = {HEADER: WEBHOOK_SECRET}


def api_settings(dsn: Secret = NOWHERE, valkey: str = "redis://127.0.0.1:1/0", secret: str = WEBHOOK_SECRET, url: str = "") -> ApiSettings:
    return ApiSettings(
        _env_file=None,
        data_dir=Path("unused"),
        database_url=dsn,
        redis_url=Secret(valkey),
        telegram_webhook_secret=Secret(secret),
        telegram_webhook_url=url,
    )


@asynccontextmanager
async def open_door(settings: ApiSettings) -> AsyncIterator[AsyncClient]:
    app = create_app(settings)
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client
