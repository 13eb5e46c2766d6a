"""Two real processes of one kind on one database, each under a name of its own, and a book of who wrote what while who held the lease.

The book is kept by triggers: PostgreSQL itself says who wrote (`session_user`) and whose lease it was at that moment.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from core.db.pool import Pool
from core.kernel.secret import Secret
from sandbox.child import die_with_parent
from sandbox.postgres import ROLES, EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("rival_one", "rival_two")
PASSWORD = "rivals of the tests"

_BOOK = """
create table rival_holders (name text primary key, token bigint not null, who text not null);
create table rival_writes (id bigint generated always as identity, who text, what text, lease text, holder text);

create function rival_note_holder() returns trigger language plpgsql security definer as $$
begin
    insert into rival_holders values (new.name, new.token, session_user)
    on conflict (name) do update set token = excluded.token, who = excluded.who where rival_holders.token <> excluded.token;
    return null;
end $$;
create trigger rival_note_holder after insert or update on leases for each row execute function rival_note_holder();

-- One row: the lease over it is asked for by name. `tg_argv`: the prefix of the lease's name; for shards how many groups there are.
create function rival_note_row() returns trigger language plpgsql security definer as $$
declare
    named text := tg_argv[0];
begin
    if session_user not like 'rival%' then return null; end if;
    if tg_op = 'UPDATE' and tg_table_name = 'outbox_chat' then
        if old.state = 'sent' and new.state = 'pending' then return null; end if;  -- shown once more: needs no lease
    end if;
    if named = 'poller' then named := 'poller:' || new.bot_id; end if;
    if named = 'bot-shard' then named := 'bot-shard:' || new.shard % tg_argv[1]::int; end if;
    insert into rival_writes (who, what, lease, holder)
    select session_user, tg_op || ' ' || tg_table_name, named, (select who from rival_holders where name = named);
    return null;
end $$;

-- A statement, even one that finds nothing left to change: whoever makes it must hold one of the leases.
create function rival_note_statement() returns trigger language plpgsql security definer as $$
begin
    if session_user not like 'rival%' then return null; end if;
    insert into rival_writes (who, what, lease, holder)
    select session_user, tg_op || ' on ' || tg_table_name, tg_argv[0],
           coalesce((select who from rival_holders where name like tg_argv[0] and who = session_user limit 1), 'another');
    return null;
end $$;
"""


async def open_book(postgres: EmbeddedPostgres, owner_pool: Pool) -> None:
    """The rivals' roles, which may do what the application may, and the book."""
    administrator = await asyncpg.connect(postgres.dsn("superuser", "postgres").reveal())
    for name in NAMES:
        if not await administrator.fetchval("select 1 from pg_roles where rolname = $1", name):
            await administrator.execute(f"create role {name} login password '{PASSWORD}' in role {ROLES['app']}")
    await administrator.close()
    await owner_pool.execute(_BOOK)


async def watch_rows(owner_pool: Pool, table: str, events: str, lease: str, groups: int = 0) -> None:
    """From now on each row of `table` that a rival writes is noted with the holder of its lease."""
    number = await owner_pool.fetchval("select count(*) from pg_trigger")
    await owner_pool.execute(
        f"create trigger rival_row_{number} after {events} on {table} for each row execute function rival_note_row('{lease}', '{groups}')"
    )


async def watch_statements(owner_pool: Pool, table: str, events: str, leases: str) -> None:
    """From now on each statement of a rival on `table` is noted; it must hold a lease whose name is like `leases`."""
    number = await owner_pool.fetchval("select count(*) from pg_trigger")
    await owner_pool.execute(
        f"create trigger rival_statement_{number} after {events} on {table} for each statement "
        f"execute function rival_note_statement('{leases}')"
    )


async def written_without_a_lease(owner_pool: Pool) -> list[str]:
    """What somebody wrote while another held the lease: must be nothing."""
    rows = await owner_pool.fetch("select * from rival_writes where holder is distinct from who order by id")
    return [f"{row['who']}: {row['what']} under {row['lease']} of {row['holder']}" for row in rows]


async def holds(owner_pool: Pool, who: str, leases: str) -> int:
    """How many leases with names like `leases` went to `who` last."""
    return int(await owner_pool.fetchval("select count(*) from rival_holders where name like $1 and who = $2", leases, who))


class Rival:
    """One of the processes. `name` is its role at the database."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.pid = process.pid
        self._process = process
        self._log = log

    def stop(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def lives(self) -> bool:
        """AssertionError with the end of its log where it has ended."""
        assert self._process.poll() is None, self.last_words()
        return True

    def last_words(self) -> str:
        """The end of its log."""
        return self._log.read_text()[-3_000:]

    def said(self, word: str) -> int:
        """How often its log has `word`."""
        return self._log.read_text().count(word)


def dsn_of(name: str, dsn: Secret) -> Secret:
    """The application's address, for a rival's role."""
    parts = urlsplit(dsn.reveal())
    return Secret(parts._replace(netloc=f"{name}:{PASSWORD.replace(' ', '%20')}@{parts.hostname}:{parts.port}").geturl())


def through(address: str, port: int) -> str:
    """The same address by another port."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{port}")).geturl()


@contextmanager
def rival(name: str, module: str, dsn: Secret, folder: Path, *, blind: bool, **settings: str) -> Iterator[Rival]:
    """Starts `module` as the process it is, with the planted bug where there is one; ends it."""
    runner = "tests.support.blind" if blind else "tests.planted.child"
    kept = {one: os.environ[one] for one in ("PATH", "PLANTED") if one in os.environ}
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", runner, module],
            cwd=folder,
            env={**kept, "PYTHONPATH": str(ROOT), "DATABASE_URL": dsn_of(name, dsn).reveal(), **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509  the call is made of two system calls
        )
    try:
        yield Rival(name, process, log)
    finally:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()
