"""Post, hold, settle, void: what they do, what they refuse, and that a refusal leaves nothing behind."""

from __future__ import annotations

import asyncio

import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied, IdempotencyConflict
from core.kernel.ids import new_id
from core.kernel.money import Amount, Asset
from core.ledger import service as ledger
from core.ledger.types import (
    ROUNDING,
    WORLD,
    HoldState,
    user_available,
    user_held,
    venue_account,
)
from tests.support.ledger import BTC, EUR, USDT, fund, has, know_assets, paid, require_clean


@pytest.fixture(autouse=True)
async def _assets(pool: Pool):
    await know_assets(pool)
    yield
    await require_clean(pool)


async def balance_of(pool: Pool, user_id: int, asset: Asset = USDT) -> tuple[int, int]:
    async with unit_of_work(pool) as uow:
        return await has(uow, user_id, asset)


async def test_money_arrives_from_the_world_which_goes_negative(pool: Pool) -> None:
    await fund(pool, 7, 1000)
    assert await balance_of(pool, 7) == (1000, 0)
    assert await pool.fetchval("select balance from ledger_accounts where address = 'world'") == -1000


async def test_a_hold_is_settled_in_parts_and_the_rest_returns(pool: Pool) -> None:
    await fund(pool, 7, 1000)
    hold_id = new_id()
    async with unit_of_work(pool) as uow:
        held = await ledger.hold(uow, key="h", hold_id=hold_id, user_id=7, amount=Amount(USDT, 600), reference="order:1")
    assert (held.state, held.remaining.units) == (HoldState.PENDING, 600)
    assert await balance_of(pool, 7) == (400, 600)
    bought = paid(venue_account("paper"), user_available(7, "paper"), 5, BTC)
    async with unit_of_work(pool) as uow:
        part = paid(user_held(7, "paper"), venue_account("paper"), 200)
        await ledger.settle(uow, key="s1", hold_id=hold_id, postings=[part, bought], close=False)
    assert await balance_of(pool, 7) == (400, 400)
    async with unit_of_work(pool) as uow:
        spent = [paid(user_held(7, "paper"), venue_account("paper"), 250), paid(user_held(7, "paper"), "fees:platform", 10), bought]
        await ledger.settle(uow, key="s2", hold_id=hold_id, postings=spent, close=True)
    assert await balance_of(pool, 7) == (540, 0)
    assert await balance_of(pool, 7, BTC) == (10, 0)
    row = await pool.fetchrow("select state, remaining, closed_at from ledger_holds")
    assert row is not None
    assert (row["state"], row["remaining"]) == ("settled", 0)
    assert row["closed_at"] is not None


@pytest.mark.parametrize(("expired", "state"), [(False, "voided"), (True, "expired")])
async def test_a_voided_hold_gives_everything_back(pool: Pool, expired: bool, state: str) -> None:
    await fund(pool, 7, 1000)
    hold_id = new_id()
    async with unit_of_work(pool) as uow:
        await ledger.hold(uow, key="h", hold_id=hold_id, user_id=7, amount=Amount(USDT, 600), reference="order:1")
        await ledger.void(uow, key="v", hold_id=hold_id, expired=expired)
    assert await balance_of(pool, 7) == (1000, 0)
    assert await pool.fetchval("select state from ledger_holds") == state


async def test_too_little_is_denied_in_whole_coins_and_the_unit_of_work_goes_on(pool: Pool) -> None:
    await fund(pool, 7, 1_500_000)
    async with unit_of_work(pool) as uow:
        with pytest.raises(Denied) as denied:
            await ledger.hold(uow, key="h", hold_id=new_id(), user_id=7, amount=Amount(USDT, 2_000_001), reference="")
        await ledger.post(uow, key="p", kind="gift", postings=[paid(user_available(7, "paper"), user_available(8, "paper"), 500_000)])
    assert denied.value.code == "insufficient_funds"
    assert denied.value.params == {"asset": "paper:USDT", "available": "1.5", "needed": "2.000001"}
    assert await balance_of(pool, 7) == (1_000_000, 0)
    assert await pool.fetchval("select count(*) from ledger_transactions where idempotency_key = 'h'") == 0


async def test_a_denied_request_may_come_again_and_succeed(pool: Pool) -> None:
    hold_id = new_id()
    async with unit_of_work(pool) as uow:
        with pytest.raises(Denied):
            await ledger.hold(uow, key="h", hold_id=hold_id, user_id=7, amount=Amount(USDT, 5), reference="")
    await fund(pool, 7, 5)
    async with unit_of_work(pool) as uow:
        await ledger.hold(uow, key="h", hold_id=hold_id, user_id=7, amount=Amount(USDT, 5), reference="")
    assert await balance_of(pool, 7) == (0, 5)


