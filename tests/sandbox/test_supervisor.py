"""The supervisor for real: everything starts, what is killed comes back, and nothing outlives it, however it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil
import pytest

from core.db.pool import Pool
from core.kernel.secret import Secret
from sandbox.child import free_port
from sandbox.supervisor_plan import ROOT
from sandbox.valkey import EmbeddedValkey
from tests.sandbox.dummy_desk import SERVERS
from tests.support.waiting import eventually, eventually_sync

NAMES = {"postgres", "valkey", "api", "sleeper", "stubborn"}
GONE_WITHIN_S = 5
"""The promise: whatever ends the supervisor, everything is gone this soon."""


@dataclass
class Running:
    folder: Path
    port: int
    supervisor: subprocess.Popen[str]

    def pids(self) -> dict[str, int]:
        try:
            told = json.loads((self.folder / "processes.json").read_text())
        except FileNotFoundError:
            return {}
        return {one["name"]: one["pid"] for one in told["processes"]}

    def everything(self) -> set[psutil.Process]:
        """Every process below the supervisor, children's children too."""
        return set(psutil.Process(self.supervisor.pid).children(recursive=True))

    def until_restarted(self, name: str, old: int) -> int:
        return eventually_sync(lambda: self.pids().get(name, old) != old and self.pids()[name], 20, what=f"a new {name}")

    def database(self) -> str:
        return str(json.loads((self.folder / "desk.json").read_text())["database_url"])


@contextmanager
def running(folder: Path, **servers: str) -> Iterator[Running]:
    port = free_port()
    command = [sys.executable, "-m", "tests.sandbox.dummy_desk", str(folder), str(port)]
    environment = {name: value for name, value in os.environ.items() if name not in SERVERS} | servers
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as supervisor:
        try:
            assert supervisor.stdout is not None
            lines = []
            for line in supervisor.stdout:
                lines.append(line)
                if "ready" in line:
                    break
            else:
                pytest.fail("it never became ready: " + "".join(lines))
            yield Running(folder, port, supervisor)
        finally:
            if supervisor.poll() is None:
                supervisor.terminate()


def still_alive(processes: set[psutil.Process]) -> set[psutil.Process]:
    return {one for one in processes if lives(one)}


def lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for parent in (tmp_path, *tmp_path.parents):
        if parent.owner() == tmp_path.owner() and parent.is_relative_to("/tmp") and parent != Path("/tmp"):  # noqa: S108
            parent.chmod(0o755)  # root without namespaces starts PostgreSQL as another user
    return tmp_path / "desk"


async def test_a_killed_supervisor_leaves_nothing_behind_and_loses_nothing(folder: Path) -> None:
    with running(folder) as desk:
        assert set(desk.pids()) == NAMES
        connection = await asyncpg.connect(desk.database())
        await connection.execute("insert into inbox_bots (bot_id, username) values (1, 'acknowledged')")
        await connection.close()
        below = desk.everything()
        assert len(below) > len(NAMES)
        # A child's own child has no parent-death signal; our processes start none, `stubborn` starts one for the other tests.
        started_by_a_child = {one for one in below if one.name() == "sleep"}
        desk.supervisor.kill()
        eventually_sync(lambda: not still_alive(below - started_by_a_child), GONE_WITHIN_S, what="the end of everything")
        for one in started_by_a_child:
            one.kill()
    with running(folder) as again:
        connection = await asyncpg.connect(again.database())
        assert await connection.fetchval("select username from inbox_bots") == "acknowledged"
        await connection.close()


async def test_servers_that_are_named_are_used_and_none_are_started(
    folder: Path, owner_dsn: Secret, app_dsn: Secret, owner_pool: Pool, valkey: EmbeddedValkey
) -> None:
    await owner_pool.execute("revoke all on inbox_bots from strongroom_app")
    named = {"DATABASE_URL": app_dsn.reveal(), "MIGRATION_DATABASE_URL": owner_dsn.reveal(), "REDIS_URL": valkey.url}
    with running(folder, **named) as desk:
        assert set(desk.pids()) == NAMES - {"postgres", "valkey"}
        assert not {one.name() for one in desk.everything()} & {"postgres", "valkey-server"}
        assert not (folder / "postgres").exists()
        assert not (folder / "valkey").exists()
        told = json.loads((folder / "desk.json").read_text())
        assert (told["database_url"], told["redis_url"]) == (named["DATABASE_URL"], named["REDIS_URL"])
        granted = await owner_pool.fetchval("select has_table_privilege('strongroom_app', 'inbox_bots', 'select')")
        assert granted, "the migrations ran on the named server"
        desk.supervisor.terminate()
        assert desk.supervisor.wait(GONE_WITHIN_S) == 0
    assert await owner_pool.fetchval("select 1") == 1, "the named server is left alone"


async def test_whatever_is_killed_is_started_again_and_the_servers_keep_their_ports(folder: Path) -> None:
    with running(folder) as desk:
        before = desk.pids()
        address = desk.database()
        started_by_a_child = eventually_sync(lambda: {one for one in desk.everything() if one.name() == "sleep"})
        for name in ("sleeper", "stubborn", "valkey", "postgres"):
            os.kill(before[name], signal.SIGKILL)
        after = {name: desk.until_restarted(name, before[name]) for name in ("sleeper", "stubborn", "valkey", "postgres")}
        assert all(after.values())
        assert desk.pids()["api"] == before["api"]
        assert desk.database() == address
        eventually_sync(lambda: not still_alive(started_by_a_child), what="the end of what the killed process had started")
        await eventually(lambda: answers(address), 15)


async def answers(address: str) -> bool:
    try:
        connection = await asyncpg.connect(address)
    except (OSError, asyncpg.PostgresError):
        return False
    await connection.close()
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_everything_also_what_does_not_listen(folder: Path, number: signal.Signals) -> None:
    with running(folder) as desk:
        below = desk.everything()
        desk.supervisor.send_signal(number)
        assert desk.supervisor.wait(GONE_WITHIN_S) == 0
        assert not still_alive(below)
        assert not (folder / "processes.json").exists()


def command(folder: Path, name: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder), **variables}
    argv = [sys.executable, "-m", "sandbox", name]
    return subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30, check=False)


def test_a_second_run_says_what_runs_and_where_and_stop_ends_it(folder: Path) -> None:
    with running(folder) as desk:
        second = command(folder, "run", HTTP_PORT=str(desk.port))
        assert second.returncode == 0
        assert f"http://127.0.0.1:{desk.port}/" in second.stdout
        for name, pid in desk.pids().items():
            assert f"{name} {pid}" in second.stdout
        assert command(folder, "health").returncode == 0
        below = desk.everything()
        assert command(folder, "stop").returncode == 0
        assert not still_alive(below)
        assert desk.supervisor.wait(5) == 0
    assert "Nothing runs" in command(folder, "stop").stdout
    assert command(folder, "health").returncode == 1


def test_a_taken_port_is_one_clear_line(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = command(folder, "run", HTTP_PORT=str(port))
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert f"Port {port}" in refused.stderr
    assert "HTTP_PORT=" in refused.stderr
