"""P6: an order executes at most once, whatever is delivered again; an unknown outcome is never called failed and never sent again.

The paper venue accepts and then times out, loses requests, repeats fills, leaves gaps, lets the rest fill later and allows a client
order id again once its order is closed. Orders rest, are filled by later books and trades as the exchange's engine is killed between
matching and telling, and expire. Every task comes 1 to 50 times, in any order, side by side, up to days late. The venue's own
tables are the truth; the ledger is compared with them, never with itself.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.adapters.venues.paper.trouble import Dice, Trouble
from core.adapters.venues.paper.venue import PaperVenue
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.fees.service import set_platform_fee
from core.kernel.clock import ManualClock
from core.kernel.errors import Denied, Unavailable
from core.market.types import OrderBook
from core.trading.types import FINAL_STATES, Order, OrderState, SizeKind
from core.venues.types import Side, TimeInForce
from tests.promises.conftest import Proof
from tests.support.books import StaticBooks
from tests.support.desk import BTC, BTC_USDT, USDT, Desk, buy, make_desk, sell
from tests.support.exchange import Exchange, limit_buy, limit_sell
from workers.streams.matching import tell

PLATFORM_FEE_BPS = 30
SIDE_BY_SIDE = 24
ROUNDS_TO_REST = 60
WEEK_PASSES = 10
"""After so many of them what rests expires."""
TIMES = (TimeInForce.GTC, TimeInForce.GTC, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK)
"""After the faults stop every order is final within so many rounds of the ordinary reconciliation."""
ASKS = ((100, "0.7"), ("100.01", "1.3"), ("100.05", 2), ("100.5", 50))
BIDS = (("99.99", "0.9"), ("99.9", "1.1"), ("99.8", 3), ("99.5", 50))


class FreshBooks(StaticBooks):
    """A book that is never old, however far the clock is moved."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self.clock = clock

    async def book(self, symbol: str) -> OrderBook | None:
        found = await super().book(symbol)
        return None if found is None else replace(found, observed_at=self.clock.now())


def trouble(seed: int) -> Trouble:
    return Trouble(
        seed=seed,
        times_out=30,
        lost=5,
        repeats=20,
        gaps=10,
        late=10,
        rejects=5,
        rests=30,
        unreachable=10,
        late_by=timedelta(milliseconds=1),
        rest_for=timedelta(seconds=45),
    )


