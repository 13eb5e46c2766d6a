"""P11 on the processes themselves: `bot`, `relay` and `streams` are stopped past their leases, another takes over, the first goes on.

Of two processes of a kind one is blind to time (tests/support/blind.py): nothing but the fence keeps it from writing. What was written,
and by whom, is told by PostgreSQL's triggers and by Valkey's own record of its commands.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis

from core.adapters.marketdata.valkey_books import FENCE
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.secret import Secret
from core.outbox import service as outbox
from sandbox.postgres import EmbeddedPostgres
from sandbox.telegram.client import SandboxUser
from tests.promises.conftest import Proof
from tests.support.books import write_recording
from tests.support.proxy import Proxy
from tests.support.rivals import (
    NAMES,
    Rival,
    holds,
    open_book,
    rival,
    through,
    watch_rows,
    watch_statements,
    written_without_a_lease,
)
from tests.support.telegram_desk import TOKEN, telegram_desk
from tests.support.waiting import eventually

TTL_MS = 1_000
GROUPS = 4
USERS = 8
SOME_TASKS_BYTES = 4_000
"""A few publications of twenty."""
TEXTS = 12
"""Of each user, before the stop: more than a bot handles in a moment."""


@pytest.fixture
async def book(postgres: EmbeddedPostgres, owner_pool: Pool) -> Pool:
    """Who wrote what; read as the owner."""
    await open_book(postgres, owner_pool)
    return owner_pool


@asynccontextmanager
async def through_a_door(valkey_url: str) -> AsyncIterator[tuple[Proxy, str]]:
    """A way to Valkey that can be held."""
    async with Proxy(urlsplit(valkey_url).port or 6379) as door:
        yield door, through(valkey_url, door.port)


# --- relay ------------------------------------------------------------------------------------------------------------------


async def append_tasks(pool: Pool, first: int, count: int) -> set[str]:
    ids = {f"task-{number}" for number in range(first, first + count)}
    async with unit_of_work(pool) as uow:
        for row_id in sorted(ids):
            await outbox.append_task(uow, task="trading.place_order", row_id=row_id)
    return ids


async def test_a_relay_stopped_with_a_publication_on_its_way_marks_nothing_when_it_goes_on(
    pool: Pool, book: Pool, app_dsn: Secret, valkey_url: str, tmp_path: Path, proof: Proof
) -> None:
    rounds = proof.size(test=1, promises=20, soak=200)
    settings = {"LEASE_TTL_MS": str(TTL_MS), "RELAY_GRACE_MS": "0"}
    await watch_statements(book, "outbox_tasks", "update", "relay")
    async with through_a_door(valkey_url) as (door, held_url):
        with ExitStack() as stack:
            old = stack.enter_context(rival(NAMES[0], "workers.relay", app_dsn, tmp_path, blind=True, REDIS_URL=held_url, **settings))
            await eventually(lambda: holds(book, old.name, "relay"), 30)
            new = stack.enter_context(rival(NAMES[1], "workers.relay", app_dsn, tmp_path, blind=False, REDIS_URL=valkey_url, **settings))
            await eventually(lambda: pool.fetchval("select true from process_heartbeats where process = 'relay-standby'"), 30)
            new.stop()
            for number in range(rounds):
                await relay_round(pool, book, door, old, new, number)
    assert await written_without_a_lease(book) == []
    async with Redis.from_url(valkey_url) as valkey:
        queued = await valkey.llen("trade")
    assert queued >= rounds * 20
    proof.record(
        f"{rounds:,} relays stopped with publications on their way, {rounds * 20:,} tasks handed over, none marked by the stale one"
    )


async def relay_round(pool: Pool, book: Pool, door: Proxy, old: Rival, new: Rival, number: int) -> None:
    """`old` leads, `new` stands still; `old` is stopped when it has published some; `new` hands everything over.

    Then `old` goes on, hears of it, and leads again.
    """
    door.hold(after=SOME_TASKS_BYTES)
    await append_tasks(pool, number * 20, 20)
    await eventually(lambda: door.held and old.lives(), 10, what="a publication on its way")
    old.stop()
    lost = old.said("lease_lost")
    new.go_on()
    await eventually(lambda: new.lives() and holds(book, new.name, "relay"), 30)
    await eventually(lambda: pool.fetchval("select count(*) = 0 from outbox_tasks where dispatched_at is null"), 30)
    door.release()
    old.go_on()
    await eventually(lambda: old.lives() and old.said("lease_lost") > lost, 30, what="the stale relay hears that its lease is lost")
    new.stop()
    await eventually(lambda: holds(book, old.name, "relay"), 30)


# --- streams ----------------------------------------------------------------------------------------------------------------


class Record:
    """Valkey's own record of what was written to the book of BTC/USDT: the best asking price of each write, in order."""

    def __init__(self) -> None:
        self.asks: list[int] = []

    async def keep(self, valkey: Redis) -> None:
        async with valkey.monitor() as monitor:
            async for command in monitor.listen():
                words = command["command"]
                if command["client_type"] == "lua" and words.startswith("SET market:book:BTC/USDT {"):
                    self.asks.append(int(words.split('"asks":[["')[1].split('"')[0]))


