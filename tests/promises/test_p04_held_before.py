"""P4: funds and worst-case fees are held before anything leaves, and nothing spends more than is held.

Fees jump by up to a thousand times between quote, decision, sending and fill: the platform's schedule, the instrument's fee, and what the
venue charges in the end. A spy stands at the venue's door and looks, on a connection of its own, whether what leaves is covered by a hold
that is committed; the venue's own tables say what was spent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import asyncpg
import pytest

from core.adapters.venues.paper.venue import PaperVenue
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.fees.rules import fee_units
from core.fees.service import set_platform_fee
from core.kernel.clock import SystemClock
from core.kernel.secret import Secret
from core.market.service import save_instruments
from core.market.types import Instrument
from core.risk import service as risk
from core.trading.types import FINAL_STATES, Order, OrderCommand, OrderState, SizeKind
from core.venues.types import NotFound, OrderReport, OrderRequest, Outcome, Side
from tests.promises.conftest import Proof
from tests.support.books import Pair, StaticBooks
from tests.support.desk import BTC_USDT, Desk, buy, make_desk, sell

PROMISED_BPS = 10
SPIKES = (1, 2, 10, 100, 1_000)
BIDS: Sequence[Pair] = [("99.9", 3), ("99", 1_000)]
ASKS: Sequence[Pair] = [(100, 2), ("100.5", 3), (101, 1_000)]


@dataclass
class Spy:
    """The paper venue, with somebody at its door; `spike` multiplies what it charges."""

    inner: PaperVenue
    witness: asyncpg.Connection[asyncpg.Record]
    spike: int = 1
    uncovered: list[str] = field(default_factory=list)
    left: int = 0

    @property
    def name(self) -> str:
        return self.inner.name

    async def submit(self, request: OrderRequest) -> Outcome:
        self.left += 1
        held = await self.witness.fetchrow(
            """select h.remaining, h.state, o.platform_fee_bps from orders o left join ledger_holds h on h.id = o.hold_id
               where o.client_order_id = $1 and o.state = 'SUBMITTED'""",
            request.client_order_id,
        )
        needed = 0 if held is None else worst_case(request, held["platform_fee_bps"])
        if held is None or held["state"] != "pending" or held["remaining"] < needed:
            self.uncovered.append(f"{request.client_order_id}: needs {needed}, has {held}")
        charged = replace(request.instrument, taker_fee_bps=request.instrument.taker_fee_bps * self.spike)
        return await self.inner.submit(replace(request, instrument=charged))

    async def cancel(self, client_order_id: str, instrument: Instrument) -> Outcome:
        return await self.inner.cancel(client_order_id, instrument)

    async def lookup(self, client_order_id: str, instrument: Instrument) -> OrderReport | NotFound:
        return await self.inner.lookup(client_order_id, instrument)


def worst_case(request: OrderRequest, platform_fee_bps: int) -> int:
    """Units of what is held that the order may cost, all fees as they were promised."""
    if request.side is Side.SELL:
        assert request.quantity is not None
        return int(request.quantity.value.scaleb(8))
    if request.quote_budget is not None:
        spent = int(request.quote_budget.scaleb(8))
    else:
        assert request.quantity is not None
        spent = int((request.quantity.value * request.limit_price.value).scaleb(8).to_integral_value("ROUND_CEILING"))
    return spent + sum(fee_units(spent, bps) for bps in (request.instrument.taker_fee_bps, platform_fee_bps))


async def charge(pool: Pool, *, venue_bps: int, platform_bps: int) -> None:
    """What the instrument and the schedule say from now on."""
    async with unit_of_work(pool) as uow:
        await save_instruments(uow, [replace(BTC_USDT, taker_fee_bps=venue_bps)])
        await set_platform_fee(uow, platform_bps, "P4")


async def spying_desk(pool: Pool, owner_dsn: Secret) -> tuple[Desk, Spy]:
    books, clock = StaticBooks(), SystemClock()
    spy = Spy(PaperVenue(pool, books, clock), await asyncpg.connect(owner_dsn.reveal()))
    desk = await make_desk(pool, venue=spy, books=books, clock=clock)
    async with unit_of_work(pool) as uow:  # this is about funds: no limit of another kind stands in the way
        for name, most in (("daily_loss_bps", 10_000), ("drawdown_bps", 10_000), ("orders_per_minute", 10**9), ("exits_per_minute", 10**9)):
            await risk.set_limit(uow, scope="venue:paper", name=name, value=Decimal(most), set_by="test", raises=True)
    return desk, spy


async def spent_from_hold(spy: Spy, order: Order) -> tuple[int, int]:
    """Units held for the order at first, and what of them went anywhere but back."""
    row = await spy.witness.fetchrow(
        """select h.amount, (
               select coalesce(sum(p.amount), 0) from fills f
               join ledger_transactions t on t.idempotency_key = 'fill:' || f.venue || ':' || f.instrument || ':' || f.venue_fill_id
               join ledger_postings p on p.transaction_id = t.id and p.source_id = h.held_id and p.destination_id <> h.available_id
               where f.order_id = o.id
           ) as gone from orders o join ledger_holds h on h.id = o.hold_id where o.id = $1""",
        order.id,
    )
    assert row is not None
    return int(row["amount"]), int(row["gone"])


async def holds_are_whole(spy: Spy) -> None:
    """Every held account has exactly what its pending holds still need: no order was paid out of another one's hold."""
    broken = await spy.witness.fetch(
        """select a.address, a.balance, coalesce(sum(h.remaining), 0) as promised
           from ledger_accounts a left join ledger_holds h on h.held_id = a.id and h.state = 'pending'
           where a.address like '%:held' group by a.id having a.balance <> coalesce(sum(h.remaining), 0)"""
    )
    assert broken == []
    below = await spy.witness.fetch("select address, balance from ledger_accounts where balance < 0 and address like 'user:%'")
    assert below == []


