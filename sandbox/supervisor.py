"""The supervisor of `make run`: starts everything as direct children, starts again what ends, ends all with itself.

One thread, one loop. Children die with it whatever happens to it (the kernel's parent-death signal), so kill -9 leaves nothing
behind; what they acknowledged is in PostgreSQL. Called by `python -m sandbox run`.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from typing import Any

from core.config.metrics import forget_process
from sandbox.child import die_with_parent
from sandbox.services import prepare_services
from sandbox.supervisor_child import Child, end_all
from sandbox.supervisor_files import DeskFolder, describe
from sandbox.supervisor_health import ask_health
from sandbox.supervisor_plan import BadSettings, Command, Desk, migration_command, process_table

TICK_S = 0.25
HOUSEKEEPING_S = 5
PATIENCE_S = 2.5
"""How long processes may take to end in order; the embedded servers get half of it after them. All within five seconds."""

READY_TIMEOUT_S = 90
TOLD_ENDS = 3
"""How many ends in a row of one process are told; then every twentieth."""


class Supervisor:
    """One run of one desk."""

    def __init__(
        self, desk: Desk, folder: DeskFolder, table: Callable[[Desk], list[Command]] = process_table, say: Callable[[str], None] = print
    ) -> None:
        self.desk = desk
        self._folder = folder
        self._table = table
        self._say = say
        self._services: list[Child] = []
        self._processes: list[Child] = []
        self._stopping = False
        self._woken = -1
        self._began = time.monotonic()
        self._house_kept = self._began
        self._self = describe("supervisor", os.getpid())

    def run(self, changes: Callable[[], bool] | None = None) -> int:
        """Until a signal comes. `changes` tells whether the code changed (`make dev`). Returns the exit status."""
        try:
            self._listen_to_signals()
            self._start()
            while not self._stopping:
                self._turn(TICK_S)
                if changes is not None and changes():
                    self._reload()
        except subprocess.CalledProcessError:
            self._say(f"The migrations failed: see {self._folder.log('migrations')}")
            return 1
        finally:
            self._end()
        return 0

    def _start(self) -> None:
        end_orphans(self._folder)
        self._folder.prepare()
        self._start_services()
        if self._stopping:
            return
        self._migrate()
        self._processes = [self._child(command) for command in self._table(self.desk)]
        for child in self._processes:
            child.start()
        self._write_processes()
        self._await_ready()

    def _start_services(self) -> None:
        services = prepare_services(self.desk, self._folder)
        self._services, self.desk = services.children, services.desk
        for child in self._services:
            child.start()
        self._write_processes()
        services.wait()
        values = self.desk.values
        told = {"database_url": values["DATABASE_URL"], "redis_url": values["REDIS_URL"], "http": self.desk.address}
        self._folder.write_desk(told)

    def _migrate(self) -> None:
        command = migration_command(self.desk)
        with self._folder.log(command.name).open("ab") as log:
            subprocess.run(command.argv, check=True, stdout=log, stderr=log, **self._options(command))

    def _options(self, command: Command) -> dict[str, Any]:
        return {
            "env": dict(command.environment),
            "cwd": self._folder.path / "run",
            "preexec_fn": die_with_parent(signal.SIGKILL),
            "start_new_session": True,
        }

    def _child(self, command: Command) -> Child:
        return Child(command.name, lambda: list(command.argv), self._options(command), self._folder.log(command.name), command.stop_signal)

    def _await_ready(self) -> None:
        deadline = time.monotonic() + READY_TIMEOUT_S
        told = False
        while not self._stopping:
            ready, missing = ask_health(self.desk.address)
            if ready:
                self._say(f"Strongroom is ready after {time.monotonic() - self._began:.1f} s: {self.desk.address}")
                self._say("Ctrl-C or `make stop` ends it; `make logs` shows what it does.")
                return
            if not told and time.monotonic() > deadline:
                told = True
                self._say(f"Still waiting for {missing}; logs are in {self._folder.path / 'logs'}")
            self._turn(TICK_S)

    def _turn(self, wait_s: float) -> None:
        """Waits for a signal or the time, then looks after the children."""
        select.select([self._woken], [], [], wait_s)
        with contextlib.suppress(BlockingIOError):
            os.read(self._woken, 1024)
        if self._stopping:
            return
        changed = False
        for child in [*self._services, *self._processes]:
            changed = child.tick() or changed
            self._note_ends(child)
        if changed:
            self._write_processes()
        if time.monotonic() - self._house_kept > HOUSEKEEPING_S:
            self._house_kept = time.monotonic()
            self._folder.bound_logs()

    def _note_ends(self, child: Child) -> None:
        for pid, status in child.ended:
            forget_process(pid, str(self._folder.path / "metrics"))
            if child.failures <= TOLD_ENDS or child.failures % 20 == 0:
                self._say(f"{child.name} ({pid}) ended with {status} and is started again; see {child.log}")
        child.ended.clear()

    def _reload(self) -> None:
        self._say("The code changed: the processes start again.")
        end_all(self._processes, PATIENCE_S)
        for child in self._processes:
            child.start()
        self._write_processes()

    def _end(self) -> None:
        end_all(self._processes, PATIENCE_S)
        end_all(self._services, PATIENCE_S / 2)
        self._folder.forget_processes()

    def _write_processes(self) -> None:
        running = [describe(child.name, child.pid) for child in [*self._services, *self._processes] if child.pid is not None]
        self._folder.write_processes(self.desk.address, self._self, running)

    def _listen_to_signals(self) -> None:
        self._woken, wake = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)

    def _stop(self, *_: object) -> None:
        self._stopping = True


def end_orphans(folder: DeskFolder) -> None:
    """Ends what a supervisor that was killed may have left where the kernel has no parent-death signal."""
    _, _, processes = folder.read_processes()
    for left in processes:
        process = left.process()
        if process is not None:
            process.kill()
            process.wait(5)


def require_free_port(desk: Desk) -> None:
    """Raises BadSettings when somebody listens at HTTP_PORT."""
    family = socket.AF_INET6 if ":" in desk.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((desk.host, desk.port))
        except OSError as problem:
            raise BadSettings(
                f"Port {desk.port} of {desk.host} is taken ({problem.strerror}). Choose another one: HTTP_PORT={desk.port + 10} make run"
            ) from None