async def test_a_price_publisher_stopped_past_its_lease_publishes_nothing_when_it_goes_on(
    pool: Pool, book: Pool, app_dsn: Secret, valkey_url: str, tmp_path: Path, proof: Proof
) -> None:
    rounds = proof.size(test=1, promises=40, soak=400)
    await watch_statements(book, "instruments", "insert or update", "streams")
    asks = dict(zip(NAMES, (111, 222), strict=True))
    record = Record()
    async with through_a_door(valkey_url) as (door, held_url), Redis.from_url(valkey_url) as valkey:
        keeping = asyncio.create_task(record.keep(valkey))
        with ExitStack() as stack:
            rivals = []
            for name, url in zip(NAMES, (held_url, valkey_url), strict=True):
                market = tmp_path / f"market of {name}"
                write_recording(market / "binance_spot_btcusdt_20240808", asks=[(asks[name], 1)])
                settings = {"LEASE_TTL_MS": str(TTL_MS), "MARKET_DATA_DIR": str(market), "REDIS_URL": url}
                blind = name == NAMES[0]
                rivals.append(stack.enter_context(rival(name, "workers.streams", app_dsn, tmp_path, blind=blind, **settings)))
                await eventually(lambda: all(one.lives() for one in rivals) and record.asks, 60, what="the first one publishes")
            await eventually(lambda: pool.fetchval("select true from process_heartbeats where process = 'streams-standby'"), 30)
            for number in range(rounds):
                old, new = rivals[number % 2], rivals[1 - number % 2]
                await streams_round(record, asks, valkey, door if number % 2 == 0 else None, old, new)
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
    assert await written_without_a_lease(book) == []
    assert takeovers(record.asks) == rounds, "each publishes while it leads, and never again after the other began"
    proof.record(f"{rounds:,} publishers stopped past their leases, {len(record.asks):,} books published, none by a stale one")


async def streams_round(record: Record, asks: dict[str, int], valkey: Redis, door: Proxy | None, old: Rival, new: Rival) -> None:
    """`old` leads; it is stopped, with a book on its way where there is a door; `new` publishes; `old` goes on and stands by."""
    if door is not None:
        door.hold()
        await eventually(lambda: door.held and old.lives(), 10, what="a book on its way")
    old.stop()
    lost = old.said("lease_lost")
    await eventually(lambda: new.lives() and record.asks[-1] == asks[new.name], 30, what="the other one publishes")
    if door is not None:
        door.release()
    old.go_on()
    await eventually(lambda: old.lives() and old.said("lease_lost") > lost, 30, what="the stale one is refused")
    published = len(record.asks)
    await eventually(lambda: len(record.asks) >= published + 2, 10, what="the new one goes on")
    assert await valkey.get(FENCE)


def takeovers(asks: list[int]) -> int:
    """How often the publisher changed."""
    return sum(1 for before, after in pairwise(asks) if before != after)


# --- bot --------------------------------------------------------------------------------------------------------------------


