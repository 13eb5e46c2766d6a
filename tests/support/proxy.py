"""A door between a process and a server: lets bytes through, holds them back, or is shut. On a port of its own of this machine.

Used by proofs and journeys that need a write to be on its way while something else happens, or a server that is away for one.
"""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType


class Proxy:
    """`async with Proxy(port) as door`: connect to `door.port`. What comes back from the server is never held."""

    def __init__(self, target_port: int) -> None:
        self.port = 0
        self.held = 0
        """How many bytes wait behind the door."""
        self._target_port = target_port
        self._allowance = 0
        self._open = asyncio.Event()
        self._open.set()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._shut = False

    def hold(self, after: int = 0) -> None:
        """From now on nothing reaches the server; with `after` once that many more bytes have."""
        self._allowance = after
        self._open.clear()

    def release(self) -> None:
        """Everything that waits goes on its way."""
        self.held = 0
        self._open.set()

    def shut(self) -> None:
        """Ends every connection and takes no other: the server is away."""
        self._shut = True
        for writer in self._writers:
            writer.transport.abort()

    def unshut(self) -> None:
        """The server is back."""
        self._shut = False

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._server is not None
        self.release()
        self._server.close()
        self.shut()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if not self._shut:
                inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
                self._writers.add(inner_writer)
                try:
                    await asyncio.gather(self._pump(reader, inner_writer, held=True), self._pump(inner_reader, writer, held=False))
                finally:
                    self._writers.discard(inner_writer)
                    inner_writer.transport.abort()
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, held: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                if held and self._holds(len(data)):
                    self.held += len(data)
                    await self._open.wait()
                writer.write(data)
                await writer.drain()
        writer.transport.abort()

    def _holds(self, size: int) -> bool:
        self._allowance -= size
        return not self._open.is_set() and self._allowance < 0
