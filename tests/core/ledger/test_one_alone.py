"""A request alone takes a shorter way through the database. Whatever is asked, both ways answer the same and leave the same rows."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from core.db.pool import Pool
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.kernel.errors import Denied, IdempotencyConflict
from core.kernel.ids import new_id
from core.kernel.money import Amount, Asset
from core.ledger import repository
from core.ledger.rules import entry_of
from core.ledger.types import WORLD, HoldRequest, Posting, Release, Request, Settlement, Transaction, user_available, user_held
from tests.support.ledger import BTC, EUR, USDT, know_assets, paid, require_clean

STEPS = 150
ROWS = """
select 'transaction', t.idempotency_key, t.request_hash::text, t.kind, t.reference, r.idempotency_key, null, t.created_at::text
  from ledger_transactions t left join ledger_transactions r on r.id = t.reverses
union all
select 'posting', t.idempotency_key, p.line::text, c.code, s.address, d.address, p.amount::text, s.asset_id::text || d.asset_id
  from ledger_postings p join ledger_transactions t on t.id = p.transaction_id join ledger_assets c on c.id = p.asset_id
  join ledger_accounts s on s.id = p.source_id join ledger_accounts d on d.id = p.destination_id
union all
select 'hold', h.id::text, a.address, b.address, h.amount::text, h.remaining::text, h.state || h.reference,
       concat(h.created_at, h.closed_at)
  from ledger_holds h join ledger_accounts a on a.id = h.available_id join ledger_accounts b on b.id = h.held_id
union all
select 'account', a.address, c.code, a.balance::text, a.user_id::text, a.may_be_negative::text, null, null
  from ledger_accounts a join ledger_assets c on c.id = a.asset_id
order by 1, 2, 3, 4, 5
"""


@pytest.fixture(autouse=True)
async def _assets(pool: Pool):
    await know_assets(pool)
    yield
    await require_clean(pool)


@dataclass
class Asker:
    """Makes requests of all kinds, good and bad, out of two users and what was asked before."""

    chance: random.Random
    asked: list[Request] = field(default_factory=list)
    holds: list[tuple[UUID, int, Asset]] = field(default_factory=list)

    def next(self) -> Request:
        """The users are given money first, and a hold each."""
        if len(self.asked) < 4:
            made = self.fund(1 + len(self.asked) % 2, USDT) if len(self.asked) < 2 else self.hold()
            self.asked.append(made)
            return made
        kinds: Sequence[Callable[[], Request]] = (
            self.fund,
            self.gift,
            self.hold,
            self.hold,
            self.settlement,
            self.settlement,
            self.settlement,
        )
        made = self.chance.choice((*kinds, self.release, self.again, self.contradiction))()
        self.asked.append(made)
        return made

    def user(self) -> int:
        return self.chance.randint(1, 2)

    def units(self) -> int:
        return self.chance.choice((1, 7, 40, 300))

    def key(self) -> str:
        return f"k{len(self.asked)}"

    def fund(self, user_id: int = 0, asset: Asset | None = None) -> Request:
        asset = asset or self.chance.choice((USDT, USDT, BTC, EUR))
        return Transaction(
            self.key(), "fund", (paid(WORLD, user_available(user_id or self.user(), asset.place), 2_000, asset),), "reference"
        )

    def gift(self) -> Request:
        """Sometimes too much, to oneself, in another asset, or out of a held account."""
        source = self.chance.choice((user_available, user_available, user_available, user_held))(self.user(), "paper")
        lines = [paid(source, "fees:platform", self.units()), paid(source, user_available(4, "paper"), 1)]
        odd = paid("venue:paper", user_available(self.user(), "paper"), 2, self.chance.choice((USDT, BTC)))
        return Transaction(self.key(), "gift", tuple([*lines, odd][: self.chance.randint(1, 3)]))

    def hold(self) -> Request:
        asset, user_id, hold_id = self.chance.choice((USDT, USDT, EUR)), self.user(), new_id()
        if len(self.holds) > 1 and self.chance.random() < 0.1:
            hold_id = self.chance.choice(self.holds)[0]
        else:
            self.holds.append((hold_id, user_id, asset))
        return HoldRequest(self.key(), hold_id, user_id, Amount(asset, self.units()), "order")

    def settlement(self) -> Request:
        """Sometimes more than is held, from somebody else's, of an unknown or closed hold, to a held account."""
        hold_id, user_id, asset = self.chance.choice(self.holds[-4:])
        if self.chance.random() < 0.1:
            user_id = self.user()
        held, venue = user_held(user_id, asset.place), f"venue:{asset.place}"
        lines = [Posting(held, venue, Amount(asset, self.units())), Posting(held, "fees:platform", Amount(asset, 1))]
        target = self.chance.choice((user_available, user_available, user_available, user_held))(user_id, asset.place)
        lines.append(Posting(venue, target, Amount(asset, 2)))
        close = self.chance.random() < 0.3
        return Settlement(self.key(), hold_id, tuple(lines[self.chance.choice((0, 0, 2)) :]), close)

    def release(self) -> Request:
        return Release(self.key(), self.chance.choice([new_id(), *(hold_id for hold_id, _, _ in self.holds)]), self.chance.random() < 0.5)

    def again(self) -> Request:
        return self.chance.choice(self.asked)

    def contradiction(self) -> Request:
        """A key that was used, with another request."""
        key = self.chance.choice(self.asked).key
        return Transaction(key, "other", (paid(WORLD, user_available(9, "paper"), 5),))


