"""The waterfall against the ledger: random histories with late fills, receivables, reversals; every period adds up, every fee is told."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import combinations

import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied
from core.kernel.ids import new_id
from core.kernel.money import Amount, Asset
from core.ledger import service as ledger
from core.ledger.types import WORLD, Posting, user_available
from core.market.types import Instrument
from core.portfolio.service import waterfall
from core.portfolio.waterfall import Flow, Item, Waterfall, meanings
from core.trading import funds
from core.trading.booking import book_fills
from core.trading.types import Order, OrderState
from core.venues.types import Side
from tests.core.trading.test_booking_in_the_ledger import COARSE, FINE, random_fills
from tests.core.trading.test_lifecycle import order
from tests.support.ledger import require_clean

USERS = (1, 2)


@dataclass
class History:
    """What the test did, kept apart from the ledger, and what each user had at some moments."""

    pool: Pool
    instrument: Instrument
    chance: random.Random
    fees: dict[tuple[int, Item], int] = field(default_factory=dict)
    outside: dict[tuple[int, Asset, Item], int] = field(default_factory=dict)
    moments: list[tuple[datetime, dict[tuple[int, Asset], int]]] = field(default_factory=list)
    deposits: list[tuple[int, int, Amount]] = field(default_factory=list)

    @property
    def assets(self) -> tuple[Asset, Asset]:
        return self.instrument.base, self.instrument.quote

    def count(self, user_id: int, asset: Asset, item: Item, units: int) -> None:
        key = (user_id, asset, item)
        self.outside[key] = self.outside.get(key, 0) + units

    async def post(self, postings: list[Posting], kind: str, reverses: int | None = None) -> int | None:
        try:
            async with unit_of_work(self.pool) as uow:
                result = await ledger.post(uow, key=f"{kind}:{new_id()}", kind=kind, postings=postings, reverses=reverses)
        except Denied:
            return None
        return result.transaction_id

    async def deposit(self, user_id: int) -> None:
        amount = Amount(self.chance.choice(self.assets), self.chance.randint(1, self.chance.choice((10**4, 10**7))))
        made = await self.post([Posting(WORLD, user_available(user_id, "paper"), amount)], "deposit")
        assert made is not None
        self.deposits.append((user_id, made, amount))
        self.count(user_id, amount.asset, Item.DEPOSITS, amount.units)

    async def withdraw(self, user_id: int) -> None:
        amount, fee = (Amount(self.instrument.quote, self.chance.randint(1, 10**4)) for _ in range(2))
        source = user_available(user_id, "paper")
        if await self.post([Posting(source, WORLD, amount), Posting(source, "fees:network:0", fee)], "withdrawal"):
            self.count(user_id, amount.asset, Item.WITHDRAWALS, amount.units)
            self.count(user_id, amount.asset, Item.NETWORK_FEES, fee.units)

    async def transfer(self, user_id: int) -> None:
        other, amount = USERS[USERS[0] == user_id], Amount(self.instrument.quote, self.chance.randint(1, 10**5))
        if await self.post([Posting(user_available(user_id, "paper"), user_available(other, "paper"), amount)], "transfer"):
            self.count(user_id, amount.asset, Item.WITHDRAWALS, amount.units)
            self.count(other, amount.asset, Item.DEPOSITS, amount.units)

    async def reverse(self) -> None:
        if self.deposits:
            user_id, transaction, amount = self.deposits.pop(self.chance.randrange(len(self.deposits)))
            if await self.post([Posting(user_available(user_id, "paper"), WORLD, amount)], "reversal", transaction):
                self.count(user_id, amount.asset, Item.REVERSALS, -amount.units)

    async def repay(self, user_id: int) -> None:
        for asset in self.assets:
            try:
                async with unit_of_work(self.pool) as uow:
                    paid = await funds.repay_receivable(uow, user_id, asset)
            except Denied:
                continue
            self.count(user_id, asset, Item.ADVANCES, -paid.units)

    async def trade(self, user_id: int) -> None:
        """An order whose hold is often too small, its fills in batches, the last ones after its end."""
        side = self.chance.choice(list(Side))
        held = Amount(self.instrument.quote if side is Side.BUY else self.instrument.base, self.chance.choice((1, 1000, 10**6)))
        made = replace(order(side=side, quantity=None, platform_fee_bps=7, held_units=held.units), id=new_id(), user_id=user_id)
        current = replace(made, hold_id=new_id(), symbol=self.instrument.symbol)
        try:
            async with unit_of_work(self.pool) as uow:
                assert current.hold_id is not None
                await ledger.hold(uow, key=f"h:{current.id}", hold_id=current.hold_id, user_id=user_id, amount=held, reference="")
        except Denied:
            return
        fills = random_fills(self.chance, self.instrument, current.id)
        last = self.chance.randint(0, len(fills))
        for number, fill in enumerate(fills):
            current = await self.settle(current, [fill], OrderState.CANCELED if number >= last else OrderState.PARTIALLY_FILLED)
            await self.look(0.2)
        if current.state is not OrderState.CANCELED:
            current = await self.settle(current, [], OrderState.CANCELED)
        for item, units in ((Item.VENUE_FEES, current.venue_fee_units), (Item.PLATFORM_FEES, current.platform_fee_units)):
            self.fees[user_id, item] = self.fees.get((user_id, item), 0) + units

    async def settle(self, before: Order, fills: list, state: OrderState) -> Order:  # type: ignore[type-arg]
        booked = book_fills(before, self.instrument, fills)
        after = replace(
            before,
            state=state,
            filled_quantity=booked.filled_quantity,
            filled_notional=booked.filled_notional,
            venue_fee_units=booked.venue_fee,
            platform_fee_units=booked.platform_fee,
        )
        async with unit_of_work(self.pool) as uow:
            await funds.move(uow, before, after, self.instrument, booked)
        return after

    async def look(self, probability: float) -> None:
        """Now and then writes down what everybody has, as the ledger's accounts say."""
        if self.chance.random() >= probability:
            return
        had: dict[tuple[int, Asset], int] = {}
        async with unit_of_work(self.pool) as uow:
            for user_id in USERS:
                balances = await ledger.balances(uow, user_id, "paper")
                had |= {(user_id, balance.available.asset): (balance.available + balance.held).units for balance in balances.values()}
        self.moments.append((await self.pool.fetchval("select clock_timestamp()"), had))


