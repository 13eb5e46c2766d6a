"""The HTTP door: Telegram's webhook, health and metrics. `create_app` builds it; `python -m api` serves it alone.

Translates, decides nothing. With the sandbox on, `sandbox/app.py` mounts it beside the chat page.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api import errors
from api.deps import Dependencies
from api.middleware import RequestId
from api.routes import health, metrics, telegram_webhook, verify
from core.config.settings import ApiSettings


def missing_secret(settings: ApiSettings) -> str:
    """Why the door must not open, in one line, or nothing: a webhook without a secret would refuse every update of Telegram's."""
    if settings.telegram_webhook_url and not settings.telegram_webhook_secret:
        return "TELEGRAM_WEBHOOK_URL is set without TELEGRAM_WEBHOOK_SECRET: set a secret of 1 to 256 letters, digits, _ and -."
    return ""


def create_app(settings: ApiSettings, own: Dependencies | None = None) -> FastAPI:
    """An application that has connected to nothing yet; it closes what it opened when its lifespan ends."""
    found = own or Dependencies.build(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await found.close()

    app = FastAPI(title="Strongroom", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.dependencies = found
    app.add_middleware(RequestId)
    errors.install(app)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.include_router(verify.router)
    app.include_router(telegram_webhook.create_router(settings.webhook_path))
    return app
