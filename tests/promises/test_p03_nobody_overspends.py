"""P3: no balance or hold goes below zero, and nobody spends an asset or account that is not theirs."""

from __future__ import annotations

import asyncio
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from core.db.pool import Pool, create_pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied
from core.kernel.ids import new_id
from core.kernel.money import Amount, Asset
from core.ledger import service as ledger
from core.ledger.types import Posting, user_available, user_held
from sandbox.postgres import EmbeddedPostgres
from tests.conftest import Database
from tests.promises.conftest import Proof
from tests.support.arena import Arena
from tests.support.ledger import ASSETS, BTC, EUR, USDT, fund, has, know_assets, paid

HAD, TAKEN = 1000, 10
ENOUGH_FOR = HAD // TAKEN


@pytest.mark.timeout(300)
async def test_debits_from_a_barrier_never_take_more_than_is_there(database: Database, proof: Proof) -> None:
    debits = proof.size(test=1_000, promises=10_000, soak=10_000)
    pool = await create_pool(database.app_dsn, application_name="barrier", min_size=64, max_size=64)
    await know_assets(pool)
    await fund(pool, 1, HAD)
    barrier = asyncio.Barrier(debits)
    outcomes = await asyncio.gather(*(_debit(pool, barrier, number) for number in range(debits)))
    paid_out = outcomes.count("paid")
    witness = await asyncpg.connect(database.owner_dsn.reveal())
    received = await witness.fetchval(
        "select coalesce(sum(balance), 0) from ledger_accounts where user_id between 2 and 65 or address like '%:held'"
    )
    left = await witness.fetchval("select balance from ledger_accounts where address = $1", user_available(1, "paper"))
    await witness.close()
    pool.terminate()
    assert (paid_out, received, left) == (ENOUGH_FOR, HAD, 0)
    assert outcomes.count("denied") == debits - ENOUGH_FOR
    proof.record(f"{debits:,} concurrent debits of one account over 64 connections, {paid_out} paid of {ENOUGH_FOR} covered")


async def _debit(pool: Pool, barrier: asyncio.Barrier, number: int) -> str:
    """Half of them pay one of 64 others, half hold."""
    await barrier.wait()
    try:
        async with unit_of_work(pool) as uow:
            if number % 2:
                await ledger.hold(uow, key=f"d{number}", hold_id=new_id(), user_id=1, amount=Amount(USDT, TAKEN), reference="d")
            else:
                other = user_available(2 + number % 64, "paper")
                await ledger.post(uow, key=f"d{number}", kind="debit", postings=[paid(user_available(1, "paper"), other, TAKEN)])
    except Denied as denied:
        return "denied" if denied.code == "insufficient_funds" else denied.code
    return "paid"


ACTOR, VICTIM = 1, 2
PLACES = ("paper", "binance")
ADDRESSES = st.sampled_from(
    [
        *(make(user, place) for make in (user_available, user_held) for user in (ACTOR, VICTIM) for place in PLACES),
        "venue:paper",
        "venue:binance",
        "fees:platform",
        "world",
        "receivable:user:2",
    ]
)
UNITS = st.integers(1, 2000)
ANYTHING = st.tuples(ADDRESSES, ADDRESSES, st.sampled_from(ASSETS), UNITS)


def postings_at(market: Asset) -> st.SearchStrategy[list[tuple[str, str, Asset, int]]]:
    """Random ones among plausible ones: from the actor's own hold, of which it may or may not cover that much."""
    own = st.tuples(st.just(user_held(ACTOR, market.place)), ADDRESSES, st.just(market), UNITS)
    return st.lists(st.one_of(own, ANYTHING), min_size=1, max_size=3)


ATTACKS = st.sampled_from([USDT, BTC, EUR]).flatmap(lambda market: st.tuples(st.just(market), postings_at(market)))


