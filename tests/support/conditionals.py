"""Short words for tests of conditional orders: a desk with an evaluator, arming, and turning the crank by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

from core.adapters.venues.paper.trouble import Trouble
from core.adapters.venues.paper.venue import PaperVenue
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.decisions import service as decisions
from core.decisions.service import Reason
from core.market.types import Instrument
from core.strategies import repository
from core.strategies.context import StrategyLimits
from core.strategies.evaluator import Evaluator
from core.strategies.rules import kind_of
from core.strategies.service import ConditionalService
from core.strategies.types import Conditional, ConditionalCommand, LegRole, LegSpec
from core.trading.types import ChatTarget, Order, OrderSize, SizeKind
from core.venues.types import NotFound, OrderReport, OrderRequest, Outcome, Side
from tests.support.books import Pair, StaticBooks
from tests.support.desk import Desk, buy, make_desk

SYMBOL = "BTC/USDT"
START = datetime(2024, 8, 5, tzinfo=UTC)
_numbers = count(1)


class HandClock:
    """A clock that goes on when it is told."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def go_on(self, **span: float) -> None:
        self.at += timedelta(**span)


def stop(price: str | int | Decimal, *, share_bps: int = 10_000, limit: str | int | None = None) -> LegSpec:
    return LegSpec(LegRole.STOP, Decimal(price), limit_price=None if limit is None else Decimal(limit), share_bps=share_bps)


def profit(price: str | int | Decimal, share_bps: int = 10_000) -> LegSpec:
    return LegSpec(LegRole.TAKE_PROFIT, Decimal(price), share_bps=share_bps)


def trail(*, bps: int | None = None, amount: str | int | None = None) -> LegSpec:
    return LegSpec(LegRole.TRAILING_STOP, trail_bps=bps, trail_amount=None if amount is None else Decimal(amount))


def leaves_at(moment: datetime) -> LegSpec:
    return LegSpec(LegRole.TIME_EXIT, act_at=moment)


def wants(
    user_id: int,
    *legs: LegSpec,
    size: str | int | Decimal = 1,
    kind: SizeKind = SizeKind.BASE_QUANTITY,
    side: Side = Side.SELL,
    enters: bool = False,
    slippage_bps: int = 100,
) -> ConditionalCommand:
    """`/sell BTC/USDT size …`."""
    what = kind_of(legs, enters=enters)
    return ConditionalCommand(user_id, "paper", SYMBOL, side, OrderSize(kind, Decimal(size)), what, legs, enters, slippage_bps)


@dataclass
class Stage:
    """A desk whose clock and books stand still until the test moves them. `turn` does what the streams do on a new book."""

    desk: Desk
    clock: HandClock
    service: ConditionalService
    evaluator: Evaluator
    venue: MovingVenue

    async def arm(self, command: ConditionalCommand, key: str = "") -> Conditional:
        key = key or f"arm:{next(_numbers)}"
        async with unit_of_work(self.desk.pool) as uow:
            armed = await self.service.create(
                uow, command, idempotency_key=key, chat=ChatTarget(command.user_id, key), correlation_id=f"c-{key}"
            )
        await self.evaluator.refresh([armed.id])
        return armed

    async def holder(self, quantity: str | int = 1) -> int:
        """A user who bought that much at 100 and holds it."""
        user = await self.desk.user()
        self.book([(99, 1000)], [(100, 1000)])
        order = await self.desk.trade(buy(user, quantity, SizeKind.BASE_QUANTITY))
        assert order.filled_quantity == Decimal(quantity)
        return user

    def book(self, bids: Iterable[Pair], asks: Iterable[Pair], *, age_s: float = 0) -> None:
        self.clock.go_on(milliseconds=200)
        self.desk.books.set(SYMBOL, bids, asks, observed_at=self.clock.now() - timedelta(seconds=age_s), sequence=next(_numbers))

    def at(self, price: str | int | Decimal, depth: str | int = 1000) -> None:
        """A deep book around a price: bid at it, ask one above."""
        self.book([(price, depth)], [(Decimal(price) + 1, depth)])

    async def turn(self, *, place: bool = True) -> int:
        """New books are looked at, what was emitted is placed by the worker, what became of it is followed."""
        emitted = await self.evaluator.evaluate([SYMBOL]) + await self.evaluator.by_clock()
        if place:
            await self.place()
        await self.evaluator.follow()
        return emitted

    async def place(self) -> None:
        """The worker's part."""
        rows = await self.desk.pool.fetch("select id from orders where state = 'INITIALIZED' order by id")
        for row in rows:
            await self.desk.trading.place_order(row["id"])

    async def now(self, conditional: Conditional) -> Conditional:
        async with unit_of_work(self.desk.pool) as uow:
            [found] = await repository.read(uow, [conditional.id])
        return found

    async def orders(self, conditional: Conditional) -> list[Order]:
        rows = await self.desk.pool.fetch("select id from orders where parent = $1 order by created_at, id", conditional.id)
        return [await self.desk.order(row["id"]) for row in rows]

    async def reasons(self, conditional: Conditional) -> list[Reason]:
        async with unit_of_work(self.desk.pool) as uow:
            return await decisions.reasons(uow, "conditional", str(conditional.id))

    async def restart(self) -> None:
        """The evaluator dies and another begins."""
        self.evaluator = self.service.evaluator()
        await self.evaluator.load()


class MovingVenue:
    """The paper venue, before whose very eyes the market moves: `on_the_way` runs once, after the decision and before the matching."""

    def __init__(self, inner: PaperVenue) -> None:
        self.inner = inner
        self.name = inner.name
        self.on_the_way: Callable[[], None] | None = None

    async def submit(self, request: OrderRequest) -> Outcome:
        moves, self.on_the_way = self.on_the_way, None
        if moves is not None:
            moves()
        return await self.inner.submit(request)

    async def cancel(self, client_order_id: str, instrument: Instrument) -> Outcome:
        return await self.inner.cancel(client_order_id, instrument)

    async def lookup(self, client_order_id: str, instrument: Instrument) -> OrderReport | NotFound:
        return await self.inner.lookup(client_order_id, instrument)


async def make_stage(pool: Pool, limits: StrategyLimits | None = None, trouble: Trouble | None = None) -> Stage:
    clock, books = HandClock(), StaticBooks()
    venue = MovingVenue(PaperVenue(pool, books, clock, trouble=trouble))
    desk = await make_desk(pool, clock=clock, books=books, venue=venue)
    service = ConditionalService(
        pool=pool, trading=desk.trading, books=desk.books, clock=clock, settings=limits or StrategyLimits(hold_back=timedelta(0))
    )
    evaluator = service.evaluator()
    await evaluator.load()
    return Stage(desk, clock, service, evaluator, venue)