async def test_the_needed_figure_counts_all_that_leaves_the_account(pool: Pool) -> None:
    await fund(pool, 7, 100)
    mine = user_available(7, "paper")
    async with unit_of_work(pool) as uow:
        with pytest.raises(Denied) as denied:
            await ledger.post(uow, key="p", kind="x", postings=[paid(mine, WORLD, 80), paid(mine, ROUNDING, 40)])
    assert denied.value.params == {"asset": "paper:USDT", "available": "0.0001", "needed": "0.00012"}


async def test_nothing_spends_more_than_its_hold_even_when_more_is_held(pool: Pool) -> None:
    await fund(pool, 7, 1000)
    first, second = new_id(), new_id()
    spend = [paid(user_held(7, "paper"), venue_account("paper"), 150)]
    async with unit_of_work(pool) as uow:
        await ledger.hold(uow, key="h1", hold_id=first, user_id=7, amount=Amount(USDT, 100), reference="")
        await ledger.hold(uow, key="h2", hold_id=second, user_id=7, amount=Amount(USDT, 500), reference="")
        with pytest.raises(Denied) as denied:
            await ledger.settle(uow, key="s", hold_id=first, postings=spend, close=True)
    assert denied.value.params["available"] == "0.0001"
    assert await balance_of(pool, 7) == (400, 600)


async def test_the_same_key_and_request_replays_and_another_request_is_refused(pool: Pool) -> None:
    await fund(pool, 7, 1000)
    gift = paid(user_available(7, "paper"), user_available(8, "paper"), 10)
    async with unit_of_work(pool) as uow:
        first = await ledger.post(uow, key="g", kind="gift", postings=[gift])
        again = await ledger.post(uow, key="g", kind="gift", postings=[gift])
    assert (first.replayed, again.replayed) == (False, True)
    assert first.transaction_id == again.transaction_id
    for kind, reference, units in [("gift", "", 11), ("tip", "", 10), ("gift", "other", 10)]:
        other = paid(user_available(7, "paper"), user_available(8, "paper"), units)
        async with unit_of_work(pool) as uow:
            with pytest.raises(IdempotencyConflict):
                await ledger.post(uow, key="g", kind=kind, postings=[other], reference=reference)
    assert await balance_of(pool, 8) == (10, 0)


async def test_a_settlement_replays_after_its_hold_has_ended(pool: Pool) -> None:
    await fund(pool, 7, 1000)
    hold_id = new_id()
    spend = [paid(user_held(7, "paper"), venue_account("paper"), 60)]
    async with unit_of_work(pool) as uow:
        await ledger.hold(uow, key="h", hold_id=hold_id, user_id=7, amount=Amount(USDT, 100), reference="")
        first = await ledger.settle(uow, key="s", hold_id=hold_id, postings=spend, close=True)
        again = await ledger.settle(uow, key="s", hold_id=hold_id, postings=spend, close=True)
        replayed = await ledger.hold(uow, key="h", hold_id=hold_id, user_id=7, amount=Amount(USDT, 100), reference="")
        with pytest.raises(Denied) as denied:
            await ledger.void(uow, key="v", hold_id=hold_id)
    assert (again.transaction_id, again.replayed, replayed.remaining.units) == (first.transaction_id, True, 100)
    assert (denied.value.code, denied.value.params["state"]) == ("hold_closed", "settled")
    assert await balance_of(pool, 7) == (940, 0)


async def test_the_same_request_twice_at_once_is_done_once(pool: Pool) -> None:
    await fund(pool, 7, 1000)

    async def give() -> bool:
        async with unit_of_work(pool) as uow:
            gift = [paid(user_available(7, "paper"), user_available(8, "paper"), 10)]
            return (await ledger.post(uow, key="g", kind="gift", postings=gift)).replayed

    replayed = await asyncio.gather(*(give() for _ in range(12)))
    assert sorted(replayed) == [False] + [True] * 11
    assert await balance_of(pool, 8) == (10, 0)


async def test_one_key_for_two_requests_at_once_lets_one_through(pool: Pool) -> None:
    async def give(user_id: int) -> str:
        try:
            async with unit_of_work(pool) as uow:
                await ledger.post(uow, key="g", kind="gift", postings=[paid(WORLD, user_available(user_id, "paper"), 10)])
        except IdempotencyConflict:
            return "refused"
        return "posted"

    assert sorted(await asyncio.gather(*(give(user) for user in range(1, 11)))) == ["posted"] + ["refused"] * 9