class Undone(Exception):
    """Takes a trial back."""


async def answer_and_rows(uow: UnitOfWork, ask: Callable[[], object], *, keep: bool) -> tuple[str, list[tuple[object, ...]]]:
    """What the ledger says and what its tables hold afterwards; taken back unless `keep`."""
    said, rows = "", []
    try:
        async with uow.connection.transaction():
            [result] = await ask()  # type: ignore[misc]
            denial = result.denial
            said = f"denied {denial.code} {denial.params}" if denial else "replayed" if result.replayed else "posted"
            rows = [tuple(row.values()) for row in await uow.connection.fetch(ROWS)]
            if not keep:
                raise Undone
    except Undone:
        pass
    except (Denied, IdempotencyConflict, ValueError) as error:
        said = f"{type(error).__name__} {error}"
    return said, rows


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_request_alone_is_answered_as_in_a_set_and_leaves_the_same_rows(pool: Pool, seed: int) -> None:
    asker, seen = Asker(random.Random(seed)), Counter[str]()
    for _ in range(STEPS):
        entry = entry_of(asker.next())
        async with unit_of_work(pool) as uow:
            in_a_set = await answer_and_rows(uow, lambda: repository.apply_set(uow, [entry]), keep=False)  # noqa: B023 (awaited here)
            alone = await answer_and_rows(uow, lambda: repository.apply(uow, [entry]), keep=True)  # noqa: B023
        assert alone == in_a_set
        seen[" ".join(alone[0].split()[:2])] += 1
    assert {"posted", "replayed", "denied insufficient_funds", "denied hold_closed", "ValueError a", "ValueError unknown"} <= set(seen)
    assert any(word.startswith("IdempotencyConflict") for word in seen)


async def test_what_is_well_and_paid_takes_the_shorter_way(pool: Pool) -> None:
    hold_id = new_id()
    fund = Transaction("f", "fund", (paid(WORLD, user_available(7, "paper"), 100),))
    hold = HoldRequest("h", hold_id, 7, Amount(USDT, 60), "order")
    part = Settlement("p", hold_id, (paid(user_held(7, "paper"), "venue:paper:1", 20),), close=False)
    last = Settlement("s", hold_id, (paid(user_held(7, "paper"), "venue:paper:1", 30),), close=True)
    async with unit_of_work(pool) as uow:  # opens the accounts
        await repository.apply(uow, [entry_of(Transaction("g", "fund", (paid(WORLD, user_available(7, "paper"), 1),)))])
        await repository.apply(uow, [entry_of(HoldRequest("g1", first := new_id(), 7, Amount(USDT, 1), ""))])
        await repository.apply(uow, [entry_of(Settlement("g2", first, (paid(user_held(7, "paper"), "venue:paper:1", 1),), close=True))])
    for request in (fund, hold, part, last):
        async with unit_of_work(pool) as uow:
            assert await repository.apply_one(uow, entry_of(request)) is not None
    async with unit_of_work(pool) as uow:
        assert await repository.apply_one(uow, entry_of(last)) is None
        assert [result.replayed for result in await repository.apply(uow, [entry_of(last)])] == [True]