async def test_a_bot_stopped_past_its_leases_handles_and_sends_nothing_when_it_goes_on(
    pool: Pool, book: Pool, app_dsn: Secret, valkey_url: str, tmp_path: Path, proof: Proof
) -> None:
    rounds = proof.size(test=1, promises=20, soak=200)
    await watch_rows(book, "inbox_updates", "insert", "poller")
    await watch_rows(book, "inbox_updates", "update", "bot-shard", GROUPS)
    await watch_statements(book, "inbox_updates", "update", "bot-shard:%")
    await watch_rows(book, "outbox_chat", "insert or update", "bot-shard", GROUPS)
    async with telegram_desk(app_dsn, pool, valkey_url, run=False) as desk:
        users = [await desk.user(7 + number) for number in range(USERS)]
        settings = {
            "LEASE_TTL_MS": str(TTL_MS),
            "REDIS_URL": valkey_url,
            "BOT_SHARDS": str(GROUPS),
            "TELEGRAM_API_URL": desk.settings.telegram_api_url,
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_MESSAGES_PER_SECOND": "10000",
            "OVERLOAD_BURST": "100000",
            "OVERLOAD_AGE_MS": "600000",
            "TELEGRAM_CHAT_MESSAGES_PER_SECOND": "1000",
        }
        async with AsyncExitStack() as stack:
            doors = [await stack.enter_async_context(Proxy(urlsplit(app_dsn.reveal()).port or 5432)) for _ in NAMES]
            rivals = []
            for name, door in zip(NAMES, doors, strict=True):
                dsn = Secret(through(app_dsn.reveal(), door.port))
                rivals.append(stack.enter_context(rival(name, "bot", dsn, tmp_path, blind=name == NAMES[0], **settings)))
            await say(users, "/start", 1)
            for one in rivals:
                await eventually(lambda: one.lives() and holds(book, one.name, "bot-shard:%"), 40)  # noqa: B023
            await eventually(lambda: answered(pool, USERS), 30)
            for number in range(rounds):
                old, new = rivals[number % 2], rivals[1 - number % 2]
                await bot_round(pool, book, users, doors[number % 2], old, new, after=proof.random.randrange(USERS))
    said = USERS * (1 + 2 * rounds * TEXTS)
    assert await written_without_a_lease(book) == []
    assert await pool.fetchval("select count(*) from inbox_updates where state = 'done'") == said
    answers = await pool.fetch("select correlation_id, count(*) as rows from outbox_chat group by correlation_id")
    assert [row["rows"] for row in answers] == [1] * said, "each text is answered once"
    proof.record(f"{rounds:,} bots stopped past their leases, {said:,} updates handled and answered once")


async def say(users: list[SandboxUser], text: str, times: int) -> None:
    """All at once: sooner than any bot handles them."""
    await asyncio.gather(*(user.send(text) for _ in range(times) for user in users))


async def bot_round(pool: Pool, book: Pool, users: list[SandboxUser], door: Proxy, old: Rival, new: Rival, *, after: int) -> None:
    """`old` is stopped amid its work, with statements on their way to the database that arrive when `new` has taken over everything.

    It has more in hand by then. `new` does what was left; `old` goes on with what it has in hand, hears that it is too late, and gets
    its share again.
    """
    done, said = await handled_by(book, old), int(await pool.fetchval("select count(*) from inbox_updates"))
    saying = asyncio.create_task(say(users, "/help", TEXTS))
    await eventually(lambda: in_the_midst(book, old, done + after), 20, what="the one to be stopped is at work, with more in hand")
    door.hold()
    await eventually(lambda: door.held, 10, what="a statement on its way")
    old.stop()
    lost = old.said("lease_lost")
    await saying
    await eventually(lambda: everything_is_with(book, new), 30, what="the other one takes over everything")
    door.release()
    await eventually(lambda: answered(pool, said + USERS * TEXTS), 30)
    old.go_on()
    await eventually(lambda: old.lives() and old.said("lease_lost") > lost, 30, what="the stale one hears of it")
    await eventually(lambda: has_a_share(book, old), 60)
    await say(users, "/help", TEXTS)
    await eventually(lambda: answered(pool, said + 2 * USERS * TEXTS), 30)


async def has_a_share(book: Pool, one: Rival) -> bool:
    assert await holds(book, one.name, "bot-shard:%"), f"{one.name} got no share again: {one.last_words()}"
    return True


async def handled_by(book: Pool, one: Rival) -> int:
    query = "select count(*) from rival_writes where who = $1 and what = 'UPDATE inbox_updates'"
    return int(await book.fetchval(query, one.name))


async def in_the_midst(book: Pool, one: Rival, than: int) -> bool:
    """It has handled more than that, and at least as much as there are users waits for it."""
    assert await handled_by(book, one) > than
    waiting = (
        "select count(*) from inbox_updates join rival_holders on name = 'bot-shard:' || shard % $2 where who = $1 and state = 'pending'"
    )
    assert await book.fetchval(waiting, one.name, GROUPS) >= USERS
    return True


async def everything_is_with(book: Pool, one: Rival) -> bool:
    return await holds(book, one.name, "bot-shard:%") == GROUPS and await holds(book, one.name, "poller:%") == 1


async def answered(pool: Pool, count: int) -> bool:
    """So many updates came and are handled, and nothing waits in the outbox."""
    came = await by_state(pool, "select state, count(*) from inbox_updates group by state")
    went = await by_state(pool, "select state, count(*) from outbox_chat group by state")
    assert came == {"done": count}, f"{count} updates expected, inbox {came}, outbox {went}"
    assert "pending" not in went, went
    return True


async def by_state(pool: Pool, query: str) -> dict[str, int]:
    return {row["state"]: row["count"] for row in await pool.fetch(query)}
