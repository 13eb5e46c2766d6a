"""The outbox on a real database: newest state wins, tasks are claimed once, priorities."""

from __future__ import annotations

import asyncio
from contextvars import Context
from datetime import timedelta

import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied, Unavailable
from core.kernel.shards import SHARDS
from core.outbox import service as outbox
from core.outbox.types import ButtonAction, ChatRow, Delivery

ALL = range(SHARDS)
NOW = timedelta(0)


async def append(pool: Pool, *keys: str, chat_id: int = 7, priority: int = outbox.ORDINARY) -> list[int]:
    async with unit_of_work(pool) as uow:
        return [
            await outbox.append_chat(uow, chat_id=chat_id, message_key=key, screen="text", data={"id": "x"}, priority=priority)
            for key in keys
        ]


async def waiting(pool: Pool) -> list[ChatRow]:
    async with unit_of_work(pool) as uow:
        return await outbox.waiting_messages(uow, shards=ALL)


async def deliver(pool: Pool, *deliveries: Delivery) -> int:
    async with unit_of_work(pool) as uow:
        return await outbox.record_deliveries(uow, deliveries)


async def test_a_newer_state_supersedes_the_older_ones_of_its_message_only(pool: Pool) -> None:
    first, second, third, other = await append(pool, "order", "order", "order", "another")
    assert await deliver(pool, Delivery(second, "sent", 100)) == 1
    assert [row.id for row in await waiting(pool)] == [third, other]
    states = {row["id"]: row["state"] for row in await pool.fetch("select id, state from outbox_chat")}
    assert states == {first: "superseded", second: "sent", third: "pending", other: "pending"}


async def test_an_older_row_never_overwrites_what_a_newer_one_shows(pool: Pool) -> None:
    first, second = await append(pool, "order", "order")
    await deliver(pool, Delivery(first, "sent", 100), Delivery(second, "sent", 101))
    assert await pool.fetchval("select telegram_message_id from outbox_messages") == 101
    [late] = await append(pool, "order")
    await pool.execute("update outbox_messages set sent_row_id = $1", late + 10)
    await deliver(pool, Delivery(late, "sent", 55))
    assert await pool.fetchval("select telegram_message_id from outbox_messages") == 101


async def test_confirmations_come_before_others_and_broadcasts_last(pool: Pool) -> None:
    broadcast = await append(pool, "b", priority=outbox.BROADCAST)
    ordinary = await append(pool, "o")
    confirmation = await append(pool, "c", priority=outbox.CONFIRMATION)
    assert [row.id for row in await waiting(pool)] == confirmation + ordinary + broadcast
    async with unit_of_work(pool) as uow:
        urgent = await outbox.waiting_messages(uow, shards=ALL, lowest_priority=outbox.CONFIRMATION)
    assert [row.id for row in urgent] == confirmation


async def test_chats_in_hand_are_left_out_but_toasts_pass(pool: Pool) -> None:
    await append(pool, "o")
    async with unit_of_work(pool) as uow:
        toast = await outbox.append_chat(uow, chat_id=7, message_key="toast:1", screen="toast", data={})
        rows = await outbox.waiting_messages(uow, shards=ALL, busy_chats=[7])
    assert [row.id for row in rows] == [toast]


async def test_a_postponed_row_waits(pool: Pool) -> None:
    [row_id] = await append(pool, "o")
    async with unit_of_work(pool) as uow:
        await outbox.postpone_message(uow, row_id, delay=timedelta(hours=1), error="RetryAfter")
    assert await waiting(pool) == []


async def test_a_row_that_is_done_is_not_done_again(pool: Pool) -> None:
    [row_id] = await append(pool, "o")
    await deliver(pool, Delivery(row_id, "failed", error="blocked"))
    await deliver(pool, Delivery(row_id, "sent", 9))
    row = await pool.fetchrow("select state, error from outbox_chat")
    assert row is not None
    assert (row["state"], row["error"]) == ("failed", "blocked")
    assert await pool.fetchval("select count(*) from outbox_messages") == 0


async def test_tasks_are_claimed_by_one_at_a_time_and_marked(pool: Pool) -> None:
    async with unit_of_work(pool) as uow:
        ids = [await outbox.append_task(uow, task="trading.place_order", row_id=str(number)) for number in range(3)]
    async with unit_of_work(pool) as uow:
        claimed = await outbox.claim_tasks(uow, older_than=NOW)
        assert [one.id for one in claimed] == ids

        async def another() -> int:
            async with unit_of_work(pool) as second:
                return len(await outbox.claim_tasks(second, older_than=NOW))

        assert await asyncio.create_task(another(), context=Context()) == 0
        await outbox.mark_task_dispatched(uow, ids[:2])
    async with unit_of_work(pool) as uow:
        assert [one.id for one in await outbox.claim_tasks(uow, older_than=NOW)] == ids[2:]
        assert await outbox.claim_tasks(uow, older_than=timedelta(hours=1)) == []


async def test_a_press_before_the_message_is_on_record_is_asked_again(pool: Pool) -> None:
    async with unit_of_work(pool) as uow:
        [handle] = await outbox.issue_buttons(
            uow, user_id=1, chat_id=7, message_key="m", actions=[ButtonAction("confirm_order")], ttl=timedelta(minutes=1)
        )
    async with unit_of_work(pool) as uow:
        with pytest.raises(Unavailable):
            await outbox.press_button(uow, handle=handle, user_id=1, chat_id=7, telegram_message_id=5)
        assert await outbox.peek_button(uow, handle=handle, user_id=2, chat_id=7) is None
        seen = await outbox.peek_button(uow, handle=handle, user_id=1, chat_id=7)
    assert seen is not None
    assert seen.action == "confirm_order"


@pytest.mark.parametrize("handle", ["", "x", "x" * 22, "é" * 22, "x" * 10_000, "' or 1=1 --aaaaaaaaaaa"])
async def test_invented_handles_are_unknown(pool: Pool, handle: str) -> None:
    async with unit_of_work(pool) as uow:
        with pytest.raises(Denied, match="button_unknown"):
            await outbox.press_button(uow, handle=handle, user_id=1, chat_id=7, telegram_message_id=5)
        assert await outbox.peek_button(uow, handle=handle, user_id=1, chat_id=7) is None
