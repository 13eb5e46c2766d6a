"""Pruning with real rows: what is final and old goes, in batches; what is young, open, parked or money's history stays."""

from __future__ import annotations

from datetime import timedelta

import asyncpg
import pytest

from core.db.heartbeats import beat
from core.db.pool import Pool
from core.db.retention import PRUNED_TABLES, prune
from core.db.unit_of_work import unit_of_work
from core.inbox import service as inbox
from core.inbox.types import RawUpdate
from core.outbox import service as outbox
from core.outbox.types import ButtonAction
from tests.support.desk import buy, make_desk

OLD = timedelta(days=91)
YOUNG = timedelta(days=89)


async def add_updates(pool: Pool, *states: tuple[str, timedelta]) -> None:
    async with unit_of_work(pool) as uow:
        await inbox.store(uow, bot_id=1, updates=[RawUpdate(number, 5, "{}") for number in range(len(states))])
        for number, (state, age) in enumerate(states):
            await uow.connection.execute(
                "update inbox_updates set state = $2, received_at = now() - $3::interval,"
                " finished_at = case when $2 = 'pending' then null else now() - $3::interval end where update_id = $1",
                number,
                state,
                age,
            )


async def left(pool: Pool, table: str) -> int:
    return int(await pool.fetchval(f"select count(*) from {table}"))  # noqa: S608


async def test_done_updates_go_and_parked_pending_and_young_ones_stay(pool: Pool) -> None:
    await add_updates(pool, ("parked", OLD), ("done", OLD), ("pending", OLD), ("done", OLD), ("done", OLD), ("done", YOUNG))
    assert (await prune(pool, days=90, batch=2))["inbox_updates"] == 3
    assert [row["state"] for row in await pool.fetch("select state from inbox_updates order by id")] == ["parked", "pending", "done"]
    assert (await prune(pool, days=90, batch=2))["inbox_updates"] == 0


async def test_tasks_and_messages_go_when_they_are_final(pool: Pool) -> None:
    async with unit_of_work(pool) as uow:
        for number in range(3):
            await outbox.append_task(uow, task="trading.place_order", row_id=str(number))
            await outbox.append_chat(uow, chat_id=1, message_key=str(number), screen="notice", data={})
        connection = uow.connection
        await connection.execute("update outbox_tasks set created_at = now() - $1::interval", OLD)
        await connection.execute("update outbox_chat set created_at = now() - $1::interval", OLD)
        for row_id, age in (("0", OLD), ("1", YOUNG)):
            await connection.execute("update outbox_tasks set dispatched_at = now() - $2::interval where row_id = $1", row_id, age)
            await connection.execute(
                "update outbox_chat set state = 'sent', finished_at = now() - $2::interval where message_key = $1", row_id, age
            )
    gone = await prune(pool, days=90)
    assert (gone["outbox_tasks"], gone["outbox_chat"]) == (1, 1)
    assert await left(pool, "outbox_tasks") == await left(pool, "outbox_chat") == 2


async def test_buttons_go_a_week_after_they_ran_out(pool: Pool) -> None:
    async with unit_of_work(pool) as uow:
        for days in (6, 8, 9, 10):
            actions = [ButtonAction("confirm_order", {}), ButtonAction("cancel_order", {})]
            ttl = timedelta(days=-days)
            await outbox.issue_buttons(uow, user_id=1, chat_id=1, message_key="k", actions=actions, ttl=ttl)
    assert (await prune(pool, days=90, batch=4))["outbox_buttons"] == 6
    assert await left(pool, "outbox_buttons") == 2


async def test_reports_go_with_a_finished_order_whose_history_stays(pool: Pool) -> None:
    desk = await make_desk(pool)
    user = await desk.user()
    filled, open_one = await desk.request(buy(user, 10)), await desk.request(buy(user, 11))
    await desk.trading.place_order(filled.id)
    history = ("orders", "fills", "decisions", "ledger_postings", "ledger_transactions")
    before = {table: await left(pool, table) for table in history}
    assert before["fills"] > 0
    for order in (filled, open_one):
        await pool.execute("insert into order_reports (order_id, report_key, payload) values ($1, 'more', '{}')", order.id)
    await pool.execute("update order_reports set received_at = now() - $1::interval, applied_at = now() - $1::interval", OLD)
    assert (await prune(pool, days=90))["order_reports"] == 0, "the order was finished a moment ago"

    await pool.execute("update orders set updated_at = now() - $1::interval", OLD)
    assert (await prune(pool, days=90))["order_reports"] > 0
    assert [row["order_id"] for row in await pool.fetch("select order_id from order_reports")] == [open_one.id]
    assert {table: await left(pool, table) for table in history} == before


async def test_no_time_deletes_nothing_and_leaves_the_rest_for_the_next_run(pool: Pool) -> None:
    await add_updates(pool, ("done", OLD))
    assert sum((await prune(pool, days=90, within_s=0)).values()) == 0
    assert await left(pool, "inbox_updates") == 1


async def test_the_application_role_deletes_from_these_tables_and_no_others(pool: Pool) -> None:
    tables = await pool.fetch(
        "select relname as tablename from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
        " and has_table_privilege(oid, 'delete')"
    )
    assert {row["tablename"] for row in tables} == {*PRUNED_TABLES, "process_heartbeats"}
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute("delete from fills")


async def test_heartbeats_of_processes_that_are_gone_go_after_a_day(pool: Pool) -> None:
    for process in ("worker-0", "worker-of-an-old-container-0"):
        await beat(pool, process)
    await pool.execute("update process_heartbeats set beat_at = now() - interval '25 hours' where process like '%old%'")
    assert (await prune(pool, days=90))["process_heartbeats"] == 1
    assert [row["process"] for row in await pool.fetch("select process from process_heartbeats")] == ["worker-0"]
