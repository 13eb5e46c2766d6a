"""A process that holds a lease and writes under it when told: the one that P11 stops and lets go on.

Commands on its standard input, one answer a line: `acquire`, `write NAME`, `begin NAME` (requires the lease and leaves the unit of
work open until the next line), `commit`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta

from sqlalchemy import insert

from core.controls.models import pauses
from core.db import leases
from core.db.pool import Pool, create_pool
from core.db.unit_of_work import unit_of_work
from core.kernel.secret import Secret


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def next_line() -> str:
    """Blocks the loop, as a stopped process would: nothing else happens here."""
    return sys.stdin.readline().strip()


async def write(pool: Pool, lease: leases.Lease, name: str, *, wait: bool) -> str:
    """A row under the lease; with `wait` the transaction stays open until the next command."""
    try:
        async with unit_of_work(pool) as uow:
            await uow.connection.execute("set local idle_in_transaction_session_timeout = '1s'")
            await leases.require(uow, lease)
            if wait:
                say("begun")
                await next_line()
            await uow.execute(insert(pauses).values(scope=name, paused_by=1))
    except Exception as error:  # noqa: BLE001  (its name is the answer)
        return type(error).__name__
    return "written"


async def main() -> None:
    pool = await create_pool(Secret(os.environ["DATABASE_URL"]), application_name="stale worker", max_size=1)
    ttl = timedelta(milliseconds=int(os.environ["LEASE_TTL_MS"]))
    lease: leases.Lease | None = None
    while command := await next_line():
        word, _, name = command.partition(" ")
        if word == "acquire":
            lease = await leases.acquire(pool, "work", f"worker-{os.getpid()}", ttl)
            say(f"token {lease.token}" if lease else "taken")
        elif lease is not None:
            say(await write(pool, lease, name, wait=word == "begin"))


if __name__ == "__main__":
    asyncio.run(main())