async def test_a_reversal_happens_once(pool: Pool) -> None:
    mine = user_available(7, "paper")
    async with unit_of_work(pool) as uow:
        first = await ledger.post(uow, key="p", kind="fund", postings=[paid(WORLD, mine, 10)])
        await ledger.post(uow, key="r", kind="reversal", postings=[paid(mine, WORLD, 10)], reverses=first.transaction_id)
    await fund(pool, 7, 50)
    with pytest.raises(Denied, match="already_reversed"):
        async with unit_of_work(pool) as uow:
            await ledger.post(uow, key="r2", kind="reversal", postings=[paid(mine, WORLD, 10)], reverses=first.transaction_id)


@pytest.mark.parametrize(
    ("source", "destination", "asset"),
    [
        (WORLD, user_held(7, "paper"), USDT),
        (user_held(7, "paper"), WORLD, USDT),
        (WORLD, user_available(7, "binance"), USDT),
        (WORLD, user_available(7, "paper"), EUR),
        (WORLD, "user:0:paper:available", USDT),
        (WORLD, "user:7:paper:elsewhere", USDT),
        (WORLD, "venue:binance", USDT),
        (WORLD, "somewhere", USDT),
        (WORLD, user_available(7, "paper"), Asset("paper:UNHEARD", 2)),
    ],
)
async def test_a_plain_posting_keeps_off_held_accounts_foreign_places_and_unknown_names(
    pool: Pool, source: str, destination: str, asset: Asset
) -> None:
    with pytest.raises(ValueError, match=r"."):
        async with unit_of_work(pool) as uow:
            await ledger.post(uow, key="p", kind="x", postings=[paid(source, destination, 10, asset)])


@pytest.mark.parametrize(
    ("source", "destination"),
    [
        (user_held(8, "paper"), venue_account("paper")),
        (user_available(8, "paper"), venue_account("paper")),
        (user_available(7, "paper"), venue_account("paper")),
        (user_held(7, "paper"), user_held(8, "paper")),
        (WORLD, user_held(7, "paper")),
    ],
)
async def test_a_settlement_takes_from_its_own_hold_only(pool: Pool, source: str, destination: str) -> None:
    mine, others = new_id(), new_id()
    for user_id, hold_id in ((7, mine), (8, others)):
        await fund(pool, user_id, 1000)
        async with unit_of_work(pool) as uow:
            await ledger.hold(uow, key=f"h{user_id}", hold_id=hold_id, user_id=user_id, amount=Amount(USDT, 100), reference="")
    with pytest.raises(ValueError, match="may not move"):
        async with unit_of_work(pool) as uow:
            await ledger.settle(uow, key="s", hold_id=mine, postings=[paid(source, destination, 10)], close=True)
    assert await balance_of(pool, 8) == (900, 100)


async def test_unknown_holds_reused_holds_and_empty_holds_are_mistakes(pool: Pool) -> None:
    await fund(pool, 7, 1000)
    hold_id = new_id()
    async with unit_of_work(pool) as uow:
        await ledger.hold(uow, key="h", hold_id=hold_id, user_id=7, amount=Amount(USDT, 10), reference="")
    with pytest.raises(ValueError, match="unknown hold"):
        async with unit_of_work(pool) as uow:
            await ledger.void(uow, key="v", hold_id=new_id())
    with pytest.raises(ValueError, match="under another key"):
        async with unit_of_work(pool) as uow:
            await ledger.hold(uow, key="h2", hold_id=hold_id, user_id=7, amount=Amount(USDT, 10), reference="")
    with pytest.raises(ValueError, match="positive"):
        async with unit_of_work(pool) as uow:
            await ledger.hold(uow, key="h3", hold_id=new_id(), user_id=7, amount=Amount(USDT, 0), reference="")


async def test_an_asset_keeps_its_scale(pool: Pool) -> None:
    with pytest.raises(ValueError, match="decimals"):
        async with unit_of_work(pool) as uow:
            await ledger.ensure_asset(uow, Asset("paper:USDT", 2))


async def test_the_largest_amounts_are_exact(pool: Pool) -> None:
    huge = 10**76 + 7
    await fund(pool, 7, huge)
    async with unit_of_work(pool) as uow:
        await ledger.hold(uow, key="h", hold_id=new_id(), user_id=7, amount=Amount(USDT, huge), reference="")
    assert await balance_of(pool, 7) == (0, huge)
