"""The fast path: published after the commit only, marked together, and left to the relay whenever anything is in the way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest

from core.db.pool import Pool
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.kernel.errors import Unavailable
from core.outbox import service as outbox
from core.trading import handoff
from core.trading.handoff import HandOff
from tests.support.desk import buy, make_desk


class Publisher:
    """Keeps what it was given; `failure`, when set, is raised instead."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []
        self.failure: Exception | None = None

    async def publish(self, task: str, row_id: str, queue: str) -> None:
        if self.failure is not None:
            raise self.failure
        self.sent.append((task, row_id, queue))


@pytest.fixture(autouse=True)
def _marked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handoff, "MARK_AFTER_S", 0)


async def left_to_the_relay(pool: Pool) -> list[str]:
    """Row ids of the tasks that are not marked."""
    rows = await pool.fetch("select row_id from outbox_tasks where dispatched_at is null order by id")
    return [row["row_id"] for row in rows]


async def test_what_was_committed_is_published_and_marked_together(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    publisher, marked = Publisher(), list[int]()
    hand_off = HandOff(pool, publisher)
    mark = outbox.mark_task_dispatched

    async def counted(uow: UnitOfWork, ids: Sequence[int]) -> None:
        marked.append(len(ids))
        await mark(uow, ids)

    monkeypatch.setattr(outbox, "mark_task_dispatched", counted)
    async with unit_of_work(pool) as uow:
        for row_id in "abc":
            await hand_off.append(uow, "trading.place_order", row_id)
        assert publisher.sent == []

    await hand_off.close()

    assert publisher.sent == [("trading.place_order", row_id, "trade") for row_id in "abc"]
    assert (await left_to_the_relay(pool), marked) == ([], [3])


async def test_closing_the_service_waits_for_what_is_on_its_way(pool: Pool) -> None:
    publisher = Publisher()
    desk = await make_desk(pool, publisher=publisher)
    order = await desk.request(buy(await desk.user(), 100))

    await desk.trading.close()

    assert publisher.sent == [("trading.place_order", str(order.id), "trade")]
    assert await left_to_the_relay(pool) == []


async def test_what_was_rolled_back_is_never_published(pool: Pool) -> None:
    publisher = Publisher()
    hand_off = HandOff(pool, publisher)
    async with unit_of_work(pool, dry_run=True) as uow:
        await hand_off.append(uow, "trading.place_order", "a")

    await hand_off.close()

    assert publisher.sent == []
    assert await pool.fetchval("select count(*) from outbox_tasks") == 0


async def test_what_cannot_be_published_is_left_to_the_relay(pool: Pool) -> None:
    publisher = Publisher()
    publisher.failure = Unavailable("the broker is away")
    hand_off = HandOff(pool, publisher)
    async with unit_of_work(pool) as uow:
        await hand_off.append(uow, "trading.place_order", "a")

    await hand_off.close()

    assert await left_to_the_relay(pool) == ["a"]


@pytest.mark.parametrize("failure", [ConnectionResetError, asyncpg.InterfaceError, asyncpg.DeadlockDetectedError])
async def test_what_cannot_be_marked_is_left_to_the_relay(pool: Pool, monkeypatch: pytest.MonkeyPatch, failure: type[Exception]) -> None:
    publisher = Publisher()
    hand_off = HandOff(pool, publisher)

    async def away(*_: Any) -> None:
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "mark_task_dispatched", away)
        async with unit_of_work(pool) as uow:
            await hand_off.append(uow, "trading.place_order", "a")
        await hand_off.close()
    assert (len(publisher.sent), await left_to_the_relay(pool)) == (1, ["a"])

    async with unit_of_work(pool) as uow:
        await hand_off.append(uow, "trading.place_order", "b")
    await hand_off.close()

    assert await left_to_the_relay(pool) == ["a"], "the next batch begins anew"


async def test_closing_drops_what_hangs_and_leaves_it_to_the_relay(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    dropped = asyncio.Event()

    class Hanging(Publisher):
        async def publish(self, task: str, row_id: str, queue: str) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                dropped.set()
            await super().publish(task, row_id, queue)

    publisher = Hanging()
    hand_off = HandOff(pool, publisher)
    monkeypatch.setattr(handoff, "CLOSE_WITHIN_S", 0)
    async with unit_of_work(pool) as uow:
        await hand_off.append(uow, "trading.place_order", "a")

    await hand_off.close()

    assert (dropped.is_set(), publisher.sent, await left_to_the_relay(pool)) == (True, [], ["a"])