def adds_up(one: Waterfall) -> bool:
    """The sum as a person would write it down."""
    figure = {item: one.amount(item).units for item in Item}
    added = figure[Item.DEPOSITS] + figure[Item.BOUGHT] + figure[Item.ROUNDING] + figure[Item.REVERSALS] + figure[Item.ADVANCES]
    taken = figure[Item.WITHDRAWALS] + figure[Item.SOLD]
    fees = figure[Item.VENUE_FEES] + figure[Item.PLATFORM_FEES] + figure[Item.NETWORK_FEES]
    return one.opening.units + added - taken - fees == one.closing.units


async def live(history: History, steps: int) -> None:
    async with unit_of_work(history.pool) as uow:
        for asset in history.assets:
            await ledger.ensure_asset(uow, asset)
    await history.look(1)
    for _ in range(steps):
        user_id, chance = history.chance.choice(USERS), history.chance.random()
        if chance < 0.2:
            await history.deposit(user_id)
        elif chance < 0.27:
            await history.withdraw(user_id)
        elif chance < 0.34:
            await history.transfer(user_id)
        elif chance < 0.4:
            await history.reverse()
        elif chance < 0.47:
            await history.repay(user_id)
        else:
            await history.trade(user_id)
        await history.look(0.3)
    await history.look(1)


