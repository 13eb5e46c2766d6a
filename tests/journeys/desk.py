"""A real desk on this machine: `python -m sandbox` in a folder of its own, with every process, for journeys and fault tests."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import psutil

from sandbox.child import die_with_parent, free_port
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 90


class Desk:
    """One desk: start it, ask it, kill its parts. `settings` are environment variables on top of a clean environment."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.settings = dict(settings or {})
        self.supervisor: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        """What the supervisor is started with: nothing of the tester's own desk leaks in."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PGBIN", "TMPDIR") if name in os.environ}
        patient = {"OVERLOAD_BURST": "100000", "OVERLOAD_AGE_MS": "600000"}  # journeys kill and hurry; P33 is about overload
        return kept | {"DATA_DIR": str(self.folder), "HTTP_PORT": str(self.port), "SANDBOX": "on"} | patient | self.settings

    async def start(self) -> None:
        """Starts the supervisor and waits until `/health` says ok."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.supervisor = self._spawn()
        await eventually(self.is_ready, timeout=READY_WITHIN_S)

    def _spawn(self) -> subprocess.Popen[bytes]:
        with (self.folder / "supervisor.out").open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "sandbox"],
                cwd=ROOT,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509  the call is made of two system calls
            )

    async def is_ready(self) -> bool:
        """Whether `/health` answers 200. Fails at once when the supervisor has ended."""
        if self.supervisor is None or self.supervisor.poll() is not None:
            raise RuntimeError("the supervisor ended: " + (self.folder / "supervisor.out").read_text()[-3000:])
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
                session.get(f"{self.address}/health") as answer,
            ):
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def get(self, path: str) -> Any:
        """The JSON at `path`."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session, session.get(self.address + path) as answer:
            return await answer.json()

    async def pid(self, name: str) -> int:
        """Process id of the part `name`, from GET /sandbox; waited for while the part is being started again."""

        async def listed() -> int:
            try:
                listing = await self.get("/sandbox")
            except (aiohttp.ClientError, TimeoutError):
                return 0
            return next((int(one["pid"]) for one in listing["processes"] if one["name"] == name), 0)

        return await eventually(listed, timeout=60, what=f"{name} among the processes")

    async def signal(self, name: str, which: signal.Signals) -> int:
        """Sends a signal to the part and returns the pid it had."""
        pid = await self.pid(name)
        os.kill(pid, which)
        return pid

    async def wait_restarted(self, name: str, old_pid: int) -> None:
        """Until the supervisor has started the part anew and everything is ready again."""

        async def restarted() -> bool:
            return await self.is_ready() and await self.pid(name) != old_pid

        await eventually(restarted, timeout=60)

    def addresses(self) -> dict[str, str]:
        """What `desk.json` says: database_url, redis_url, http."""
        content: dict[str, str] = orjson.loads((self.folder / "desk.json").read_bytes())
        return content

    def family(self) -> list[psutil.Process]:
        """The supervisor and everything it started."""
        assert self.supervisor is not None
        try:
            parent = psutil.Process(self.supervisor.pid)
            return [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    async def stop(self) -> None:
        """Ends the desk as `make stop` does; kills what is left by pid."""
        if self.supervisor is None:
            return
        family = self.family()
        if self.supervisor.poll() is None:
            self.supervisor.send_signal(signal.SIGTERM)
        await asyncio.to_thread(_wait_or_kill, family)
        self.supervisor.wait(10)
        self.supervisor = None

    async def ledger_check(self) -> tuple[int, str]:
        """Exit status and output of `python -m ops ledger check` on this desk."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "ops",
            "ledger",
            "check",
            cwd=ROOT,
            env=self.environment(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return process.returncode or 0, output.decode()


def _wait_or_kill(family: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(family, timeout=15)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive, timeout=5)
