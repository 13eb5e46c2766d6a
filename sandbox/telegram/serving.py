"""Running the sandbox by itself on a port of this machine: for tests and for `python -m sandbox.telegram`."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import uvicorn

from sandbox.telegram.app import create_app
from sandbox.telegram.server import Server
from sandbox.telegram.settings import SandboxSettings


class _Quiet(uvicorn.Server):
    """A uvicorn server that leaves signals alone and lets long polls end before it goes."""

    def __init__(self, config: uvicorn.Config, sandbox: Server) -> None:
        super().__init__(config)
        self._sandbox = sandbox

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the long polls, then the connections."""
        self._sandbox.stop_waiting()
        await super().shutdown(sockets)


class ServedSandbox:
    """A sandbox on its own port: `async with ServedSandbox(...) as served: served.url`."""

    def __init__(
        self, *, port: int = 0, host: str = "127.0.0.1", state_path: Path | None = None, settings: SandboxSettings | None = None
    ) -> None:
        self.app = create_app(state_path, settings)
        self.server: Server = self.app.state.server
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((host, port))
        self.url = f"http://{host}:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            self.app, log_level="critical", access_log=False, timeout_graceful_shutdown=2, timeout_keep_alive=75, lifespan="on"
        )
        self._uvicorn = _Quiet(config, self.server)
        self._task: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        """Serve until a signal or `__aexit__`."""
        await self._uvicorn.serve(sockets=[self._socket])

    async def __aenter__(self) -> ServedSandbox:
        """Start; it answers when this returns."""
        self._socket.listen(128)
        config = self._uvicorn.config
        config.load()
        self._task = asyncio.create_task(self._uvicorn._serve(sockets=[self._socket]))
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Stop and wait for it."""
        self._uvicorn.should_exit = True
        if self._task:
            await self._task
        self._socket.close()
