"""The inbox on a real database: ignoring what is there, order, done with its effects, parking."""

from __future__ import annotations

from datetime import timedelta

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.inbox import service as inbox
from core.inbox.rules import raw_update
from core.inbox.types import RawUpdate
from core.kernel.shards import SHARDS

ALL = range(SHARDS)


def update(number: int, sender: int = 7) -> RawUpdate:
    return raw_update({"update_id": number, "message": {"from": {"id": sender}, "text": f"text {number}"}})


async def store(pool: Pool, *updates: RawUpdate) -> int:
    async with unit_of_work(pool) as uow:
        return await inbox.store(uow, bot_id=1, updates=updates)


async def test_what_is_there_is_ignored(pool: Pool) -> None:
    assert await store(pool, update(1), update(2)) == 2
    assert await store(pool, update(2), update(3)) == 1
    async with unit_of_work(pool) as uow:
        rows = await inbox.claim(uow, shards=ALL)
    assert [row.update_id for row in rows] == [1, 2, 3]
    assert rows[0].payload["message"]["text"] == "text 1"
    assert len({row.correlation_id for row in rows}) == 3


async def test_nothing_to_store_is_nothing(pool: Pool) -> None:
    assert await store(pool) == 0


async def test_an_update_that_postgresql_cannot_read_is_parked_and_the_others_flow(pool: Pool) -> None:
    bad = RawUpdate(2, 7, '{"update_id": 2, "text": "\\u0000"}')
    huge = RawUpdate(3, 7, '{"update_id": 3, "n": 1e999999}')
    assert await store(pool, update(1), bad, huge, update(4)) == 4
    async with unit_of_work(pool) as uow:
        assert [row.update_id for row in await inbox.claim(uow, shards=ALL)] == [1, 4]
    rows = await pool.fetch("select update_id, error from inbox_updates where state = 'parked' order by update_id")
    assert [row["update_id"] for row in rows] == [2, 3]
    assert all("not storable" in row["error"] for row in rows)


async def test_done_and_effects_are_one_transaction(pool: Pool) -> None:
    await store(pool, update(1))
    async with unit_of_work(pool) as uow:
        [row] = await inbox.claim(uow, shards=ALL)
    async with unit_of_work(pool, dry_run=True) as uow:
        assert await inbox.finish(uow, row.id)
    async with unit_of_work(pool) as uow:
        assert await inbox.finish(uow, row.id)
    async with unit_of_work(pool) as uow:
        assert not await inbox.finish(uow, row.id)
        assert await inbox.claim(uow, shards=ALL) == []


async def test_claims_keep_to_their_shards_and_leave_out_what_is_in_hand(pool: Pool) -> None:
    await store(pool, *(update(number, sender=number) for number in range(1, 41)))
    async with unit_of_work(pool) as uow:
        low = await inbox.claim(uow, shards=range(512))
        high = await inbox.claim(uow, shards=range(512, 1024))
        assert {row.update_id for row in low} | {row.update_id for row in high} == set(range(1, 41))
        assert low
        assert high
        rest = await inbox.claim(uow, shards=range(512), known=[row.id for row in low[:-1]])
        assert rest == low[-1:]


async def test_a_failed_attempt_counts_and_parking_keeps_the_error(pool: Pool) -> None:
    await store(pool, update(1))
    async with unit_of_work(pool) as uow:
        [row] = await inbox.claim(uow, shards=ALL)
        assert await inbox.count_attempt(uow, row.id, "no prices") == 1
        assert await inbox.count_attempt(uow, row.id, "no prices") == 2
        await inbox.park(uow, row.id, "KeyError \x00 somewhere")
        assert await inbox.claim(uow, shards=ALL) == []
    assert await pool.fetchval("select error from inbox_updates") == "KeyError  somewhere"


async def test_the_newest_bot_is_known_by_its_newest_name(pool: Pool) -> None:
    async with unit_of_work(pool) as uow:
        assert await inbox.current_bot(uow) is None
        await inbox.enroll_bot(uow, bot_id=1, username="one")
    async with unit_of_work(pool) as uow:
        await inbox.enroll_bot(uow, bot_id=1, username="uno")
        found = await inbox.current_bot(uow)
    assert found is not None
    assert (found.bot_id, found.username) == (1, "uno")


async def test_what_is_parked_is_seen_without_its_text_and_released_or_dropped_once(pool: Pool) -> None:
    await store(pool, update(1), update(2))
    async with unit_of_work(pool) as uow:
        for row in await inbox.claim(uow, shards=ALL):
            await inbox.park(uow, row.id, "KeyError somewhere")
    async with unit_of_work(pool) as uow:
        newest, oldest = await inbox.parked(uow)
        assert (newest.update_id, oldest.update_id, newest.kind, newest.sender_id) == (2, 1, "message", 7)
        assert "text" not in str(newest)
        assert await inbox.release(uow, oldest.id)
        assert not await inbox.release(uow, oldest.id)
        assert await inbox.drop(uow, newest.id)
        assert not await inbox.drop(uow, newest.id)
        assert not await inbox.release(uow, newest.id)
        assert await inbox.parked(uow) == []
        assert [(row.update_id, row.attempts) for row in await inbox.claim(uow, shards=ALL)] == [(1, 0)]


async def test_when_there_is_no_room_those_with_something_urgent_come_first_in_their_own_order(pool: Pool) -> None:
    exit_update = raw_update({"update_id": 50, "message": {"from": {"id": 9}, "text": "/pause"}})
    await store(pool, *(update(number, sender=number % 7) for number in range(1, 40)), update(49, sender=9), exit_update)
    async with unit_of_work(pool) as uow:
        assert [row.update_id for row in await inbox.claim_urgent(uow, shards=ALL, limit=10)] == [49, 50]
        assert await inbox.claim_urgent(uow, shards=ALL, busy_senders=[9]) == []
        [first, _] = await inbox.claim_urgent(uow, shards=ALL)
        assert [row.update_id for row in await inbox.claim_urgent(uow, shards=ALL, known=[first.id])] == [50]
        assert first.age > first.waited > timedelta(0)
