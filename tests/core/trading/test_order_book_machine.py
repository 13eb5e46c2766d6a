"""One user's order book against the paper venue's truth: whatever is placed, moved, canceled, lost, repeated, restarted and expired.

At every step what is booked is what the venue did as far as it was told, each order's hold is what its fills left of it, and the user has
what the fills say. When the faults stop and reconciliation has run, both books are the same.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from core.adapters.venues.paper.trouble import Dice, Trouble
from core.adapters.venues.paper.venue import PaperVenue
from core.db.unit_of_work import unit_of_work
from core.kernel.clock import ManualClock
from core.kernel.errors import Denied, Unavailable
from core.ledger import service as ledger
from core.trading.booking import hold_remaining
from core.trading.types import FINAL_STATES, OrderCommand, OrderState, SizeKind
from core.venues.types import OrderReport, Side, TimeInForce, VenueOrderState
from sandbox.postgres import EmbeddedPostgres
from tests.core.trading.test_resting_orders import PAIR
from tests.support.arena import Arena
from tests.support.books import Pair
from tests.support.desk import BTC, Desk, buy, make_desk, sell
from tests.support.exchange import Exchange, limit_buy, limit_sell
from tests.support.venue_truth import done_at_venue, require_booked
from workers.streams.matching import tell

OFF = st.integers(-120, 120)
"""How far from the middle of the book, in cents."""
QUANTITIES = st.integers(10_000, 300_000).map(lambda lots: str(Decimal(lots).scaleb(-5)))
TIMES = st.sampled_from([TimeInForce.GTC, TimeInForce.GTC, TimeInForce.GTD, TimeInForce.IOC, TimeInForce.FOK])
TROUBLES = st.sampled_from(
    [
        Trouble(),
        Trouble(),
        Trouble(times_out=100),
        Trouble(lost=100),
        Trouble(gaps=50, repeats=50),
        Trouble(unreachable=100),
        Trouble(rejects=50),
    ]
)
OPEN_AT_VENUE = {VenueOrderState.ACCEPTED, VenueOrderState.PARTIALLY_FILLED}
ROUNDS_TO_REST = 40


class OrderBookMachine(RuleBasedStateMachine):
    """Every rule is something that happens outside or a task that comes; the invariant looks at all rooms."""

    arena: Arena
    reached: dict[str, int]

    def __init__(self) -> None:
        super().__init__()
        self.arena.fresh()
        self.run(self.open())

    def run(self, work: Any) -> Any:
        return self.arena.run(work)

    async def open(self) -> None:
        self.clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.desk: Desk = await make_desk(self.arena.pool, clock=self.clock, instrument=PAIR)
        self.exchange = Exchange(self.desk)
        self.user = await self.desk.user()
        self.orders: list[UUID] = []
        self.mid = 10_000
        self.show(100, 300)
        self.orders.append((await self.desk.trade(buy(self.user, 3_000))).id)

    def show(self, spread: int, depth: int) -> None:
        """The market's book: five levels a side around the middle, in cents."""
        step = max(spread // 4, 1)

        def side(sign: int) -> list[Pair]:
            first = self.mid + sign * (spread // 2 + 1)
            return [
                (str(Decimal(first + sign * step * place).scaleb(-2)), str(Decimal(depth * (place + 1)).scaleb(-2))) for place in range(5)
            ]

        self.exchange.book(side(-1), side(1))

    def place(self, command: OrderCommand, deliveries: int) -> None:
        async def place() -> None:
            order = await self.desk.request(command)
            self.orders.append(order.id)
            for _ in range(deliveries):
                await self.attempt(lambda: self.desk.trading.place_order(order.id))

        self.run(place())
        self.pass_time(timedelta(seconds=1))

    async def attempt(self, work: Callable[[], Awaitable[object]]) -> None:
        with suppress(Unavailable, Denied):
            await work()

    def pass_time(self, span: timedelta) -> None:
        """Time passes; the market shows the same book, as feeds repeat it."""
        self.clock.advance(span)
        book = self.desk.books._books[PAIR.symbol]
        self.desk.books.set(
            PAIR.symbol,
            [(level.price.value, level.quantity.value) for level in book.bids],
            [(level.price.value, level.quantity.value) for level in book.asks],
            observed_at=self.clock.now(),
            sequence=book.sequence,
        )

    @rule(
        side=st.sampled_from(Side),
        quantity=QUANTITIES,
        behind=st.integers(-60, 120),
        time_in_force=TIMES,
        post_only=st.booleans(),
        deliveries=st.sampled_from([1, 1, 2, 0]),
    )
    def limit(self, side: Side, quantity: str, behind: int, time_in_force: TimeInForce, post_only: bool, deliveries: int) -> None:
        make = limit_buy if side is Side.BUY else limit_sell
        resting = time_in_force in {TimeInForce.GTC, TimeInForce.GTD}
        until = self.clock.now() + timedelta(hours=2) if time_in_force is TimeInForce.GTD else None
        price = str(Decimal(self.mid - behind if side is Side.BUY else self.mid + behind).scaleb(-2))
        self.place(make(self.user, quantity, price, time_in_force, post_only=post_only and resting, expires_at=until), deliveries)

    @rule(amount=st.integers(10, 300), deliveries=st.sampled_from([1, 1, 2, 0]))
    def market_buy(self, amount: int, deliveries: int) -> None:
        self.place(buy(self.user, amount), deliveries)

    @rule(percent=st.integers(5, 100), deliveries=st.sampled_from([1, 1, 2, 0]))
    def market_sell(self, percent: int, deliveries: int) -> None:
        self.place(sell(self.user, percent, SizeKind.PERCENT), deliveries)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), asked=st.booleans())
    def cancel(self, data: st.DataObject, asked: bool) -> None:
        """`asked`: the venue is asked at once; else the worker died before and reconciliation must do it."""
        order_id = data.draw(st.sampled_from(self.orders))

        async def cancel() -> None:
            async with unit_of_work(self.desk.pool) as uow:
                await self.desk.trading.request_cancel(uow, user_id=self.user, order_id=order_id)
            if asked:
                await self.desk.trading.cancel_order(order_id)

        self.run(self.attempt(cancel))

    @rule(by=st.sampled_from([-400, -250, -120, 120, 250, 400]), spread=st.integers(2, 80), depth=st.integers(1, 300), told=st.booleans())
    def market_moves(self, by: int, spread: int, depth: int, told: bool) -> None:
        """`told`: trading hears of it; else the process died after the exchange matched."""
        self.mid = min(10_600, max(9_400, self.mid + by))
        self.clock.advance(timedelta(seconds=1))
        self.show(spread, depth)
        self.match(told)

    @rule(off=OFF, quantity=st.integers(1, 300), buying=st.booleans(), told=st.booleans())
    def market_trades(self, off: int, quantity: int, buying: bool, told: bool) -> None:
        self.exchange.trade("buy" if buying else "sell", str(Decimal(self.mid + off).scaleb(-2)), str(Decimal(quantity).scaleb(-2)))
        self.pass_time(timedelta(seconds=1))
        self.match(told)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), beyond=st.integers(0, 60), depth=st.integers(1, 300), told=st.booleans())
    def the_market_reaches_an_order(self, data: st.DataObject, beyond: int, depth: int, told: bool) -> None:
        order = self.run(self.desk.order(data.draw(st.sampled_from(self.orders))))
        limit = int((order.limit_price or Decimal(100)).scaleb(2))
        self.mid = min(10_600, max(9_400, limit - beyond if order.side is Side.BUY else limit + beyond))
        self.clock.advance(timedelta(seconds=1))
        self.show(2, depth)
        self.match(told)

    def match(self, told: bool) -> None:
        self.run(self.exchange.engine.round())
        if told:
            self.run(tell(self.exchange.engine, self.desk.pool))

    @rule()
    def exchange_restarts(self) -> None:
        self.exchange.restart()

    @rule()
    def tasks_come(self) -> None:
        self.run(self.exchange.apply())

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def an_old_task_comes_again(self, data: st.DataObject) -> None:
        order_id = data.draw(st.sampled_from(self.orders))
        for work in (self.desk.trading.place_order, self.desk.trading.cancel_order, self.desk.trading.apply_reports):
            self.run(self.attempt(partial(work, order_id)))

    @rule(trouble=TROUBLES, seed=st.integers(0, 9))
    def trouble_begins_or_ends(self, trouble: Trouble, seed: int) -> None:
        venue = self.venue
        venue._trouble = Trouble(
            **{name: getattr(trouble, name) for name in ("times_out", "lost", "gaps", "repeats", "unreachable", "rejects")}, seed=seed
        )
        venue._dice = Dice(venue._trouble)

    @property
    def venue(self) -> PaperVenue:
        assert isinstance(self.desk.venue, PaperVenue)
        return self.desk.venue

    @rule(span=st.sampled_from([timedelta(seconds=3), timedelta(minutes=1), timedelta(hours=1), timedelta(hours=3), timedelta(days=8)]))
    def time_passes_and_reconciliation_runs(self, span: timedelta) -> None:
        self.pass_time(span)
        self.run(self.desk.trading.reconcile())

    @invariant()
    def all_rooms_agree(self) -> None:
        self.run(self.look())

    async def look(self) -> None:
        """What holds at every step, whatever has been told so far."""
        dollars, coins, held_dollars, held_coins = Decimal(10_000), Decimal(0), Decimal(0), Decimal(0)
        for order_id in self.orders:
            order = await self.desk.order(order_id)
            sign = 1 if order.side is Side.BUY else -1
            dollars -= sign * order.filled_notional + await require_booked(self.desk.pool, order)
            coins += sign * order.filled_quantity
            if order.hold_id is not None and order.state not in FINAL_STATES:
                left = hold_remaining(order, PAIR)
                held_dollars += Decimal(left).scaleb(-8) if order.side is Side.BUY else 0
                held_coins += Decimal(left).scaleb(-8) if order.side is Side.SELL else 0
        assert await self.desk.balance(self.user) == (dollars - held_dollars, held_dollars)
        assert await self.desk.balance(self.user, BTC) == (coins - held_coins, held_coins)
        async with unit_of_work(self.desk.pool) as uow:
            assert [line for line in await ledger.check(uow) if not line.ok] == []

    def teardown(self) -> None:
        """The faults stop: after the ordinary recovery both books are the same."""
        self.run(self.come_to_rest())
        self.run(self.look())
        self.run(self.note())

    async def note(self) -> None:
        """What this example reached."""
        rows = await self.desk.pool.fetch(
            "select liquidity as what, count(*) as times from fills group by 1 union all select state, count(*) from orders group by 1"
        )
        for row in rows:
            self.reached[row["what"]] = self.reached.get(row["what"], 0) + row["times"]

    async def come_to_rest(self) -> None:
        self.venue._trouble = Trouble()
        self.venue._dice = Dice(Trouble())
        for order_id in self.orders:
            await self.attempt(partial(self.desk.trading.place_order, order_id))
        for _ in range(ROUNDS_TO_REST):
            self.pass_time(timedelta(minutes=11))
            await self.exchange.round()
            await self.desk.trading.reconcile(limit=1_000)
            if all([await self.settled(order_id) for order_id in self.orders]):
                break
        for order_id in self.orders:
            assert await self.settled(order_id), await self.desk.order(order_id)

    async def settled(self, order_id: UUID) -> bool:
        order = await self.desk.order(order_id)
        if order.client_order_id is None:
            return order.state in FINAL_STATES
        there = await self.venue.lookup(order.client_order_id, PAIR)
        if not isinstance(there, OrderReport):
            return order.state in FINAL_STATES and order.filled_quantity == 0
        same = order.filled_quantity == there.filled_quantity.value and len(await done_at_venue(self.desk.pool, order)) == len(there.fills)
        if there.state in OPEN_AT_VENUE:
            return same and order.state in {OrderState.ACCEPTED, OrderState.PARTIALLY_FILLED}
        return same and order.state.value == there.state.value


@pytest.mark.timeout(300)
def test_ledger_orders_holds_and_venue_agree_at_every_step(postgres: EmbeddedPostgres) -> None:
    reached: dict[str, int] = {}
    with Arena(postgres, examples_per_database=1, know_assets=False) as arena:
        machine = type("Machine", (OrderBookMachine,), {"arena": arena, "reached": reached})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=15,
                stateful_step_count=40,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    expected = {"FILLED", "CANCELED", "EXPIRED", "ACCEPTED", "REJECTED", "DENIED", "maker", "taker"}
    assert expected <= set(reached), f"a machine that reaches little proves nothing: {reached}"
