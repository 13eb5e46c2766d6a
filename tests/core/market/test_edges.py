"""What the market's parts do at their edges: nothing at hand, a level without quantity, partitions for candles of the past."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.money import Price, Quantity
from core.market import service as market
from core.market.candle_building import CandleBuilder
from core.market.rules import walk_book
from core.market.types import Candle, Level
from tests.support.books import TEST_SOURCE


def test_a_jump_before_anything_was_seen_marks_nothing() -> None:
    builder = CandleBuilder("BTC/USDT")
    builder.mark_jump()
    assert builder.take() == []


def test_a_level_without_quantity_is_passed_over() -> None:
    levels = [Level(Price(Decimal(price)), Quantity(Decimal(quantity))) for price, quantity in ((100, 0), (101, 1))]

    walk = walk_book(levels, buying=True, lot=Decimal(1), quantity=Quantity(Decimal(1)))

    assert [fill.price.value for fill in walk.fills] == [101]
    assert not walk.exhausted


async def test_candles_of_months_long_past_have_their_partitions_first(pool: Pool, owner_pool: Pool) -> None:
    opened = datetime(2019, 3, 31, 23, 59, tzinfo=UTC)
    past = [_candle(opened + timedelta(minutes=minute)) for minute in range(2)]

    async with unit_of_work(pool) as uow:
        await market.bring_partitions(uow, opened, opened + timedelta(minutes=1))
        await market.save_candles(uow, past)

    assert await owner_pool.fetchval("select count(*) from candles where open_at < '2020-01-01'") == 2


def _candle(opened: datetime) -> Candle:
    one = Decimal(1)
    return Candle("BTC/USDT", "1m", opened, one, one, one, one, None, TEST_SOURCE)