@dataclass
class Truth:
    """What the venue says it did for an order."""

    fills: dict[str, tuple[Decimal, Decimal, Decimal]]

    @property
    def quantity(self) -> Decimal:
        return sum((quantity for _, quantity, _ in self.fills.values()), Decimal(0))

    @property
    def notional(self) -> Decimal:
        return sum((price * quantity for price, quantity, _ in self.fills.values()), Decimal(0))

    @property
    def venue_fee(self) -> Decimal:
        return sum((fee for _, _, fee in self.fills.values()), Decimal(0))

    @property
    def platform_fee(self) -> Decimal:
        units = -(-int(self.notional.scaleb(8).to_integral_value("ROUND_CEILING")) * PLATFORM_FEE_BPS // 10_000)
        return Decimal(units).scaleb(-8)


async def truth_of(pool: Pool) -> dict[str, Truth]:
    """By client order id, straight from the venue's tables."""
    rows = await pool.fetch(
        """select o.client_order_id, f.order_id, f.line, f.price, f.quantity, f.fee
           from paper_venue_orders o join paper_venue_fills f on f.order_id = o.id and f.executed_at <= o.closes_at"""
    )
    found: dict[str, Truth] = {}
    for row in rows:
        name = f"paper-{row['order_id']}-{row['line']}"
        found.setdefault(row["client_order_id"], Truth({})).fills[name] = (row["price"], row["quantity"], row["fee"])
    return found


async def test_an_order_executes_at_most_once_and_the_ledger_says_what_the_venue_did(pool: Pool, proof: Proof) -> None:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    books = FreshBooks(clock)
    venue = PaperVenue(pool, books, clock, trouble=trouble(proof.seed))
    desk = await make_desk(pool, venue=venue, clock=clock, instrument=replace(BTC_USDT, maker_fee_bps=8), books=books)
    books.set("BTC/USDT", BIDS, ASKS)
    exchange = Exchange(desk)
    desk.trading._context = replace(desk.trading._context, books=books)
    async with unit_of_work(pool) as uow:
        await set_platform_fee(uow, PLATFORM_FEE_BPS, "P6")
    users = [await desk.user() for _ in range(6)]
    orders = [await desk.request(intent(proof.random, users)) for _ in range(proof.size(test=80, promises=1_000, soak=10_000))]

    delivered = await deliver(exchange, clock, orders, proof.random)
    venue._dice = Dice(Trouble())
    await come_to_rest(desk, clock, orders)

    await require_once(venue)
    await require_truth(desk, orders, users)
    executed = await venue.store.executed_orders()
    made = await pool.fetchval("select count(distinct order_id) from fills where liquidity = 'maker'")
    assert len(executed) > len(orders) // 3, "a run in which little happens proves nothing"
    assert made > len(orders) // 40, "a run in which little rests and is met proves nothing"
    proof.record(
        f"{len(orders)} orders, {delivered} deliveries, {len(executed)} executed at the venue, each once, {made} of them while they rested"
    )


def intent(luck: random.Random, users: Sequence[int]) -> Any:
    """A buy or a sell of some size in some words."""
    user = luck.choice(users)
    if luck.random() < 0.4:
        make = limit_buy if luck.random() < 0.6 else limit_sell
        price = str(Decimal(luck.randrange(9_900, 10_100)).scaleb(-2))
        return make(user, str(Decimal(luck.randrange(6_000, 200_000)).scaleb(-5)), price, luck.choice(TIMES))
    if luck.random() < 0.6:
        if luck.random() < 0.5:
            return buy(user, str(luck.randrange(6, 400)))
        return buy(user, str(Decimal(luck.randrange(10_000, 300_000)).scaleb(-5)), SizeKind.BASE_QUANTITY)
    if luck.random() < 0.5:
        return sell(user, luck.randrange(10, 101), SizeKind.PERCENT)
    return sell(user, str(Decimal(luck.randrange(6_000, 100_000)).scaleb(-5)))


def market(exchange: Exchange, luck: random.Random) -> Callable[[], Awaitable[object]]:
    """The market moves and the engine sees it; now and then the engine dies before it told, or is another one now."""

    async def move() -> None:
        middle = luck.randrange(9_900, 10_100)
        asks = [(str(Decimal(middle + 1 + place * 5).scaleb(-2)), str(luck.randrange(1, 4))) for place in range(4)]
        bids = [(str(Decimal(middle - 1 - place * 5).scaleb(-2)), str(luck.randrange(1, 4))) for place in range(4)]
        exchange.book([*bids, ("99.00", 50)] if middle > 9_950 else bids, [*asks, ("101.50", 50)])
        exchange.trade(luck.choice(["buy", "sell"]), str(Decimal(middle).scaleb(-2)), luck.randrange(1, 5))
        await exchange.engine.round()
        if luck.random() < 0.7:
            await tell(exchange.engine, exchange.desk.pool)
        if luck.random() < 0.1:
            exchange.restart()

    return move


async def deliver(exchange: Exchange, clock: ManualClock, orders: Sequence[Order], luck: random.Random) -> int:
    """Every task 1 to 50 times, shuffled, many side by side; the clock moves between them, now and then by days."""
    desk = exchange.desk
    deliveries: list[Callable[[], Awaitable[object]]] = []
    for order in orders:
        times = luck.randrange(1, 51)
        deliveries += [place(desk, order.id)] * times + [apply(desk, order.id)] * luck.randrange(1, 4)
        if luck.random() < 0.5:
            deliveries += [request_cancel(desk, order)] + [cancel(desk, order.id)] * luck.randrange(1, 4)
    deliveries += [desk.trading.reconcile] * (len(deliveries) // 60)
    deliveries += [market(exchange, luck)] * (len(deliveries) // 20)
    luck.shuffle(deliveries)
    for start in range(0, len(deliveries), SIDE_BY_SIDE):
        await asyncio.gather(*(ignoring_outages(one) for one in deliveries[start : start + SIDE_BY_SIDE]))
        clock.advance(timedelta(days=2) if luck.random() < 0.01 else timedelta(milliseconds=luck.randrange(1_500)))
    return len(deliveries)


def place(desk: Desk, order_id: UUID) -> Callable[[], Awaitable[object]]:
    return lambda: desk.trading.place_order(order_id)


def apply(desk: Desk, order_id: UUID) -> Callable[[], Awaitable[object]]:
    return lambda: desk.trading.apply_reports(order_id)


def cancel(desk: Desk, order_id: UUID) -> Callable[[], Awaitable[object]]:
    return lambda: desk.trading.cancel_order(order_id)


def request_cancel(desk: Desk, order: Order) -> Callable[[], Awaitable[object]]:
    async def ask() -> None:
        async with unit_of_work(desk.pool) as uow:
            await desk.trading.request_cancel(uow, user_id=order.user_id, order_id=order.id)

    return ask


async def ignoring_outages(delivery: Callable[[], Awaitable[object]]) -> None:
    with suppress(Unavailable, Denied):
        await delivery()


async def come_to_rest(desk: Desk, clock: ManualClock, orders: Sequence[Order]) -> None:
    """The faults have stopped: what waits is handed off again, and reconciliation runs as always."""
    for number in range(ROUNDS_TO_REST):
        rows = await desk.pool.fetch("select id, state from orders where state <> all($1)", [state.value for state in FINAL_STATES])
        if not rows:
            return
        for row in rows:
            if row["state"] == OrderState.INITIALIZED:
                await desk.trading.place_order(row["id"])
        clock.advance(timedelta(days=8) if number == WEEK_PASSES else timedelta(seconds=3))
        await desk.trading.reconcile(limit=1_000)
    raise AssertionError(f"{len(rows)} orders are not final: {sorted({row['state'] for row in rows})}")


async def require_once(venue: PaperVenue) -> None:
    executed = await venue.store.executed_orders()
    assert {name: times for name, times in executed.items() if times > 1} == {}


async def require_truth(desk: Desk, orders: Sequence[Order], users: Sequence[int]) -> None:
    """Fills, balances and positions are what the venue did; nobody was told of a failure of what happened."""
    truth = await truth_of(desk.pool)
    expected = {user: [Decimal(10_000), Decimal(0)] for user in users}
    for one in orders:
        order = await desk.order(one.id)
        done = truth.pop(order.client_order_id or "", Truth({}))
        assert await booked(desk.pool, order.id) == done.fills
        assert (order.filled_quantity, order.filled_notional) == (done.quantity, done.notional)
        await require_honest_messages(desk, order, done)
        fees = done.venue_fee + done.platform_fee
        sign = 1 if order.side is Side.BUY else -1
        expected[order.user_id][0] -= sign * done.notional + fees
        expected[order.user_id][1] += sign * done.quantity
    assert truth == {}, "the venue executed orders that nobody requested"
    for user in users:
        assert await desk.balance(user) == (expected[user][0], Decimal(0))
        assert await desk.balance(user, BTC) == (expected[user][1], Decimal(0))
    assert await desk.pool.fetchval("select count(*) from ledger_holds where state = 'pending'") == 0
    assert await desk.pool.fetchval("select count(*) from order_reports where applied_at is null") == 0
    assert await desk.pool.fetchval("select coalesce(sum(quantity), 0) from positions") == sum(held for _, held in expected.values())
    await desk.require_clean()


async def booked(pool: Pool, order_id: UUID) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    rows = await pool.fetch("select venue_fill_id, price, quantity, venue_fee from fills where order_id = $1", order_id)
    return {row["venue_fill_id"]: (row["price"], row["quantity"], row["venue_fee"].scaleb(-USDT.scale)) for row in rows}


async def require_honest_messages(desk: Desk, order: Order, done: Truth) -> None:
    """A final word is told once, at the end, with everything that was filled in it."""
    told = await desk.messages(order)
    finals = [message for message in told if message["state"] in FINAL_STATES]
    assert len(finals) == 1
    assert finals == told[-1:]
    assert Decimal(finals[0]["filled_quantity"]) == done.quantity
    if done.quantity > 0:
        assert order.state not in {OrderState.REJECTED, OrderState.DENIED}
