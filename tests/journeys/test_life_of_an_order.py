"""The life of an order with a crash between every two steps: it is executed at most once, ends, and adds up."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from core.adapters.venues.paper.venue import PaperVenue
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.clock import ManualClock
from core.kernel.money import Asset
from core.ledger import service as ledger
from core.market.service import save_instruments
from core.market.types import Instrument
from core.trading.context import TradingLimits
from core.trading.onboarding import grant_paper_funds
from core.trading.service import TradingService
from core.trading.types import FINAL_STATES, ChatTarget, OrderCommand, OrderSize, OrderState, SizeKind
from core.users.service import open_account
from core.venues.types import Side
from tests.journeys.crashing import Crash, Doom, DoomedBooks, DoomedPool, DoomedQueue, DoomedVenue
from tests.support.books import StaticBooks

BTC, USDT = Asset("paper:BTC", 8), Asset("paper:USDT", 8)
PAIR = Instrument("paper", "BTC/USDT", BTC, USDT, Decimal("0.01"), Decimal("0.00001"), Decimal(5), 10)
LIMITS = TradingLimits(
    send_window=timedelta(seconds=5),
    price_max_age=timedelta(hours=1),
    duplicate_window=timedelta(seconds=3),
    ask_again=timedelta(seconds=2),
)
START = datetime(2024, 8, 8, 12, tzinfo=UTC)
MOST_STEPS = 20
"""More than a life has; a test checks it."""


@dataclass
class World:
    """What outlives every process: database, exchange, prices, clock."""

    pool: Pool
    books: StaticBooks
    clock: ManualClock
    venue: PaperVenue
    user_id: int

    def service(self, doom: Doom, queue: DoomedQueue) -> TradingService:
        """Trading as one process runs it, doomed or not."""
        return TradingService(
            pool=DoomedPool(self.pool, doom),  # type: ignore[arg-type]
            books=DoomedBooks(self.books, doom),
            clock=self.clock,
            settings=LIMITS,
            venues={"paper": DoomedVenue(self.venue, doom)},
            publisher=queue,
        )


@pytest.fixture
async def world(pool: Pool) -> World:
    clock = ManualClock(START)
    books = StaticBooks()
    books.set("BTC/USDT", observed_at=START)
    async with unit_of_work(pool) as uow:
        await save_instruments(uow, [PAIR])
        user = await open_account(
            uow, telegram_user_id=7, private_chat_id=7, language="en", mode="paper", start_payload="", operator_ids=()
        )
        await grant_paper_funds(uow, user.id)
    return World(pool, books, clock, PaperVenue(pool, books, clock), user.id)


async def live(world: World, doom: Doom, command: OrderCommand, key: str = "button:one") -> None:
    """Edge and worker of one order, up to the crash."""
    queue = DoomedQueue(doom)
    service = world.service(doom, queue)
    async with unit_of_work(DoomedPool(world.pool, doom)) as uow:  # type: ignore[arg-type]
        await service.request_order(uow, command, idempotency_key=key, chat=ChatTarget(7, "order-message"), correlation_id="journey")
    await service.close()
    for _, row_id in queue.taken:
        await service.place_order(UUID(row_id))


async def recover(world: World) -> None:
    """What always runs: the relay's second delivery of every task, and reconciliation, until nothing is open."""
    service = world.service(Doom(None), DoomedQueue(Doom(None)))
    for _ in range(10):
        async with unit_of_work(world.pool) as uow:
            tasks = await uow.connection.fetch("select row_id from outbox_tasks where task = 'trading.place_order'")
        for task in tasks:
            await service.place_order(UUID(task["row_id"]))
        await service.reconcile()
        async with unit_of_work(world.pool) as uow:
            if not await service.open_orders(uow, world.user_id):
                return
        world.clock.advance(timedelta(seconds=3))
        world.books.set("BTC/USDT", observed_at=world.clock.now())
    raise AssertionError("the order never ended")