def intent(proof: Proof, user: int) -> OrderCommand:
    luck = proof.random
    if luck.random() < 0.35:
        return sell(user, luck.randrange(10, 101), SizeKind.PERCENT)
    if luck.random() < 0.5:
        return buy(user, luck.randrange(6, 900))
    if luck.random() < 0.3:
        return buy(user, 100, SizeKind.PERCENT)
    return buy(user, str(Decimal(luck.randrange(10, 900)).scaleb(-2)), SizeKind.BASE_QUANTITY)


@pytest.mark.timeout(300)
async def test_what_leaves_is_held_with_its_worst_fees_whatever_fees_do(pool: Pool, owner_dsn: Secret, proof: Proof) -> None:
    """Quote, then the fees jump, then the decision, then they jump again, then the fill."""
    total = proof.size(test=80, promises=2_000, soak=20_000)
    desk, spy = await spying_desk(pool, owner_dsn)
    taken = 0
    for number in range(total):
        if number % 40 == 0:
            user = await desk.user()
        desk.books.set("BTC/USDT", BIDS, ASKS)
        await charge(pool, venue_bps=PROMISED_BPS, platform_bps=1)
        command = intent(proof, user)
        await desk.trading.preview(command)  # the quote
        await charge(
            pool, venue_bps=min(5_000, PROMISED_BPS * proof.random.choice(SPIKES)), platform_bps=proof.random.choice((0, 1, 50, 500))
        )
        order = await desk.trade(command)
        await charge(pool, venue_bps=PROMISED_BPS, platform_bps=proof.random.choice((0, 500)))
        await desk.trading.reconcile()
        after = await desk.order(order.id)
        assert after.state in FINAL_STATES
        if after.state is OrderState.DENIED:
            continue
        taken += 1
        held, gone = await spent_from_hold(spy, after)
        assert gone <= held
        assert after.held_units == held
        if after.side is Side.BUY:
            cost = (
                int(after.filled_notional.scaleb(8).to_integral_value("ROUND_CEILING")) + after.venue_fee_units + after.platform_fee_units
            )
            assert cost <= held, "it cost more than was held for it"
        await holds_are_whole(spy)
    assert spy.uncovered == []
    assert taken == spy.left
    assert taken > total // 4, "a run in which little is sent proves nothing"
    await desk.require_clean()
    await spy.witness.close()
    proof.record(f"{total} orders with fees up to 1,000 times the quoted ones, {taken} sent, each held with its worst case before")


@pytest.mark.timeout(300)
async def test_a_venue_that_charges_more_than_promised_never_reaches_another_hold(pool: Pool, owner_dsn: Secret, proof: Proof) -> None:
    """What goes beyond a hold is taken from what is free, then owed, and freezes the account; other orders keep theirs."""
    total = proof.size(test=30, promises=500, soak=5_000)
    desk, spy = await spying_desk(pool, owner_dsn)
    overcharged = frozen = 0
    for _ in range(total):
        user = await desk.user()
        desk.books.set("BTC/USDT", BIDS, ASKS)
        async with unit_of_work(pool) as uow:
            waiting = await risk.facts(uow, user_id=user, venue="paper", symbol="BTC/USDT", now=desk.clock.now(), remember=False)
        spy.spike = proof.random.choice(SPIKES)
        share = proof.random.choice((10, 50, 90, 100))
        order = await desk.trade(buy(user, share, SizeKind.PERCENT))
        after = await desk.order(order.id)
        if after.state is OrderState.DENIED:
            continue
        held, gone = await spent_from_hold(spy, after)
        assert gone <= held
        await holds_are_whole(spy)
        cost = int(after.filled_notional.scaleb(8).to_integral_value("ROUND_CEILING")) + after.venue_fee_units + after.platform_fee_units
        owed = await spy.witness.fetchval(
            "select coalesce(sum(balance), 0) from ledger_accounts where address = $1", f"receivable:user:{user}"
        )
        standing = await spy.witness.fetchval("select standing from users where id = $1", user)
        overcharged += cost > held
        frozen += standing == "frozen"
        assert (standing == "frozen") == (owed > 0)
        free = int(waiting.cash.scaleb(8)) - held
        assert owed == max(0, cost - held - free)
    assert overcharged > 0
    assert spy.uncovered == []
    await desk.require_clean()
    await spy.witness.close()
    proof.record(
        f"{total} fills at a venue that charges up to 1,000 times its fee: {overcharged} beyond their hold, {frozen} accounts frozen"
    )
