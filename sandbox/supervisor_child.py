"""One child of the supervisor: started directly, started again with backoff when it ends, ended with it.

Called by `sandbox/supervisor.py` from its main thread only: the kernel ends a child when the *thread* that started it ends.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BACKOFF_S = (0.1, 0.2, 0.5, 1, 2, 5)
"""Seconds before the first, second … start again."""

STEADY_S = 30
"""Who ran this long starts at the first backoff again."""


@dataclass
class Child:
    """A process that should run. `argv` is asked at every start; `options` are keyword arguments of Popen."""

    name: str
    argv: Callable[[], list[str]]
    options: Mapping[str, Any]
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    owns_group: bool = True
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    ended: list[tuple[int, int]] = field(default_factory=list, init=False)
    failures: int = field(default=0, init=False)
    _started: float = field(default=0, init=False)
    _not_before: float = field(default=0, init=False)

    @property
    def pid(self) -> int | None:
        """Its number while it runs."""
        return self.process.pid if self.process else None

    def start(self) -> None:
        """Starts it, its output appended to its log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.argv(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, **self.options)
        self._started = time.monotonic()

    def tick(self) -> bool:
        """Notices its end and starts it again when its time has come. True when a new process runs."""
        if self.process is not None and self.process.poll() is not None:
            self._note_end(self.process)
        if self.process is None and time.monotonic() >= self._not_before:
            self.start()
            return True
        return False

    def _note_end(self, process: subprocess.Popen[bytes]) -> None:
        self.sweep(process.pid)
        self.ended.append((process.pid, process.returncode))
        now = time.monotonic()
        self.failures = 1 if now - self._started > STEADY_S else self.failures + 1
        self._not_before = now + BACKOFF_S[min(self.failures, len(BACKOFF_S)) - 1]
        self.process = None

    def sweep(self, pid: int) -> None:
        """Ends what a dead child left behind in its process group."""
        if self.owns_group:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)

    def signal(self, number: signal.Signals | None = None) -> None:
        """Asks it to end (or sends another signal); nothing happens when it does not run."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number or self.stop_signal)

    def finished(self) -> bool:
        """Whether it does not run (any more)."""
        return self.process is None or self.process.poll() is not None

    def kill(self) -> None:
        """Ends it and its group now."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.sweep(self.process.pid)


def end_all(children: list[Child], patience_s: float) -> None:
    """Asks all at once to end, waits up to `patience_s`, kills the rest."""
    for child in children:
        child.signal()
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline and not all(child.finished() for child in children):
        time.sleep(0.02)
    for child in children:
        child.kill()
        child.process = None
