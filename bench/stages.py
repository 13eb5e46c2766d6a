"""Where the time between a tap and the venue goes: commit times out of PostgreSQL, beside the times the desk notes anyway.

Used by `bench/tap_to_wire.py` on a desk of its own: the server keeps commit timestamps, and a trigger notes which transaction brought
a tap. What is measured costs a tap one small insert more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import asyncpg

from bench.support import Timing, table
from sandbox.postgres import EmbeddedPostgres

STAGES = (
    "tap → its inbox transaction begins (Telegram sandbox, poller)",
    "→ inbox row committed",
    "→ request begins (wake, claim, user, button)",
    "→ request committed (press, order, outbox, toast)",
    "→ decision begins (publish, Celery, order and book read)",
    "→ decision committed (facts, risk, hold, order)",
    "→ order at the venue",
)
_NOTE = """
create table bench_taps (chat_id bigint, message_id bigint, update_id bigint, brought xid);
create function bench_note_tap() returns trigger language plpgsql security definer as $$
begin
    insert into bench_taps
    select (m->'chat'->>'id')::bigint, (m->>'message_id')::bigint, new.update_id, pg_current_xact_id()::xid
      from (select new.payload->'callback_query'->'message' as m) tapped where m is not null;
    return null;
end $$;
create trigger bench_note_tap after insert on inbox_updates for each row execute function bench_note_tap();
"""
_READ = """
select b.chat_id, b.message_id, array[extract(epoch from u.received_at), extract(epoch from pg_xact_commit_timestamp(b.brought)),
       extract(epoch from u.finished_at), extract(epoch from pg_xact_commit_timestamp(u.xmin)),
       extract(epoch from d.decided_at), extract(epoch from pg_xact_commit_timestamp(d.xmin)), extract(epoch from p.accepted_at)]::float8[]
  from bench_taps b
  join inbox_updates u on u.update_id = b.update_id
  join outbox_messages m on m.chat_id = b.chat_id and m.telegram_message_id = b.message_id
  join orders o on o.chat_id = m.chat_id and o.message_key = m.message_key
  join paper_venue_orders p on p.client_order_id = o.client_order_id
  join decisions d on d.subject_id = o.id::text and d.sequence = 0
"""


def keep_commit_times(folder: Path) -> EmbeddedPostgres:
    """The server of the desk in `folder`, before the desk is started: it will remember when each transaction was committed."""
    folder.mkdir(parents=True, exist_ok=True)
    server = EmbeddedPostgres(folder / "postgres")
    server.initialize()
    with (server.data / "postgresql.auto.conf").open("a") as settings:
        settings.write("track_commit_timestamp = on\n")
    return server


async def note_taps(server: EmbeddedPostgres) -> None:
    """From now on the transaction that brings a tap is noted."""
    owner = await asyncpg.connect(server.owner_dsn.reveal())
    await owner.execute(_NOTE)
    await owner.close()


async def read(server: EmbeddedPostgres) -> dict[tuple[int, int], list[float]]:
    """By chat and message: the seven moments, in seconds since the epoch."""
    owner = await asyncpg.connect(server.owner_dsn.reveal())
    found = await owner.fetch(_READ)
    await owner.close()
    return {(row[0], row[1]): row[2] for row in found}


def breakdown(tapped: Mapping[tuple[int, int], float], moments: Mapping[tuple[int, int], Sequence[float]]) -> str:
    """A table: each stage's own time, in milliseconds."""
    timings = [Timing() for _ in STAGES]
    for key, at in tapped.items():
        before = at
        for timing, moment in zip(timings, moments.get(key, ()), strict=False):
            timing.latencies.append(moment - before)
            before = moment
    rows = [[name, *(f"{one.percentile_ms(percent):.1f}" for percent in (50, 95))] for name, one in zip(STAGES, timings, strict=True)]
    return table(["stage, milliseconds", "p50", "p95"], rows)