@pytest.mark.parametrize(("instrument", "seed"), [(FINE, 1), (COARSE, 2), (COARSE, 3)], ids=["fine", "coarse", "coarse again"])
async def test_every_period_of_any_history_adds_up_to_what_the_ledger_had(pool: Pool, instrument: Instrument, seed: int) -> None:
    history = History(pool, instrument, random.Random(seed))
    await live(history, 100)
    await require_clean(pool)
    periods = list(combinations(history.moments, 2))
    periods = [(history.moments[0], history.moments[-1]), *history.chance.sample(periods, min(20, len(periods)))]
    seen: set[Item] = set()
    for (since, before), (until, after) in periods:
        for user_id in USERS:
            async with unit_of_work(pool) as uow:
                found = await waterfall(uow, user_id, "paper", since, until)
            told = {one.asset: one for one in found}
            for asset in history.assets:
                one = told.get(asset, Waterfall(Amount.zero(asset), Amount.zero(asset)))
                assert one.opening.units == before.get((user_id, asset), 0)
                assert one.closing.units == after.get((user_id, asset), 0)
                assert adds_up(one)
                seen |= set(one.items)
    assert seen == set(Item)
    await require_told(history)


async def require_told(history: History) -> None:
    """Over the whole history each item is what was done: every fee of every order, whoever paid it, and nothing but deposits as such."""
    since, until = history.moments[0][0], history.moments[-1][0]
    for user_id in USERS:
        async with unit_of_work(history.pool) as uow:
            found = {one.asset: one for one in await waterfall(uow, user_id, "paper", since, until)}
        for item in (Item.VENUE_FEES, Item.PLATFORM_FEES):
            assert found[history.instrument.quote].amount(item).units == history.fees.get((user_id, item), 0)
            assert found[history.instrument.base].amount(item).units == 0
        for asset, one in found.items():
            for item in (Item.DEPOSITS, Item.WITHDRAWALS, Item.NETWORK_FEES, Item.REVERSALS):
                assert one.amount(item).units == history.outside.get((user_id, asset, item), 0)
        async with unit_of_work(history.pool) as uow:
            owed = {amount.asset: amount.units for amount in await funds.receivables(uow, user_id)}
        for asset in history.assets:
            assert found[asset].amount(Item.ADVANCES).units == owed.get(asset, 0)


def flow(source: str, destination: str, *, kind: str = "x", reversal: bool = False, alone: bool = True) -> Flow:
    return Flow(FINE.quote, kind, reversal, alone, source, destination, 5)


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        (flow("me", "held"), []),
        (flow("me", "venue:paper:1"), [(Item.SOLD, -5)]),
        (flow("venue:paper:1", "me"), [(Item.BOUGHT, 5)]),
        (flow("fees:platform:1", "me"), [(Item.PLATFORM_FEES, 5)]),
        (flow("fees:rounding:1", "held"), [(Item.ROUNDING, 5)]),
        (flow("held", "fees:venue_paper:1"), [(Item.VENUE_FEES, -5)]),
        (flow("referrals:1", "me"), [(Item.DEPOSITS, 5)]),
        (flow("me", "receivable:user:1"), [(Item.ADVANCES, -5)]),
        (flow("me", "venue:paper:1", reversal=True), [(Item.REVERSALS, -5)]),
        (flow("venue:paper:1", "fees:platform:1", reversal=True), []),
        (flow("venue:paper:1", "fees:platform:1", alone=False), []),
        (flow("venue:paper:1", "fees:rounding:1"), []),
        (flow(WORLD, "receivable:user:1"), []),
        (flow(WORLD, "fees:rounding:1"), [(Item.ADVANCES, 5), (Item.ROUNDING, -5)]),
    ],
)
def test_what_a_posting_means_to_its_owner(told: Flow, meant: list[tuple[Item, int]]) -> None:
    assert list(meanings(told, frozenset({"me", "held"}))) == meant


async def test_a_period_in_which_nothing_happened_shows_what_there_is(pool: Pool) -> None:
    history = History(pool, FINE, random.Random(1))
    async with unit_of_work(pool) as uow:
        await ledger.ensure_asset(uow, FINE.quote)
    await history.post([Posting(WORLD, user_available(1, "paper"), Amount(FINE.quote, 7))], "deposit")
    now = await pool.fetchval("select clock_timestamp()")
    async with unit_of_work(pool) as uow:
        [one] = await waterfall(uow, 1, "paper", now, now)
    assert (one.opening.units, one.closing.units, one.items, one.change.units) == (7, 7, {}, 0)
