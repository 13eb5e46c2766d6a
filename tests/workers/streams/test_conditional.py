"""The evaluator over real PostgreSQL and Valkey: woken by books and changes, killed and begun anew, never twice."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from redis.asyncio import Redis

from core.adapters.marketdata.valkey_books import ValkeyBooks
from core.adapters.marketdata.valkey_signals import ValkeySignals
from core.adapters.venues.paper.venue import PaperVenue
from core.bootstrap.conditional import open_conditional
from core.config.settings import StreamsSettings
from core.db.heartbeats import all_beats
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.clock import SystemClock
from core.kernel.errors import Unavailable
from core.kernel.secret import Secret
from core.market.types import OrderBook
from core.strategies.context import StrategyLimits
from core.strategies.service import ConditionalService
from core.strategies.types import Conditional, ConditionalState
from core.trading.types import ChatTarget, SizeKind
from tests.support.books import TEST_SOURCE, StaticBooks, levels
from tests.support.conditionals import SYMBOL, stop, trail, wants
from tests.support.desk import Desk, buy, make_desk
from tests.support.waiting import eventually
from workers.streams.conditional import ConditionalStream

ROOT = Path(__file__).resolve().parents[3]


class LiveBooks(StaticBooks):
    """The test's own reader, fed with what is published."""

    def __init__(self, store: ValkeyBooks) -> None:
        super().__init__()
        self.store = store

    async def publish(self, price: int) -> None:
        made = OrderBook(SYMBOL, levels([(price, 100)]), levels([(price + 1, 100)]), price, datetime.now(UTC), TEST_SOURCE)
        self._books[SYMBOL] = made
        await self.store.publish(made)


@pytest.fixture
async def store(valkey_url: str) -> AsyncIterator[ValkeyBooks]:
    client = Redis.from_url(valkey_url)
    yield ValkeyBooks(client)
    await client.aclose()


class Scene:
    """A desk on published prices, and a user who holds one coin."""

    def __init__(self, desk: Desk, books: LiveBooks, service: ConditionalService, user: int) -> None:
        self.desk, self.books, self.service, self.user = desk, books, service, user

    async def arm(self, *legs, key: str = "armed") -> Conditional:
        async with unit_of_work(self.desk.pool) as uow:
            return await self.service.create(uow, wants(self.user, *legs), idempotency_key=key, chat=ChatTarget(1, key), correlation_id=key)

    async def leg(self, one: Conditional):
        return await self.desk.pool.fetchrow("select * from conditional_legs where conditional_id = $1", one.id)

    async def state(self, one: Conditional) -> str:
        return str(await self.desk.pool.fetchval("select state from conditional_orders where id = $1", one.id))

    async def reaches(self, one: Conditional, state: ConditionalState) -> bool:
        """Waits for a state, with fresh prices and the worker's part."""

        async def there() -> bool:
            await self.place()
            return await self.state(one) == state.value

        return await eventually(there, 20, what=f"state {state}")

    async def place(self) -> None:
        for row in await self.desk.pool.fetch("select id from orders where state = 'INITIALIZED'"):
            await self.desk.trading.place_order(row["id"])

    async def orders(self) -> int:
        return int(await self.desk.pool.fetchval("select count(*) from orders where origin = 'conditional'"))


@pytest.fixture
async def scene(pool: Pool, store: ValkeyBooks) -> Scene:
    books = LiveBooks(store)
    clock = SystemClock()
    desk = await make_desk(pool, books=books, venue=PaperVenue(pool, books, clock))
    await books.publish(100)
    user = await desk.user()
    await desk.trade(buy(user, 1, SizeKind.BASE_QUANTITY))
    service = ConditionalService(pool=pool, trading=desk.trading, books=books, clock=clock, settings=StrategyLimits())
    return Scene(desk, books, service, user)


def settings(dsn: Secret, valkey_url: str) -> StreamsSettings:
    values = {"database_url": dsn, "redis_url": Secret(valkey_url), "lease_ttl_ms": 1000, "price_max_age_ms": 60_000}
    return StreamsSettings(_env_file=None, **values)  # type: ignore[arg-type]


