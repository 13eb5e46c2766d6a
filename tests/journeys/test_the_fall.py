"""The fall of 5 August 2024, minute by minute: a trailing stop and a bracket do exactly what a plain reading of the prices says.

The recording (1m candles of BTC/USDT) is used where it is there; a generated day of the same shape always runs. The evaluator is begun
anew in between, so what it knows must stand in the rows.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core.adapters.marketdata.candles import Bar, read_bars
from core.adapters.marketdata.modelled_depth import modelled_levels
from core.db.pool import Pool
from core.kernel.money import Quantity, Rounding, round_to_step
from core.market.rules import walk_book
from core.market.types import OrderBook
from core.strategies.rules import PRICE_STEP
from core.strategies.types import Conditional, ConditionalState, LegRole
from core.trading.types import OrderState, SizeKind
from core.venues.types import Side
from tests.support.books import TEST_SOURCE
from tests.support.conditionals import SYMBOL, Stage, make_stage, profit, stop, trail, wants
from tests.support.desk import BTC, BTC_USDT, USDT, buy

CANDLES = Path(__file__).resolve().parents[3] / "shared" / "market" / "candles_1m" / "BTC_USDT-1m.parquet"
DAY = datetime(2024, 8, 5, tzinfo=UTC)
DAY_MS = 86_400_000
BEGAN_ANEW_EVERY = 97
CENT = Decimal("0.01")


def recorded() -> list[Bar]:
    if not CANDLES.exists():
        pytest.skip(f"the recording {CANDLES.name} is not beside this checkout: the generated day stands in for it")
    start = int(DAY.timestamp()) * 1000
    bars: list[Bar] = []
    for bar in read_bars(CANDLES):
        if bar.start_ms >= start + DAY_MS:
            break
        if bar.start_ms >= start:
            bars.append(bar)
    if len(bars) < 1000:
        pytest.skip(f"the recording {CANDLES.name} does not hold {DAY:%Y-%m-%d}: the generated day stands in for it")
    return bars


def generated() -> list[Bar]:
    """A rise, a fall of a sixth in steps, and a rest, as the day had them; bars of a minute, jagged."""
    dice = random.Random(5)
    price, bars = Decimal(58_000), []
    for minute in range(360):
        drift = Decimal(3) if minute < 60 else Decimal(-35) if minute < 300 else Decimal(8)
        close = price + drift + Decimal(dice.randint(-60, 60))
        high, low = max(price, close) + dice.randint(0, 40), min(price, close) - dice.randint(0, 40)
        bars.append(Bar(int(DAY.timestamp()) * 1000 + minute * 60_000, price, high, low, close, Decimal(dice.randint(20, 400))))
        price = close
    return bars


def path(bars: list[Bar]) -> Iterator[tuple[Decimal, Decimal]]:
    """Price and volume of a minute, four points a bar: open, the extreme against its direction, the other one, close."""
    for bar in bars:
        extremes = (bar.low, bar.high) if bar.close >= bar.open else (bar.high, bar.low)
        for price in (bar.open, *extremes, bar.close):
            yield price, bar.volume


def books(bars: list[Bar]) -> Iterator[tuple[OrderBook, Decimal]]:
    for number, (price, volume) in enumerate(path(bars), 1):
        bids, asks = modelled_levels(BTC_USDT, price.quantize(CENT), volume)
        yield OrderBook(SYMBOL, bids, asks, number, DAY, TEST_SOURCE), price


def average(book: OrderBook, quantity: Decimal) -> Decimal:
    """What selling that much gives a coin."""
    walk = walk_book(book.bids, buying=False, lot=BTC_USDT.lot, quantity=Quantity(quantity))
    assert walk.average_price is not None
    assert not walk.exhausted
    return round_to_step(walk.average_price.value, PRICE_STEP, Rounding.DOWN)


@pytest.fixture(params=["generated", "recorded"])
def day(request: pytest.FixtureRequest) -> list[Bar]:
    return generated() if request.param == "generated" else recorded()


async def entered(pool: Pool, bars: list[Bar]) -> tuple[Stage, int]:
    stage = await make_stage(pool)
    user = await stage.desk.user()
    show(stage, next(books(bars))[0])
    return stage, user


def show(stage: Stage, book: OrderBook) -> None:
    stage.clock.go_on(seconds=15)
    pairs = [[(level.price.value, level.quantity.value) for level in side] for side in (book.bids, book.asks)]
    stage.desk.books.set(SYMBOL, pairs[0], pairs[1], observed_at=stage.clock.now(), sequence=book.sequence)


async def live_through(stage: Stage, bars: list[Bar], armed: Conditional) -> int:
    """Feeds the day, beginning anew now and then, until it is over; the number of the book that triggered."""
    for number, (book, _) in enumerate(books(bars)):
        show(stage, book)
        if number % BEGAN_ANEW_EVERY == 0:
            await stage.restart()
        if await stage.evaluator.evaluate([SYMBOL]):
            await stage.place()
            await stage.evaluator.follow()
            return number
    raise AssertionError(f"{armed.kind} never triggered")


async def test_a_trailing_stop_sells_at_the_first_book_that_is_so_far_below_the_best(pool: Pool, day: list[Bar]) -> None:
    stage, user = await entered(pool, day)
    bought = await stage.desk.trade(buy(user, 5000))
    armed = await stage.arm(wants(user, trail(bps=400), size=bought.filled_quantity))

    number = await live_through(stage, day, armed)

    best, expected = Decimal(0), -1
    for place, (book, _) in enumerate(books(day)):
        price = average(book, bought.filled_quantity)
        best = max(best, price)
        if price <= best - best * 400 / 10_000:
            expected = place
            break
    after = await stage.now(armed)
    [sale] = await stage.orders(armed)
    assert number == expected
    assert after.state is ConditionalState.DONE
    assert after.legs[0].best_price == best
    assert (sale.state, sale.filled_quantity) == (OrderState.FILLED, bought.filled_quantity)
    assert await stage.desk.balance(user, BTC) == (Decimal(0), Decimal(0))
    await stage.desk.require_clean()


async def test_a_bracket_loses_no_more_than_its_stop_says(pool: Pool, day: list[Bar]) -> None:
    stage, user = await entered(pool, day)
    first = day[0].open
    high, low = (first * Decimal("1.10")).quantize(CENT), (first * Decimal("0.95")).quantize(CENT)
    armed = await stage.arm(wants(user, profit(high), stop(low), size=5000, kind=SizeKind.QUOTE_AMOUNT, side=Side.BUY, enters=True))
    await stage.turn()
    held = (await stage.now(armed)).quantity
    assert held is not None

    number = await live_through(stage, day, armed)

    expected = next(place for place, (book, _) in enumerate(books(day)) if not low < average(book, held) < high)
    after = await stage.now(armed)
    assert number == expected
    assert after.state is ConditionalState.DONE
    [acted] = [leg.role for leg in after.exits if leg.filled]
    assert acted is LegRole.STOP
    _, sale = await stage.orders(armed)
    assert (sale.side, sale.filled_quantity) == (Side.SELL, held)
    assert await stage.desk.balance(user, BTC) == (Decimal(0), Decimal(0))
    assert (await stage.desk.balance(user, USDT))[0] > 9_600
    await stage.desk.require_clean()