def test_a_settlement_never_takes_what_is_not_its_own(postgres: EmbeddedPostgres, proof: Proof) -> None:
    """Whatever postings an actor's settlement carries: no user's account but the actor's own hold ever has less than before."""
    examples = proof.size(test=120, promises=5_000, soak=20_000)

    with Arena(postgres, examples_per_database=10**9) as arena:
        arena.run(_fund_everybody(arena.pool))

        @seed(proof.seed)
        @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(attempt=ATTACKS, close=st.booleans())
        def attack(attempt: tuple[Asset, list[tuple[str, str, Asset, int]]], close: bool) -> None:
            arena.run(_attack(arena, *attempt, close=close))

        attack()
    proof.record(f"{examples:,} settlements of random postings over (actor, account, asset, market)")


async def _fund_everybody(pool: Pool) -> None:
    for user_id in (ACTOR, VICTIM):
        for asset in ASSETS:
            await fund(pool, user_id, 10**12, asset)
            async with unit_of_work(pool) as uow:
                amount = Amount(asset, 10**6)
                key = f"first:{user_id}:{asset.code}"
                await ledger.hold(uow, key=key, hold_id=new_id(), user_id=user_id, amount=amount, reference="first")


Balances = dict[tuple[str, str], int]


async def _user_balances(arena: Arena) -> Balances:
    rows = await arena.witness.fetch(
        "select a.address, s.code, a.balance from ledger_accounts a join ledger_assets s on s.id = a.asset_id where a.address like 'user:%'"
    )
    return {(row["address"], row["code"]): int(row["balance"]) for row in rows}


async def _attack(arena: Arena, market: Asset, wanted: list[tuple[str, str, Asset, int]], *, close: bool) -> None:
    hold_id: UUID = new_id()
    async with unit_of_work(arena.pool) as uow:
        await ledger.hold(uow, key=f"h:{hold_id}", hold_id=hold_id, user_id=ACTOR, amount=Amount(market, 1000), reference="a")
    before = await _user_balances(arena)
    outcome = await _settle(arena.pool, hold_id, wanted, close=close)
    after = await _user_balances(arena)
    own = (user_held(ACTOR, market.place), market.code)
    lost = {where for where, units in before.items() if after[where] < units}
    assert lost <= {own}, f"{outcome}: {lost - {own}} lost money"
    assert before[own] - after.get(own, 0) <= 1000
    assert all(units >= 0 for units in after.values())
    for address, code in set(after) - set(before):
        assert address.split(":")[2] == code.split(":")[0], f"{code} came to {address}"
    assert outcome == "done" or after == before


async def _settle(pool: Pool, hold_id: UUID, wanted: list[tuple[str, str, Asset, int]], *, close: bool) -> str:
    try:
        postings = [Posting(source, destination, Amount(asset, units)) for source, destination, asset, units in wanted]
        async with unit_of_work(pool) as uow:
            await ledger.settle(uow, key=f"s:{hold_id}", hold_id=hold_id, postings=postings, close=close)
    except Denied as denied:
        return denied.code
    except ValueError:
        return "refused"
    return "done"


async def test_a_hold_takes_from_its_own_user_at_the_assets_own_place(pool: Pool, proof: Proof) -> None:
    """The same asset's name at another place is another asset: paper money never pays at an exchange."""
    await know_assets(pool)
    async with unit_of_work(pool) as uow:
        await ledger.ensure_asset(uow, Asset("binance:USDT", 6))
    await fund(pool, VICTIM, 1000)
    for user_id, asset in ((ACTOR, USDT), (VICTIM, Asset("binance:USDT", 6))):
        async with unit_of_work(pool) as uow:
            with pytest.raises(Denied, match="insufficient_funds"):
                await ledger.hold(uow, key=new_id().hex, hold_id=new_id(), user_id=user_id, amount=Amount(asset, 1), reference="x")
    async with unit_of_work(pool) as uow:
        assert await has(uow, VICTIM) == (1000, 0)
    with pytest.raises(ValueError, match="does not belong"):
        await _at_the_wrong_place(pool)


async def _at_the_wrong_place(pool: Pool) -> None:
    async with unit_of_work(pool) as uow:
        await ledger.post(
            uow, key="wrong", kind="move", postings=[paid(user_available(VICTIM, "paper"), user_available(VICTIM, "binance"), 5)]
        )
