"""Intents: what contradicts itself is none, and two of them are the same request only when they say the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import combinations
from typing import Any
from uuid import UUID

import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import IdempotencyConflict
from core.trading.request import request_hash
from core.trading.types import OrderCommand, OrderSize, SizeKind
from core.venues.types import OrderType, Side, TimeInForce
from tests.support.desk import buy, make_desk

LATER = datetime(2026, 1, 2, 12, tzinfo=UTC)
ONE = OrderSize(SizeKind.BASE_QUANTITY, Decimal(1))


def limit(**words: Any) -> OrderCommand:
    """A limit order of 1 at 100 until canceled, unless it says otherwise."""
    plain: dict[str, Any] = {"order_type": OrderType.LIMIT, "limit_price": Decimal(100), "time_in_force": TimeInForce.GTC}
    return OrderCommand(1, "paper", "BTC/USDT", Side.BUY, ONE, **(plain | words))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"limit_price": None}, "a limit order has a limit price"),
        ({"order_type": OrderType.MARKET, "time_in_force": TimeInForce.IOC}, "a market order has none"),
        ({"limit_price": Decimal(0)}, "a limit price is positive"),
        ({"limit_price": Decimal(-1)}, "a limit price is positive"),
        ({"limit_price": Decimal("NaN")}, "a limit price is positive"),
        ({"limit_price": Decimal("Infinity")}, "a limit price is positive"),
        ({"time_in_force": TimeInForce.GTD}, "an order until a date needs the date"),
    ],
)
def test_what_contradicts_itself_is_no_intent(words: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        limit(**words)


def test_every_word_of_an_intent_is_in_its_hash() -> None:
    market = buy(1, 100)
    said = [
        market,
        replace(market, origin="conditional"),
        replace(market, parent=UUID(int=1)),
        replace(market, parent=UUID(int=2)),
        limit(),
        limit(limit_price=Decimal(101)),
        limit(time_in_force=TimeInForce.IOC),
        limit(time_in_force=TimeInForce.FOK),
        limit(post_only=True),
        limit(expires_at=LATER),
        limit(expires_at=LATER + timedelta(seconds=1)),
        limit(time_in_force=TimeInForce.GTD, expires_at=LATER),
        limit(origin="conditional"),
        limit(parent=UUID(int=1)),
    ]
    same = [(one, other) for one, other in combinations(said, 2) if request_hash(one) == request_hash(other)]
    assert same == []


def test_the_same_said_in_other_figures_is_the_same_request() -> None:
    elsewhere = LATER.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert request_hash(limit(limit_price=Decimal("100.00"))) == request_hash(limit())
    assert request_hash(limit(expires_at=elsewhere)) == request_hash(limit(expires_at=LATER))
    assert request_hash(buy(1, "1E+2")) == request_hash(buy(1, 100))


async def test_a_key_is_for_one_intent_with_all_its_words(pool: Pool) -> None:
    desk = await make_desk(pool)
    said = replace(limit(), user_id=await desk.user())
    first = await desk.request(said, key="k")
    assert (await desk.request(said, key="k")).id == first.id

    with pytest.raises(IdempotencyConflict):
        await desk.request(replace(said, post_only=True), key="k")


async def test_orders_are_found_by_their_ids(pool: Pool) -> None:
    desk = await make_desk(pool)
    user = await desk.user()
    first, _, third = [await desk.request(buy(user, 10 + number)) for number in range(3)]
    async with unit_of_work(pool) as uow:
        found = await desk.trading.order_summaries(uow, [third.id, first.id, UUID(int=1)])
        assert await desk.trading.order_summaries(uow, []) == []

    assert [order.id for order in found] == [first.id, third.id]
