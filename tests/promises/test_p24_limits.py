"""P24: velocity limits hold under concurrency, restarts and across venues.

Many decisions of one user meet at the edge of a limit, over many connections, from a barrier. The venue's own tables say how many orders
it took; the limit is compared with them. A restart is another pool of connections, another service and another clock of its own.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from core.adapters.venues.paper.trouble import Trouble
from core.adapters.venues.paper.venue import PaperVenue
from core.db.pool import Pool, create_pool
from core.db.unit_of_work import unit_of_work
from core.kernel.clock import ManualClock
from core.kernel.money import Asset
from core.ledger import service as ledger
from core.market.service import save_instruments
from core.risk import service
from core.trading.service import TradingService
from core.trading.types import Order, OrderState
from tests.conftest import Database
from tests.promises.conftest import Proof
from tests.support.books import StaticBooks
from tests.support.desk import BTC_USDT, QUICK, Desk, buy, make_desk
from tests.support.ledger import fund

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALLOWED = 7
RESTING = timedelta(hours=1)
BIDS, ASKS = [("99.999", 1_000_000)], [(100, 1_000_000)]
"""As good as no spread: a position is worth what was paid for it."""


async def wide_pool(database: Database, connections: int) -> Pool:
    return await create_pool(database.app_dsn, application_name="barrier", max_size=connections)


async def set_limits(pool: Pool, user: int, **limits: object) -> None:
    async with unit_of_work(pool) as uow:
        for name, value in limits.items():
            called = name.replace("__", ":")
            await service.set_limit(uow, scope=f"user:{user}", name=called, value=Decimal(str(value)), set_by="test", raises=True)


async def decide_at_once(desk: Desk, orders: list[Order]) -> None:
    """All tasks from one barrier, each delivered twice."""
    barrier = asyncio.Barrier(2 * len(orders))

    async def one(order_id: UUID) -> None:
        await barrier.wait()
        await desk.trading.place_order(order_id)

    await asyncio.gather(*(one(order.id) for order in orders for _ in range(2)))


async def outcomes(desk: Desk, orders: list[Order]) -> dict[str, int]:
    """How many orders ended how: a state, or the reason of a denial."""
    found: dict[str, int] = {}
    for order in orders:
        now = await desk.order(order.id)
        word = now.reason if now.state is OrderState.DENIED else "taken"
        found[word] = found.get(word, 0) + 1
    return found


async def taken_by_the_venue(pool: Pool) -> int:
    return int(await pool.fetchval("select count(*) from paper_venue_orders"))


async def restarted(desk: Desk, pool: Pool) -> Desk:
    """The same desk after a restart: nothing in memory is the same, the clock goes on."""
    clock = ManualClock(desk.clock.now())
    books = StaticBooks()
    books.set("BTC/USDT", BIDS, ASKS, observed_at=clock.now())
    venue = PaperVenue(pool, books, clock, trouble=Trouble(rests=100, rest_for=RESTING))
    trading = TradingService(pool=pool, books=books, clock=clock, settings=QUICK, venues={"paper": venue})
    return Desk(pool, books, clock, venue, trading, desk.users)


async def resting_desk(pool: Pool) -> Desk:
    """A desk whose venue keeps orders open for an hour."""
    desk = await make_desk(pool, clock=ManualClock(START))
    return await restarted(desk, pool)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"orders_per_minute": ALLOWED}, "too_many_orders"),
        ({"in_flight": ALLOWED}, "too_many_open_orders"),
        ({"exposure__USDT": 20 * ALLOWED + 19}, "exposure"),
    ],
    ids=["orders per minute", "orders in flight", "exposure"],
)
async def test_a_limit_lets_exactly_so_many_through_however_many_come_at_once(
    database: Database, proof: Proof, limits: dict[str, int], reason: str
) -> None:
    at_once = proof.size(test=64, promises=256, soak=256)
    rounds = proof.size(test=1, promises=10, soak=100)
    pool = await wide_pool(database, 32)
    desk = await resting_desk(pool)
    for _ in range(rounds):
        user = await desk.user()
        await set_limits(pool, user, **limits)
        orders = [await desk.request(buy(user, 20)) for _ in range(at_once)]
        before = await taken_by_the_venue(pool)
        await decide_at_once(desk, orders)
        assert await outcomes(desk, orders) == {"taken": ALLOWED, reason: at_once - ALLOWED}
        assert await taken_by_the_venue(pool) - before == ALLOWED
    await desk.require_clean()
    pool.terminate()
    proof.record(f"{rounds} × {at_once} decisions at once, each delivered twice: {ALLOWED} passed each time ({reason})")


@pytest.mark.timeout(300)
async def test_a_restart_forgets_nothing_and_time_forgets_what_it_should(database: Database, proof: Proof) -> None:
    at_once = proof.size(test=24, promises=128, soak=256)
    first = await wide_pool(database, 16)
    desk = await resting_desk(first)
    user = await desk.user()
    await set_limits(first, user, orders_per_minute=ALLOWED)
    orders = [await desk.request(buy(user, 20)) for _ in range(ALLOWED - 2)]
    await decide_at_once(desk, orders)
    first.terminate()  # mid-minute, everything in memory gone

    pool = await wide_pool(database, 16)
    desk = await restarted(desk, pool)
    orders = [await desk.request(buy(user, 20)) for _ in range(at_once)]
    await decide_at_once(desk, orders)
    assert await outcomes(desk, orders) == {"taken": 2, "too_many_orders": at_once - 2}

    assert isinstance(desk.clock, ManualClock)
    desk.clock.advance(timedelta(seconds=61))
    desk.books.set("BTC/USDT", BIDS, ASKS, observed_at=desk.clock.now())
    orders = [await desk.request(buy(user, 20)) for _ in range(at_once)]
    await decide_at_once(desk, orders)
    assert await outcomes(desk, orders) == {"taken": ALLOWED, "too_many_orders": at_once - ALLOWED}
    pool.terminate()
    proof.record(f"{ALLOWED} of {2 * at_once} in two minutes, with a restart in the first")


async def test_a_limit_counts_over_all_venues(database: Database) -> None:
    """Two venues with money at each, one user, one count."""
    pool = await wide_pool(database, 16)
    desk = await resting_desk(pool)
    elsewhere = replace(BTC_USDT, venue="elsewhere", base=Asset("elsewhere:BTC", 8), quote=Asset("elsewhere:USDT", 8))
    async with unit_of_work(pool) as uow:
        await save_instruments(uow, [elsewhere])
        for asset in (elsewhere.base, elsewhere.quote):
            await ledger.ensure_asset(uow, asset)
    venues = dict.fromkeys(("paper", "elsewhere"), desk.venue)
    trading = TradingService(pool=pool, books=desk.books, clock=desk.clock, settings=QUICK, venues=venues, tradable=set(venues))
    desk = replace(desk, trading=trading)
    user = await desk.user()
    await fund(pool, user, 10_000 * 10**8, elsewhere.quote)
    await set_limits(pool, user, orders_per_minute=ALLOWED)

    orders = [await desk.request(replace(buy(user, 20), venue=("paper", "elsewhere")[number % 2])) for number in range(40)]
    await decide_at_once(desk, orders)

    assert await outcomes(desk, orders) == {"taken": ALLOWED, "too_many_orders": 40 - ALLOWED}
    sent_from = {(await desk.order(order.id)).venue for order in orders if (await desk.order(order.id)).state is not OrderState.DENIED}
    assert sent_from == {"paper", "elsewhere"}
    pool.terminate()
