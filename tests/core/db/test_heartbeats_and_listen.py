"""Heartbeats keep the start of a process; a listener hears each payload once, survives its connection and says when to look."""

from __future__ import annotations

from core.db.heartbeats import all_beats, beat
from core.db.listen import Listener
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.secret import Secret
from tests.support.waiting import eventually


async def test_beats_of_one_process_keep_its_start_and_a_new_process_begins_anew(pool: Pool, owner_pool: Pool) -> None:
    await beat(pool, "bot-0", "starting")
    async with unit_of_work(pool) as uow:
        [first] = await all_beats(uow)
    await beat(pool, "bot-0", "ok", {"queue": 3})
    async with unit_of_work(pool) as uow:
        [second] = await all_beats(uow)
    assert (second.started_at, second.state, second.details) == (first.started_at, "ok", {"queue": 3})
    assert second.beat_at > first.beat_at
    assert second.age_s >= 0
    await owner_pool.execute("update process_heartbeats set pid = -1")
    await beat(pool, "bot-0")
    async with unit_of_work(pool) as uow:
        [third] = await all_beats(uow)
    assert third.started_at > first.started_at


async def test_a_listener_hears_what_is_committed_once(pool: Pool, app_dsn: Secret) -> None:
    async with Listener(app_dsn, ["inbox", "outbox_chat"]) as listener:
        async with unit_of_work(pool, dry_run=True) as uow:
            await uow.connection.execute("select pg_notify('inbox', 'rolled back')")
        async with unit_of_work(pool) as uow:
            await uow.connection.execute("select pg_notify('inbox', '5'), pg_notify('outbox_chat', '6')")
        heard: list[tuple[str, str]] = []

        async def both() -> bool:
            heard.extend(await listener.wait(1))
            return len(heard) >= 2

        await eventually(both)
        assert heard == [("inbox", "5"), ("outbox_chat", "6")]
        assert await listener.wait(0.01) == []


async def test_a_listener_comes_back_after_its_connection_was_cut(pool: Pool, owner_pool: Pool, app_dsn: Secret) -> None:
    async with Listener(app_dsn, ["inbox"], application_name="cut me") as listener:
        await pool.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cut me'")
        await eventually(lambda: listener._connection is None or listener._connection.is_closed())
        assert await listener.wait(30) == []
        await pool.execute("select pg_notify('inbox', 'again')")
        assert await listener.wait(30) == [("inbox", "again")]
