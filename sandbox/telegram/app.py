"""The application: all routes over one server. `create_router` mounts the sandbox in another FastAPI application."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse

from core.config.logging import get_logger
from sandbox.telegram.bot_routes import bot_router
from sandbox.telegram.control import control_router
from sandbox.telegram.control_disguises import disguises_router
from sandbox.telegram.control_events import events_router
from sandbox.telegram.control_trouble import trouble_router
from sandbox.telegram.errors import ControlError
from sandbox.telegram.page import page_router
from sandbox.telegram.server import Server
from sandbox.telegram.settings import SandboxSettings

log = get_logger()


def create_router(server: Server) -> APIRouter:
    """Bot API, control interface and chat page. Its application also calls `install_errors`, `server.start`, `server.close`."""
    router = APIRouter()
    for part in (bot_router, control_router, disguises_router, trouble_router, events_router, page_router):
        router.include_router(part(server))
    return router


async def _to_the_page() -> RedirectResponse:
    return RedirectResponse("/chat")


def install_errors(app: FastAPI) -> None:
    """Sentences for refused control requests."""

    @app.exception_handler(ControlError)
    async def refused(_request: Request, error: ControlError) -> JSONResponse:
        return JSONResponse({"detail": error.detail}, status_code=error.status)

    @app.exception_handler(sqlite3.Error)
    async def file_trouble(_request: Request, error: sqlite3.Error) -> JSONResponse:
        """Nothing was written: 503, so that whoever asked may ask again; the log says why."""
        log.error("sandbox_store_failed", exc_info=error)
        return JSONResponse({"ok": False, "error_code": 503, "description": "Service Unavailable", "detail": str(error)}, status_code=503)


def create_app(state_path: Path | None = None, settings: SandboxSettings | None = None) -> FastAPI:
    """The sandbox alone; the server is `app.state.server`. Without a path everything is in memory."""
    server = Server(state_path, settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await server.start()
        yield
        await server.close()

    app = FastAPI(title="Telegram sandbox", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.server = server
    app.include_router(create_router(server))
    app.add_api_route("/", _to_the_page, include_in_schema=False)
    install_errors(app)
    return app
