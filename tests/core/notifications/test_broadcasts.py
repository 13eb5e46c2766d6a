"""Broadcasts: who is meant, in which words, when; nobody twice, nobody left out, whatever stops in between."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from core.audit import service as audit
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied
from core.notifications import broadcasts
from core.notifications import service as notifications
from core.notifications.broadcast_types import Broadcast, Segment, State
from core.notifications.types import Event, Mode, QuietHours

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
WORDS = {"en": "Hello", "de": "Hallo"}
ACTOR = "operator:1"
EVERYBODY = Segment()


async def people(pool: Pool, count: int) -> list[int]:
    """Accounts: every third speaks German, every fourth is in tier vip, every fifth in live mode."""
    rows = await pool.fetch(
        """insert into users (telegram_user_id, private_chat_id, language, tier, mode, referral_code)
        select n, n, case when n % 3 = 0 then 'de' else 'fr' end, case when n % 4 = 0 then 'vip' else 'standard' end,
               case when n % 5 = 0 then 'live' else 'paper' end, 'CODE' || n
        from generate_series(1, $1) as n order by n returning id""",
        count,
    )
    return [row["id"] for row in rows]


async def begin(pool: Pool, segment: Segment = EVERYBODY, texts: dict[str, str] | None = None) -> Broadcast:
    async with unit_of_work(pool) as uow:
        draft = await broadcasts.create(uow, segment=segment, texts=texts or WORDS, actor=ACTOR)
        return await broadcasts.start(uow, draft.id, actor=ACTOR)


async def run(pool: Pool, now: datetime = NOON, chunk: int = 7) -> int:
    told = 0
    while True:
        async with unit_of_work(pool) as uow:
            count = await broadcasts.advance(uow, now, chunk=chunk, most_waiting=10_000)
        told += count
        if count == 0:
            return told


async def texts_by_chat(pool: Pool) -> dict[int, str]:
    rows = await pool.fetch("select chat_id, data ->> 'text' as text, priority, screen from outbox_chat order by id")
    assert {(row["priority"], row["screen"]) for row in rows} <= {(9, "broadcast")}
    assert len({row["chat_id"] for row in rows}) == len(rows), "somebody was told twice"
    return {row["chat_id"]: row["text"] for row in rows}


async def now(pool: Pool, broadcast_id: int) -> Broadcast:
    async with unit_of_work(pool) as uow:
        return (await broadcasts.progress(uow, broadcast_id)).broadcast


async def test_everybody_is_told_once_in_their_language_or_in_english(pool: Pool) -> None:
    await people(pool, 30)
    begun = await begin(pool)
    assert await run(pool) == 30
    told = await texts_by_chat(pool)
    assert told == {number: "Hallo" if number % 3 == 0 else "Hello" for number in range(1, 31)}
    after = await now(pool, begun.id)
    assert (after.state, after.total, after.queued, after.held, after.dropped) == (State.DONE, 30, 30, 0, 0)
    assert after.finished_at is not None


@pytest.mark.parametrize(
    ("segment", "meant"),
    [
        (Segment(language="de"), {3, 6, 9, 12, 15, 18}),
        (Segment(tier="vip"), {4, 8, 12, 16, 20}),
        (Segment(mode="live"), {5, 10, 15, 20}),
        (Segment(language="de", tier="vip"), {12}),
        (Segment(active_days=7), {2}),
        (Segment(language="ja"), set()),
    ],
)
async def test_a_segment_means_exactly_those(pool: Pool, segment: Segment, meant: set[int]) -> None:
    ids = await people(pool, 20)
    for place, age in ((1, "1 day"), (2, "8 days")):
        await pool.execute(
            """insert into orders (id, user_id, idempotency_key, request_hash, venue, instrument, side, size_kind, size_value, slippage_bps,
               chat_id, message_key, correlation_id, created_at)
            values (gen_random_uuid(), $1, 'k', '', 'paper', 'BTC/USDT', 'buy', 'quote_amount', 1, 1, 1, 'm', 'c',
                now() - $2::text::interval)""",
            ids[place],
            age,
        )
    async with unit_of_work(pool) as uow:
        assert await broadcasts.audience(uow, segment) == len(meant)
    begun = await begin(pool, segment)
    await run(pool)
    assert set(await texts_by_chat(pool)) == meant
    assert (await now(pool, begun.id)).total == len(meant)


async def test_one_user_is_meant_by_id(pool: Pool) -> None:
    ids = await people(pool, 5)
    await begin(pool, Segment(user_id=ids[2]))
    assert await run(pool) == 1
    assert set(await texts_by_chat(pool)) == {3}


async def test_each_user_s_settings_decide(pool: Pool) -> None:
    ids = await people(pool, 4)
    async with unit_of_work(pool) as uow:
        await notifications.set_mode(uow, ids[0], Event.BROADCAST, Mode.OFF)
        await notifications.set_mode(uow, ids[1], Event.BROADCAST, Mode.SILENT)
        await notifications.set_quiet_hours(uow, ids[2], QuietHours(11 * 60, 13 * 60))
    begun = await begin(pool)
    await run(pool)
    rows = await pool.fetch("select chat_id, silent from outbox_chat order by chat_id")
    assert [(row["chat_id"], row["silent"]) for row in rows] == [(2, True), (4, False)]
    after = await now(pool, begun.id)
    assert (after.queued, after.held, after.dropped) == (2, 1, 1)
    reasons = await pool.fetch("select reason from decisions where subject_kind = 'broadcast' order by subject_id")
    assert sorted(row["reason"] for row in reasons) == ["quiet_hours", "turned_off"]
    async with unit_of_work(pool) as uow:
        assert await notifications.deliver_digests(uow, NOON.replace(hour=13)) == 1


async def test_a_crash_between_two_chunks_or_inside_one_changes_nothing_for_anybody(pool: Pool) -> None:
    await people(pool, 23)
    begun = await begin(pool)
    for _ in range(3):
        async with unit_of_work(pool, dry_run=True) as uow:  # the process dies before the commit
            assert await broadcasts.advance(uow, NOON, chunk=5) == 5
        async with unit_of_work(pool) as uow:
            assert await broadcasts.advance(uow, NOON, chunk=5) == 5
    await run(pool)
    assert len(await texts_by_chat(pool)) == 23
    assert (await now(pool, begun.id)).queued == 23


async def test_workers_side_by_side_tell_nobody_twice(pool: Pool) -> None:
    await people(pool, 60)
    await begin(pool)
    await asyncio.gather(*(run(pool, chunk=3) for _ in range(6)))
    await run(pool)
    assert len(await texts_by_chat(pool)) == 60


async def test_a_pause_stops_and_a_start_goes_on_where_it_was(pool: Pool) -> None:
    await people(pool, 12)
    begun = await begin(pool)
    async with unit_of_work(pool) as uow:
        await broadcasts.advance(uow, NOON, chunk=5)
        paused = await broadcasts.pause(uow, begun.id, actor=ACTOR)
    assert paused.state is State.PAUSED
    assert await run(pool) == 0
    await people_more(pool)
    async with unit_of_work(pool) as uow:
        assert (await broadcasts.start(uow, begun.id, actor=ACTOR)).total == 12
    assert await run(pool) == 7, "who opens an account later is not meant"
    assert len(await texts_by_chat(pool)) == 12
    async with unit_of_work(pool) as uow:
        done = [one.action for one in await audit.actions(uow, subject=begun.key)]
    assert done == ["broadcast_started", "broadcast_paused", "broadcast_started", "broadcast_created"]


async def people_more(pool: Pool) -> None:
    await pool.execute("insert into users (telegram_user_id, private_chat_id, referral_code) values (900, 900, 'LATE')")


async def test_only_so_many_messages_wait_at_once(pool: Pool) -> None:
    await people(pool, 50)
    begun = await begin(pool)
    for expected in (20, 10, 0):
        async with unit_of_work(pool) as uow:
            assert await broadcasts.advance(uow, NOON, chunk=20, most_waiting=30) == expected
    await pool.execute("update outbox_chat set state = 'sent' where chat_id <= 4")
    await pool.execute("update outbox_chat set state = 'failed' where chat_id = 5")
    async with unit_of_work(pool) as uow:
        assert await broadcasts.advance(uow, NOON, chunk=20, most_waiting=30) == 5
        found = await broadcasts.progress(uow, begun.id)
    assert (found.waiting, found.sent, found.failed) == (30, 4, 1)


async def refused(pool: Pool, what: str, *arguments: object, **options: object) -> str:
    with pytest.raises(Denied) as denied:
        async with unit_of_work(pool) as uow:
            await getattr(broadcasts, what)(uow, *arguments, **options)
    return denied.value.code


async def test_what_cannot_be_is_refused(pool: Pool) -> None:
    assert await refused(pool, "create", segment=Segment(), texts={"de": "Hallo"}, actor=ACTOR) == "broadcast_no_english"
    for language, text in (("en", " "), ("en", "x" * 3_501), ("English", "x"), ("", "x"), ("en", "a\x00b")):
        assert await refused(pool, "create", segment=Segment(), texts={language: text}, actor=ACTOR) == "broadcast_text"
    assert await refused(pool, "start", 999, actor=ACTOR) == "broadcast_not_found"
    assert await refused(pool, "progress", 999) == "broadcast_not_found"
    begun = await begin(pool)
    assert await refused(pool, "start", begun.id, actor=ACTOR) == "broadcast_state"
    assert await refused(pool, "add_text", begun.id, language="de", text="x") == "broadcast_state"
    async with unit_of_work(pool) as uow:
        assert (await broadcasts.cancel(uow, begun.id, actor=ACTOR)).state is State.CANCELED
    assert await refused(pool, "start", begun.id, actor=ACTOR) == "broadcast_state"
    for wrong in ({"mode": "play"}, {"active_days": -1}, {"active_days": 99_999}, {"user_id": -1}):
        with pytest.raises(Denied, match="broadcast_segment"):
            Segment(**wrong)


async def test_a_draft_gets_further_languages(pool: Pool) -> None:
    async with unit_of_work(pool) as uow:
        draft = await broadcasts.create(uow, segment=Segment(), texts={"en": "Hello"}, actor=ACTOR)
        draft = await broadcasts.add_text(uow, draft.id, language="pt", text=" Olá ")
        assert (draft.text("pt-br"), draft.text("de")) == ("Olá", "Hello")
        assert [one.id for one in await broadcasts.recent(uow)] == [draft.id]
