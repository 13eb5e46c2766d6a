"""Real parts for all tests: PostgreSQL from the wheel with a migrated template database cloned for each test, and Valkey.

Fixtures: `postgres` (the server), `database` (a fresh clone), `owner_dsn`, `app_dsn`, `pool` (application role), `owner_pool`,
`valkey_url` (flushed). Each xdist worker has servers of its own; they die with it. Sockets go to this machine only.
With PLANTED=name in the environment the planted bug of that name is in the code and in the database.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import hypothesis  # noqa: F401  (now: its pytest plugin would import it after a failure, deep in the stack, where the parser gives up)
import pytest

from core.db.pool import Pool, create_pool
from core.kernel.secret import Secret
from migrations.apply import migrate
from sandbox.postgres import DATABASE, ROLES, EmbeddedPostgres
from sandbox.valkey import EmbeddedValkey
from tests.planted.registry import Plant, plant_from_environment

_LOCAL = ("127.", "::1", "localhost")
_numbers = count(1)
_planted = pytest.StashKey[Plant]()


def _only_this_machine(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "socket.connect" or arguments[0].family not in (socket.AF_INET, socket.AF_INET6):
        return
    host = arguments[1][0]
    if not str(host).startswith(_LOCAL):
        raise RuntimeError(f"a test reached for {host}: tests talk to this machine only")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--tier", choices=("test", "promises", "soak"), default="test", help="size of the promises' proofs")
    parser.addoption("--figures", default="", help="a file to which proofs that held append what they showed")
    parser.addoption("--seed", type=int, default=1, help="drives clock, randomness, schedule and faults of the promises' proofs")


def pytest_configure(config: pytest.Config) -> None:
    sys.addaudithook(_only_this_machine)
    config.stash[_planted] = plant_from_environment()


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """Where this session's servers keep their data. Traversable, because without namespaces root starts them as another user."""
    folder = Path(tempfile.mkdtemp(prefix="strongroom-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(server_folder: Path, request: pytest.FixtureRequest) -> Iterator[EmbeddedPostgres]:
    """The server, its database `strongroom` migrated: the template of every test's database. fsync is off."""
    server = EmbeddedPostgres(server_folder / "postgres", fsync=False)
    server.start()
    try:
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, _prepare_template(server, request.config.stash[_planted])).result()
        yield server
    finally:
        server.stop()


async def _prepare_template(server: EmbeddedPostgres, planted: Plant) -> None:
    await migrate(server.owner_dsn, app_password=server.password("app"))
    connection = await asyncpg.connect(server.owner_dsn.reveal())
    await planted.apply_to_database(connection)
    await connection.close()


@dataclass(frozen=True)
class Database:
    """A fresh clone of the migrated template."""

    name: str
    owner_dsn: Secret
    app_dsn: Secret


@pytest.fixture
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    """A database of this test's own, dropped afterwards whoever is still connected."""
    name = f"test_{next(_numbers)}"
    administrator = await asyncpg.connect(postgres.dsn("superuser", "postgres").reveal())
    await administrator.execute(f"create database {name} template {DATABASE} owner {ROLES['owner']} strategy file_copy")
    yield Database(name, postgres.dsn("owner", name), postgres.dsn("app", name))
    await administrator.execute(f"drop database {name} with (force)")
    await administrator.close()


@pytest.fixture
def owner_dsn(database: Database) -> Secret:
    """The clone's address as its owner."""
    return database.owner_dsn


@pytest.fixture
def app_dsn(database: Database) -> Secret:
    """The clone's address as the application role: what DATABASE_URL is in production."""
    return database.app_dsn


@pytest.fixture
async def pool(app_dsn: Secret) -> AsyncIterator[Pool]:
    """Connections as the application role."""
    pool = await create_pool(app_dsn, application_name="test", max_size=16)
    yield pool
    pool.terminate()


@pytest.fixture
async def owner_pool(owner_dsn: Secret) -> AsyncIterator[Pool]:
    """Connections as the owner of the tables, for what a test must arrange or break."""
    pool = await create_pool(owner_dsn, application_name="test owner", max_size=4)
    yield pool
    pool.terminate()


@pytest.fixture(scope="session")
def valkey(server_folder: Path) -> Iterator[EmbeddedValkey]:
    """The Valkey of this session, without an append-only file."""
    server = EmbeddedValkey(server_folder / "valkey", fsync=False)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def valkey_url(valkey: EmbeddedValkey) -> str:
    """Its address; empty at the start of each test."""
    with socket.create_connection(("127.0.0.1", valkey.port), timeout=5) as client:
        client.sendall(b"FLUSHALL\r\n")
        assert client.recv(64).startswith(b"+OK")
    return valkey.url