async def assert_sound(world: World) -> OrderState | None:
    """Ledger, exchange, position and message tell one story. The order's final state; None where none was ever accepted."""
    async with unit_of_work(world.pool) as uow:
        rows = await uow.connection.fetch("select * from orders")
        executed = await uow.connection.fetch(
            """select o.client_order_id, sum(f.quantity) as quantity, sum(f.quantity * f.price) as notional, sum(f.fee) as fee,
                      count(distinct o.id) as orders
               from paper_venue_orders o join paper_venue_fills f on f.order_id = o.id group by o.client_order_id"""
        )
        money = await ledger.balances(uow, world.user_id, "paper")
        problems = [line for line in await ledger.check(uow) if not line.ok]
        message = await uow.connection.fetchval("select data from outbox_chat where message_key = 'order-message' order by id desc limit 1")
        pending = await uow.connection.fetchval("select count(*) from ledger_holds where state = 'pending'")
    assert problems == []
    assert pending == 0
    assert all(balance.held.units == 0 for balance in money.values())
    if not rows:
        assert not executed
        assert message is None
        return None
    [order] = rows
    assert order["state"] in {state.value for state in FINAL_STATES}
    assert message["state"] == order["state"], "the chat's last word is the order's"
    bought = money["paper:BTC"].available.to_decimal() if "paper:BTC" in money else Decimal(0)
    spent = Decimal(10_000) - money["paper:USDT"].available.to_decimal()
    if not executed:
        assert bought == spent == Decimal(0)
        return OrderState(order["state"])
    [truth] = executed
    assert truth["orders"] == 1, "executed once"
    assert bought == truth["quantity"] == order["filled_quantity"]
    assert spent == truth["notional"] + truth["fee"] + Decimal(int(order["platform_fee"])).scaleb(-8)
    return OrderState(order["state"])


def command(user_id: int) -> OrderCommand:
    return OrderCommand(user_id, "paper", "BTC/USDT", Side.BUY, OrderSize(SizeKind.BASE_QUANTITY, Decimal("2.5")), slippage_bps=10_000)


async def test_without_a_crash_the_order_fills_exactly_as_walking_the_book_gives(world: World) -> None:
    doom = Doom(None)
    await live(world, doom, command(world.user_id))
    assert await assert_sound(world) is OrderState.FILLED
    async with unit_of_work(world.pool) as uow:
        order = await uow.connection.fetchrow("select filled_quantity, filled_notional, venue_fee from orders")
    assert order is not None
    assert order["filled_quantity"] == Decimal("2.5")
    assert order["filled_notional"] == Decimal(550)
    assert order["venue_fee"] == Decimal("55000000"), "10 basis points of 550 USDT are 0.55"
    assert len(doom.names) < MOST_STEPS, "every step has its crash below"
    assert {"before publish", "before submit", "after submit", "after a transaction"} <= set(doom.names)


@pytest.mark.parametrize("at", range(MOST_STEPS))
async def test_a_crash_at_any_step_loses_nothing_and_doubles_nothing(world: World, at: int) -> None:
    doom = Doom(at)
    with suppress(Crash):
        await live(world, doom, command(world.user_id))
    await recover(world)
    state = await assert_sound(world)
    committed = "after a transaction" in doom.names
    assert (state is not None) == committed, "accepted means a durable row; nothing accepted means nothing left"
    assert state in (None, OrderState.FILLED, OrderState.EXPIRED)


async def test_every_task_delivered_again_and_late_changes_nothing(world: World) -> None:
    await live(world, Doom(None), command(world.user_id))
    before = await assert_sound(world)
    world.clock.advance(timedelta(days=3))
    await recover(world)
    assert await assert_sound(world) is before is OrderState.FILLED


async def test_a_sale_crashed_between_any_two_steps_never_sells_more_than_was_held(world: World) -> None:
    await live(world, Doom(None), command(world.user_id))
    selling = OrderCommand(world.user_id, "paper", "BTC/USDT", Side.SELL, OrderSize(SizeKind.PERCENT, Decimal(100)), slippage_bps=5_000)
    for at in range(MOST_STEPS):
        with suppress(Crash):
            await live(world, Doom(at), selling, key=f"button:sell-{at}")
        await recover(world)
        world.clock.advance(timedelta(minutes=1))
        world.books.set("BTC/USDT", observed_at=world.clock.now())
    async with unit_of_work(world.pool) as uow:
        sold = await uow.connection.fetchval("select coalesce(sum(quantity), 0) from fills where side = 'sell'")
        executed = await uow.connection.fetchval(
            "select sum(f.quantity) from paper_venue_orders o join paper_venue_fills f on f.order_id = o.id where o.side = 'sell'"
        )
        money = await ledger.balances(uow, world.user_id, "paper")
        problems = [line for line in await ledger.check(uow) if not line.ok]
    assert problems == []
    assert sold == executed == Decimal("2.5")
    assert (money["paper:BTC"].available.units, money["paper:BTC"].held.units) == (0, 0)
