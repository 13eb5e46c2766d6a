"""What the supervisor keeps in DATA_DIR: its lock, `processes.json`, `desk.json`, generated secrets, logs with a bound.

Called by the supervisor and its commands; `python -m ops` and the tests read `processes.json` and `desk.json`. Files with secrets
are made with mode 0600 and replaced whole, never edited in place.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

LOG_BYTES = 8 * 1024 * 1024
"""A log longer than this moves to `NAME.log.1`; so a process keeps at most twice as much."""


@dataclass(frozen=True, slots=True)
class Running:
    """One process that was started, told apart from a later one with the same number by when it began."""

    name: str
    pid: int
    started: float

    def process(self) -> psutil.Process | None:
        """The live process, or None when it ended (or another one has its number)."""
        try:
            found = psutil.Process(self.pid)
            same = abs(found.create_time() - self.started) < 1 and found.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return found if same else None


def describe(name: str, pid: int) -> Running:
    """A Running for a process that was just started; its beginning is 0 where it is gone already."""
    try:
        return Running(name, pid, psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return Running(name, pid, 0)


class DeskFolder:
    """One DATA_DIR. Two folders are two desks side by side."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    def prepare(self) -> None:
        """Makes the folders; metrics of an earlier run go away."""
        self.path.mkdir(parents=True, exist_ok=True)
        for name in ("logs", "run"):
            (self.path / name).mkdir(exist_ok=True)
        shutil.rmtree(self.path / "metrics", ignore_errors=True)
        (self.path / "metrics").mkdir()

    def lock(self) -> bool:
        """Takes the folder until this process ends; False when another supervisor has it."""
        self.path.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._lock = descriptor
        return True

    def unlock(self) -> None:
        """Gives the folder back."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def log(self, name: str) -> Path:
        """Where a process's output goes."""
        return self.path / "logs" / f"{name}.log"

    def write_processes(self, address: str, supervisor: Running, processes: list[Running]) -> None:
        """`processes.json`: who runs here and at which address."""
        told = {"address": address, "supervisor": asdict(supervisor), "processes": [asdict(one) for one in processes]}
        write_private(self.path / "processes.json", told)

    def read_processes(self) -> tuple[str, Running | None, list[Running]]:
        """What was written last: address, supervisor, processes. Empty when there is nothing readable."""
        try:
            told: dict[str, Any] = json.loads((self.path / "processes.json").read_text())
            return told["address"], Running(**told["supervisor"]), [Running(**one) for one in told["processes"]]
        except (OSError, ValueError, KeyError, TypeError):
            return "", None, []

    def forget_processes(self) -> None:
        """Nothing runs here any more."""
        (self.path / "processes.json").unlink(missing_ok=True)

    def write_desk(self, told: Mapping[str, str]) -> None:
        """`desk.json`, 0600: how an operator's command line reaches this desk."""
        write_private(self.path / "desk.json", dict(told))

    def secret(self, name: str, make: str | None = None) -> str:
        """The generated secret `name`, made at its first use (`make`, else 32 random bytes) and kept in `keys/`, 0600."""
        keys = self.path / "keys"
        keys.mkdir(exist_ok=True, mode=0o700)
        file = keys / name
        if not file.exists():
            write_private(file, make or secrets.token_urlsafe(32))
        value: str = json.loads(file.read_text())
        return value

    def bound_logs(self) -> None:
        """Moves what grew over LOG_BYTES to `.1`. Writers append, so they go on in the emptied file."""
        for log in (self.path / "logs").glob("*.log"):
            if log.stat().st_size > LOG_BYTES:
                shutil.copyfile(log, log.with_name(f"{log.name}.1"))
                os.truncate(log, 0)


def write_private(path: Path, content: object) -> None:
    """JSON into a file of mode 0600, replaced in one step and on disk before it counts."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
