"""P1: for every asset, all ledger entries sum to zero at every commit. The soak's 20,000 × 100 steps are 40 seeds of 500."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from core.db.pool import create_pool
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.kernel.errors import Denied, IdempotencyConflict
from core.kernel.ids import new_id
from core.kernel.money import Amount, Asset
from core.ledger import service as ledger
from core.ledger.types import WORLD, HoldRequest, Posting, Settlement, Transaction, user_available, user_held, venue_account
from sandbox.postgres import EmbeddedPostgres
from tests.conftest import Database
from tests.promises.conftest import Proof
from tests.support.arena import Arena
from tests.support.ledger import BTC, EUR, USDT, fund, know_assets, paid, require_clean
from tests.support.ledger_model import LedgerModel

USERS = st.sampled_from([1, 2, 3])
MARKETS = st.sampled_from([USDT, BTC, EUR])
UNITS = st.one_of(st.integers(1, 50), st.integers(1, 10**30))
SUMS = "select asset_id from ledger_accounts group by asset_id having sum(balance) <> 0"
BELOW_ZERO = "select address from ledger_accounts where balance < 0 and address <> 'world' and address not like 'venue:%'"


class Crash(Exception):
    """The process dies before it commits."""


class LedgerMachine(RuleBasedStateMachine):
    """Random requests, repeated, contradicted, crashed; the model says what must be there, the witness says what is."""

    arena: Arena

    def __init__(self) -> None:
        super().__init__()
        self.arena.fresh()
        self.model = LedgerModel()
        self.base = self.arena.run(self.arena.witness.fetchval("select coalesce(max(id), 0) from ledger_accounts")) * 10 + 1
        self.keys = 0
        self.done: list[Callable[[UnitOfWork], Awaitable[object]]] = []

    def user(self, number: int) -> int:
        """Users of this example only: examples share a database."""
        return int(self.base) + number

    def key(self) -> str:
        self.keys += 1
        return f"{self.base}:{self.keys}"

    def attempt(self, request: Callable[[UnitOfWork], Awaitable[object]], *, crash: bool = False) -> str:
        """Runs a request in a unit of work of its own. `done`, or the code of the denial."""

        async def unit() -> str:
            try:
                async with unit_of_work(self.arena.pool) as uow:
                    await request(uow)
                    if crash:
                        raise Crash
            except Denied as denied:
                return denied.code
            except Crash:
                return "crashed"
            self.done.append(request)
            return "done"

        return self.arena.run(unit())

    @rule(user=USERS, asset=MARKETS, units=UNITS, crash=st.booleans())
    def fund(self, user: int, asset: Asset, units: int, crash: bool) -> None:
        key, mine = self.key(), user_available(self.user(user), asset.place)
        outcome = self.attempt(lambda uow: ledger.post(uow, key=key, kind="fund", postings=[paid(WORLD, mine, units, asset)]), crash=crash)
        assert outcome == ("crashed" if crash else "done")
        if not crash:
            self.model.fund(self.user(user), asset, units)

    @rule(source=USERS, destination=USERS, asset=MARKETS, units=UNITS)
    def transfer(self, source: int, destination: int, asset: Asset, units: int) -> None:
        if source == destination:
            return
        key = self.key()
        ours, theirs = (user_available(self.user(user), asset.place) for user in (source, destination))
        outcome = self.attempt(lambda uow: ledger.post(uow, key=key, kind="gift", postings=[paid(ours, theirs, units, asset)]))
        moved = self.model.transfer(self.user(source), self.user(destination), asset, units)
        assert outcome == ("done" if moved else "insufficient_funds")

    @rule(user=USERS, asset=MARKETS, units=UNITS)
    def hold(self, user: int, asset: Asset, units: int) -> None:
        key, hold_id, owner = self.key(), new_id(), self.user(user)
        outcome = self.attempt(
            lambda uow: ledger.hold(uow, key=key, hold_id=hold_id, user_id=owner, amount=Amount(asset, units), reference="r")
        )
        assert outcome == ("done" if self.model.hold(hold_id, owner, asset, units) else "insufficient_funds")

    def some_hold(self, data: st.DataObject) -> UUID:
        return data.draw(st.sampled_from(list(self.model.holds)))

    def spending(self, hold_id: UUID, units: int) -> list[Posting]:
        hold = self.model.holds[hold_id]
        place, fee = hold.asset.place, max(units // 1000, 1)
        held = user_held(hold.user_id, place)
        spent = [paid(held, venue_account(place), units - fee, hold.asset)] if units > fee else []
        got = paid(venue_account(place), user_available(hold.user_id, place), 3, hold.asset)
        return [*spent, paid(held, "fees:platform", fee, hold.asset), got]

    @precondition(lambda self: self.model.holds)
    @rule(data=st.data(), share=st.integers(1, 130), close=st.booleans(), crash=st.booleans())
    def settle(self, data: st.DataObject, share: int, close: bool, crash: bool) -> None:
        hold_id = self.some_hold(data)
        hold = self.model.holds[hold_id]
        units = max(hold.remaining * share // 100, 1)
        key, postings = self.key(), self.spending(hold_id, units)
        outcome = self.attempt(lambda uow: ledger.settle(uow, key=key, hold_id=hold_id, postings=postings, close=close), crash=crash)
        if outcome == "crashed":
            return
        assert outcome == ("done" if self.model.settle(hold_id, units, close=close) else "insufficient_funds")
        if outcome == "done":
            self.model.fund(hold.user_id, hold.asset, 3)

    @precondition(lambda self: self.model.holds)
    @rule(data=st.data(), expired=st.booleans())
    def void(self, data: st.DataObject, expired: bool) -> None:
        hold_id, key = self.some_hold(data), self.key()
        assert self.attempt(lambda uow: ledger.void(uow, key=key, hold_id=hold_id, expired=expired)) == "done"
        self.model.void(hold_id)

    @rule(user=USERS, asset=MARKETS, amounts=st.lists(UNITS, min_size=1, max_size=6))
    def batch(self, user: int, asset: Asset, amounts: list[int]) -> None:
        owner = self.user(user)
        requests = [HoldRequest(self.key(), new_id(), owner, Amount(asset, units), "r") for units in amounts]
        gift = Transaction(self.key(), "fund", (paid(WORLD, user_available(owner, asset.place), 25, asset),))

        async def unit() -> list[str]:
            async with unit_of_work(self.arena.pool) as uow:
                results = await ledger.post_many(uow, [gift, *requests])
            return [result.denial.code if result.denial else "done" for result in results[1:]]

        outcomes = self.arena.run(unit())
        self.model.fund(owner, asset, 25)
        for request, outcome in zip(requests, outcomes, strict=True):
            held = self.model.hold(request.hold_id, owner, asset, request.amount.units)
            assert outcome == ("done" if held else "insufficient_funds")

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """Delivered again, whatever has happened since: nothing changes (the invariant compares with the unchanged model)."""
        request = self.done[data.draw(st.integers(0, len(self.done) - 1))]
        assert self.attempt(request) == "done"
        self.done.pop()

    @precondition(lambda self: self.keys)
    @rule(user=USERS, number=st.integers(1, 40))
    def contradict(self, user: int, number: int) -> None:
        """Another request under a key that may be taken: refused, or (a denied request's key is free) a plain funding."""
        key, mine = f"{self.base}:{min(number, self.keys)}", user_available(self.user(user), "paper")
        reference = str(new_id())
        try:
            self.attempt(lambda uow: ledger.post(uow, key=key, kind="other", postings=[paid(WORLD, mine, 1)], reference=reference))
        except IdempotencyConflict:
            return
        self.model.fund(self.user(user), USDT, 1)

    @invariant()
    def every_commit_sums_to_zero_and_agrees_with_the_model(self) -> None:
        self.arena.run(self.look())

    async def look(self) -> None:
        witness = self.arena.witness
        assert await witness.fetch(SUMS) == []
        assert await witness.fetch(BELOW_ZERO) == []
        rows = await witness.fetch(
            "select a.user_id, s.code, a.address like '%:held' as held, a.balance from ledger_accounts a "
            "join ledger_assets s on s.id = a.asset_id where a.user_id between $1 and $2 and a.balance <> 0",
            self.base,
            self.base + 9,
        )
        found = {(row["user_id"], row["code"], row["held"]): int(row["balance"]) for row in rows}
        expected = {(*where, False): units for where, units in self.model.available.items() if units}
        expected |= {(*where, True): units for where, units in self.model.held.items() if units}
        assert found == expected

    def teardown(self) -> None:
        wrong = self.arena.run(self.arena.witness.fetch("select asset, problems from ledger_check() where problems <> '{}'"))
        assert wrong == []


def test_every_commit_sums_to_zero_whatever_is_asked(postgres: EmbeddedPostgres, proof: Proof) -> None:
    examples, steps = proof.size(test=15, promises=400, soak=500), proof.size(test=30, promises=50, soak=100)
    with Arena(postgres) as arena:
        machine = type("Machine", (LedgerMachine,), {"arena": arena})
        run_state_machine_as_test(
            seed(proof.seed)(machine),
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                phases=[Phase.generate, Phase.shrink] if proof.tier != "test" else [Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    proof.record(f"{examples:,} × {steps} steps")


@pytest.mark.timeout(300)
async def test_a_bank_with_sixty_four_clients_sums_to_zero_at_every_look(database: Database, proof: Proof) -> None:
    requests = proof.size(test=20, promises=400, soak=2_000)
    pool = await create_pool(database.app_dsn, application_name="bank", min_size=64, max_size=64)
    await know_assets(pool)
    for user_id in range(1, 11):
        await fund(pool, user_id, 1000)
    clients = [asyncio.create_task(_client(pool, number, requests, random.Random(proof.random.random()))) for number in range(64)]
    looks = await _watch(database, clients)
    denied = sum(await asyncio.gather(*clients))
    await require_clean(pool)
    assert await pool.fetchval("select sum(balance) from ledger_accounts where user_id is not null") == 10_000
    pool.terminate()
    assert looks > 0
    proof.record(f"64 clients × {requests:,} requests, {denied:,} denied, {looks:,} looks")


async def _client(pool, number: int, requests: int, dice: random.Random) -> int:
    """Gives away and holds at random; returns how often it was denied."""
    denied = 0
    for request in range(requests):
        giver, taker = dice.sample(range(1, 11), 2)
        units, key, hold_id = dice.randint(1, 400), f"{number}:{request}", new_id()
        gift = paid(user_available(giver, "paper"), user_available(taker, "paper"), units)
        back = paid(user_held(giver, "paper"), user_available(taker, "paper"), units // 2 + 1)
        async with unit_of_work(pool) as uow:
            if request % 2:
                [result] = await ledger.post_many(uow, [Transaction(key, "gift", (gift,))])
            else:
                [result] = await ledger.post_many(uow, [HoldRequest(key, hold_id, giver, Amount(USDT, units), "r")])
        denied += result.denial is not None
        if result.denial is None and not request % 2:
            async with unit_of_work(pool) as uow:
                await ledger.post_many(uow, [Settlement(f"{key}:s", hold_id, (back,), close=True)])
    return denied


async def _watch(database: Database, clients: list[asyncio.Task[int]]) -> int:
    """Looks from a connection of its own until all clients are done; returns how often."""
    witness = await asyncpg.connect(database.owner_dsn.reveal())
    looks = 0
    while not all(client.done() for client in clients):
        assert await witness.fetch(SUMS) == []
        assert await witness.fetch(BELOW_ZERO) == []
        looks += 1
    await witness.close()
    return looks
