"""PostgreSQL and Valkey of this desk: the embedded ones, unless DATABASE_URL or REDIS_URL names another.

Called by the supervisor. Gives it children to start and the addresses they listen on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from core.kernel.secret import Secret
from sandbox.postgres import EmbeddedPostgres
from sandbox.supervisor_child import Child
from sandbox.supervisor_files import DeskFolder
from sandbox.supervisor_plan import Desk
from sandbox.valkey import EmbeddedValkey


@dataclass
class Services:
    """The embedded servers of a run: not started yet, and the desk that knows their addresses."""

    children: list[Child]
    desk: Desk
    wait: Callable[[], None]


def prepare_services(desk: Desk, folder: DeskFolder) -> Services:
    """Makes data folders where there are none. Raises ServerFailed or FileNotFoundError."""
    waits: list[EmbeddedPostgres | EmbeddedValkey] = []
    children = []
    if "DATABASE_URL" not in desk.values:
        postgres = EmbeddedPostgres(folder.path / "postgres")
        postgres.initialize()
        children.append(_child("postgres", postgres, folder))
        waits.append(postgres)
        desk = desk.with_values(DATABASE_URL=postgres.dsn("app").reveal(), MIGRATION_DATABASE_URL=postgres.dsn("owner").reveal())
    if "REDIS_URL" not in desk.values:
        valkey = EmbeddedValkey(folder.path / "valkey", password=Secret(folder.secret("valkey_password")))
        valkey.initialize()
        children.append(_child("valkey", valkey, folder))
        waits.append(valkey)
        desk = desk.with_values(REDIS_URL=valkey.url)

    async def all_ready() -> None:
        for server in waits:
            await server.ready()

    return Services(children, desk, lambda: asyncio.run(all_ready()))


def _child(name: str, server: EmbeddedPostgres | EmbeddedValkey, folder: DeskFolder) -> Child:
    return Child(name, server.command, server.options(), folder.log(name), server.stop_signal, owns_group=name != "postgres")
