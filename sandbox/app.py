"""What serves HTTP_PORT while the sandbox is on: the door of `api`, and beside it Telegram on this machine with its chat page.

Run as `python -m sandbox serve`, the process named `api`. Production serves `api.app` alone. Answers only requests addressed to
this machine: a web page elsewhere cannot reach it under a name of its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware

from api.app import create_app as create_api
from api.app import missing_secret
from api.server import serve
from core.config.logging import configure_logging
from core.config.settings import ApiSettings
from sandbox.supervisor_files import DeskFolder
from sandbox.supervisor_plan import LOOPBACK
from sandbox.telegram.app import create_router, install_errors
from sandbox.telegram.server import Server

CHAT_PATH = "/chat"


def create_app(settings: ApiSettings, telegram: Server | None = None) -> FastAPI:
    """The application. Its lifespan is the sandbox's and the mounted door's. Raises ValueError on an address others can reach."""
    if settings.http_host not in LOOPBACK:
        raise ValueError(f"the sandbox is refused on {settings.http_host}: it lets anybody act as anybody")
    server = telegram or Server(settings.data_dir / "telegram.sqlite")
    door = create_api(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with door.router.lifespan_context(door):
            await server.start()
            yield
            await server.close()

    app = FastAPI(title="Strongroom sandbox", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]"])

    @app.get("/")
    async def home() -> RedirectResponse:
        return RedirectResponse(CHAT_PATH)

    @app.get("/sandbox")
    async def sandbox() -> dict[str, Any]:
        return describe_sandbox(settings)

    app.include_router(create_router(server))
    install_errors(app)
    app.mount("", door)
    return app


def describe_sandbox(settings: ApiSettings) -> dict[str, Any]:
    """GET /sandbox: what a test or a curious person needs to find everything that runs here."""
    address, supervisor, processes = DeskFolder(settings.data_dir).read_processes()
    base = address.rstrip("/") or f"http://{settings.http_host}:{settings.http_port}"
    return {
        "processes": [{"name": one.name, "pid": one.pid} for one in processes],
        "supervisor": supervisor.pid if supervisor else None,
        "chat_url": base + CHAT_PATH,
        "bot_api_url": base,
    }


def main() -> None:
    """Until it is asked to end. SystemExit with one line when it cannot start."""
    settings = ApiSettings()
    configure_logging("api", settings.log_level)
    if problem := missing_secret(settings):
        raise SystemExit(problem)
    telegram = Server(settings.data_dir / "telegram.sqlite")
    serve(create_app(settings, telegram), settings.http_host, settings.http_port, stop_waiting=telegram.stop_waiting)
