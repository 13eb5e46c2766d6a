"""Serves an ASGI application as this desk does everywhere: one process, uvloop, our own logs, no request log (paths hold tokens)."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp


class _Server(uvicorn.Server):
    """Lets what waits answer before connections are closed: a request that is cut at the end would be answered with a bare 500."""

    def __init__(self, config: uvicorn.Config, stop_waiting: Callable[[], None]) -> None:
        super().__init__(config)
        self._stop_waiting = stop_waiting

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """First what waits, then the connections."""
        self._stop_waiting()
        await super().shutdown(sockets)


def serve(app: ASGIApp, host: str, port: int, *, stop_waiting: Callable[[], None] = lambda: None) -> None:
    """Until SIGTERM or SIGINT; then `stop_waiting` ends what waits for something to happen."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=1,
        timeout_keep_alive=30,
    )
    _Server(config, stop_waiting).run()