@asynccontextmanager
async def running(dsn: Secret, valkey_url: str) -> AsyncIterator[None]:
    stop_it = asyncio.Event()
    async with open_conditional(settings(dsn, valkey_url)) as parts:
        task = asyncio.create_task(ConditionalStream(parts, stop_it).run())
        try:
            yield
        finally:
            stop_it.set()
            await asyncio.wait_for(task, 10)


@pytest.fixture
def spawn(app_dsn: Secret, valkey_url: str) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts an evaluator as a process; whatever is left is killed."""
    started: list[subprocess.Popen[bytes]] = []
    environment = {
        **os.environ,
        "DATABASE_URL": app_dsn.reveal(),
        "REDIS_URL": valkey_url,
        "LEASE_TTL_MS": "1000",
        "PRICE_MAX_AGE_MS": "60000",
        "PYTHONPATH": str(ROOT),
    }

    def start() -> subprocess.Popen[bytes]:
        started.append(
            subprocess.Popen([sys.executable, "-m", "tests.support.evaluator_process"], env=environment, stdout=subprocess.DEVNULL)
        )
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.wait()


async def test_a_new_book_wakes_it_and_the_stop_is_sold(scene: Scene, app_dsn: Secret, valkey_url: str) -> None:
    async with running(app_dsn, valkey_url):
        armed = await scene.arm(stop(90))

        async def looked() -> object:
            return (await scene.leg(armed))["last_evaluation"]

        await eventually(looked, what="a first evaluation")
        await scene.books.publish(89)
        await scene.reaches(armed, ConditionalState.DONE)
    assert await scene.orders() == 1
    async with unit_of_work(scene.desk.pool) as uow:
        assert [one.state for one in await all_beats(uow) if one.process == "conditional-0"] == ["ok"]


async def test_two_evaluators_one_leads(scene: Scene, app_dsn: Secret, valkey_url: str) -> None:
    async with running(app_dsn, valkey_url), running(app_dsn, valkey_url):
        armed = await scene.arm(stop(90))
        await scene.books.publish(80)
        await scene.reaches(armed, ConditionalState.DONE)
    assert await scene.orders() == 1


async def test_killed_in_the_middle_it_knows_the_best_price_and_emits_once(scene: Scene, spawn) -> None:
    armed = await scene.arm(trail(bps=1000))
    first = spawn()

    async def best() -> bool:
        return bool((await scene.leg(armed))["best_price"] == 200)

    await scene.books.publish(200)
    await eventually(best, 20, what="the best price in the row")
    first.kill()
    first.wait()

    await scene.books.publish(181)
    second = spawn()

    async def seen() -> bool:
        last = (await scene.leg(armed))["last_evaluation"]
        return last is not None and last["price"] == "181"

    await eventually(seen, 20, what="an evaluation after the restart")
    assert await scene.state(armed) == "ARMED"
    await scene.books.publish(180)

    async def emitted() -> bool:
        return await scene.orders() == 1

    await eventually(emitted, 20, what="the order")
    second.kill()
    second.wait()
    await scene.place()

    spawn()
    await scene.reaches(armed, ConditionalState.DONE)
    assert await scene.orders() == 1
    assert (await scene.desk.balance(scene.user))[0] > Decimal(10_000)
    await scene.desk.require_clean()


async def test_signals_tell_which_books_are_new(store: ValkeyBooks, valkey_url: str) -> None:
    client = Redis.from_url(valkey_url)
    signals = ValkeySignals(client)
    assert await signals.wait(0.01) == set()
    for symbol in ("BTC/USDT", "ETH/USDT"):
        await store.publish(OrderBook(symbol, levels([(1, 1)]), levels([(2, 1)]), 1, datetime.now(UTC), TEST_SOURCE))
    heard: set[str] = set()

    async def both() -> bool:
        heard.update(await signals.wait(0.1))
        return heard == {"BTC/USDT", "ETH/USDT"}

    await eventually(both)
    await signals.aclose()
    await client.aclose()


async def test_without_the_price_store_it_says_so() -> None:
    client = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.5)
    signals = ValkeySignals(client)
    with pytest.raises(Unavailable):
        await signals.wait(0.1)
    await client.aclose()
