"""Batches: each request whole or not at all, in order, in one round trip; hot accounts spread by key."""

from __future__ import annotations

import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import IdempotencyConflict
from core.kernel.ids import new_id
from core.kernel.money import Amount
from core.ledger import service as ledger
from core.ledger.rules import shard, shard_address
from core.ledger.types import WORLD, HoldRequest, Release, Settlement, Transaction, user_available, user_held
from tests.support.ledger import USDT, fund, has, know_assets, paid, require_clean


@pytest.fixture(autouse=True)
async def _assets(pool: Pool):
    await know_assets(pool)
    yield
    await require_clean(pool)


async def balance_of(pool: Pool, user_id: int) -> tuple[int, int]:
    async with unit_of_work(pool) as uow:
        return await has(uow, user_id)


async def test_a_batch_does_each_request_whole_or_not_at_all_in_order(pool: Pool) -> None:
    one, two, three = new_id(), new_id(), new_id()
    async with unit_of_work(pool) as uow:
        results = await ledger.post_many(
            uow,
            [
                Transaction("f7", "fund", (paid(WORLD, user_available(7, "paper"), 100),)),
                HoldRequest("h1", one, 7, Amount(USDT, 60), "order:1"),
                HoldRequest("h2", two, 7, Amount(USDT, 60), "order:2"),
                HoldRequest("h3", three, 7, Amount(USDT, 40), "order:3"),
                Transaction("f8", "fund", (paid(WORLD, user_available(8, "paper"), 5), paid(user_available(9, "paper"), WORLD, 1))),
            ],
        )
    assert [r.denial.code if r.denial else "" for r in results] == ["", "", "insufficient_funds", "", "insufficient_funds"]
    assert await balance_of(pool, 7) == (0, 100)
    assert await balance_of(pool, 8) == (0, 0)
    async with unit_of_work(pool) as uow:
        spend = paid(user_held(7, "paper"), "fees:platform", 10)
        results = await ledger.post_many(uow, [Settlement("s1", one, (spend,), True), Release("v3", three)])
        again = await ledger.post_many(uow, [Settlement("s1", one, (spend,), True), Release("v3", three)])
    assert [r.transaction_id for r in results] == [r.transaction_id for r in again]
    assert all(r.replayed for r in again)
    assert await balance_of(pool, 7) == (90, 0)


async def test_a_batch_with_a_foreign_key_does_nothing(pool: Pool) -> None:
    await fund(pool, 7, 100, key="taken")
    async with unit_of_work(pool) as uow:
        with pytest.raises(IdempotencyConflict):
            await ledger.post_many(
                uow,
                [
                    Transaction("new", "fund", (paid(WORLD, user_available(8, "paper"), 5),)),
                    Transaction("taken", "fund", (paid(WORLD, user_available(8, "paper"), 5),)),
                ],
            )
    assert await balance_of(pool, 8) == (0, 0)


async def test_hot_accounts_are_sharded_by_the_key(pool: Pool) -> None:
    await fund(pool, 7, 10_000)
    for number in range(64):
        async with unit_of_work(pool) as uow:
            fee = paid(user_available(7, "paper"), "fees:platform", 1)
            await ledger.post(uow, key=f"fee:{number}", kind="fee", postings=[fee])
    shards = await pool.fetch("select address, balance from ledger_accounts where address like 'fees:platform:%'")
    assert len(shards) > 8
    assert sum(row["balance"] for row in shards) == 64


def test_a_shard_depends_on_the_key_alone_and_named_shards_stay() -> None:
    assert {shard(f"key {number}") for number in range(1000)} == set(range(16))
    assert shard_address("venue:paper", "k") == f"venue:paper:{shard('k')}"
    for address in ("fees:platform:3", "venue:paper:x", "world", "user:7:paper:available"):
        assert shard_address(address, "k") == address


async def test_a_key_or_a_hold_stands_once_in_a_batch(pool: Pool) -> None:
    await fund(pool, 7, 100)
    hold_id = new_id()
    async with unit_of_work(pool) as uow:
        await ledger.hold(uow, key="h", hold_id=hold_id, user_id=7, amount=Amount(USDT, 50), reference="")
    gift = Transaction("g", "fund", (paid(WORLD, user_available(7, "paper"), 1),))
    for batch in ([gift, gift], [Release("v1", hold_id), Release("v2", hold_id)]):
        with pytest.raises(ValueError, match="twice"):
            await post_all(pool, batch)
    assert await balance_of(pool, 7) == (50, 50)


async def post_all(pool: Pool, batch) -> None:
    async with unit_of_work(pool) as uow:
        await ledger.post_many(uow, batch)


async def test_an_empty_batch_is_nothing(pool: Pool) -> None:
    async with unit_of_work(pool) as uow:
        assert await ledger.post_many(uow, []) == []


async def test_two_hundred_fifty_six_at_once(pool: Pool) -> None:
    """Holds of as many users, then their settlements, each set in one call."""
    users = range(1, 257)
    async with unit_of_work(pool) as uow:
        await ledger.post_many(uow, [Transaction(f"f{u}", "fund", (paid(WORLD, user_available(u, "paper"), 100),)) for u in users])
        holds = [HoldRequest(f"h{u}", new_id(), u, Amount(USDT, 60), "order") for u in users]
        await ledger.post_many(uow, holds)
    spent = [Settlement(f"s{h.user_id}", h.hold_id, (paid(user_held(h.user_id, "paper"), "fees:platform", 10),), True) for h in holds]
    async with unit_of_work(pool) as uow:
        results = await ledger.post_many(uow, spent)
    assert len({result.transaction_id for result in results}) == 256
    assert {await balance_of(pool, user) for user in users} == {(90, 0)}
