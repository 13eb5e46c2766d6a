"""Orders that rest: from the intent over the exchange's book to the last unit of the hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.clock import ManualClock
from core.market.types import Instrument
from core.trading.types import Order, OrderState
from tests.support.desk import BTC, USDT, Desk, make_desk
from tests.support.exchange import Exchange, limit_buy

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PAIR = Instrument("paper", "BTC/USDT", BTC, USDT, Decimal("0.01"), Decimal("0.00001"), Decimal(5), 10, maker_fee_bps=8)
PLATFORM = Decimal("0.005")
"""The fee schedule that a new database begins with, as a share."""


@pytest.fixture
async def desk(pool: Pool) -> Desk:
    return await make_desk(pool, clock=ManualClock(NOW), instrument=PAIR)


@pytest.fixture
def exchange(desk: Desk) -> Exchange:
    return Exchange(desk)


async def test_a_limit_order_rests_fills_by_a_later_book_and_gives_the_rest_of_its_hold_back(desk: Desk, exchange: Exchange) -> None:
    user = await desk.user()
    order = await desk.trade(limit_buy(user, "2", "95"))

    assert order.state is OrderState.ACCEPTED
    assert order.expires_at == NOW + timedelta(days=7)
    platform = Decimal(order.platform_fee_bps) / 10_000
    held = Decimal(190) * (1 + Decimal("0.001") + platform)
    assert await desk.balance(user) == (10_000 - held, held)

    assert await exchange.move(asks=[("94", "0.5"), ("95", "0.25"), (200, 1)]) == 1
    order = await desk.order(order.id)
    assert (order.state, order.filled_quantity, order.filled_notional) == (OrderState.PARTIALLY_FILLED, Decimal("0.75"), Decimal("71.25"))

    await exchange.move(asks=[("95", "5")])
    order = await desk.order(order.id)
    assert (order.state, order.filled_quantity) == (OrderState.FILLED, Decimal(2))
    paid = Decimal(190) * (1 + Decimal("0.0008") + platform)
    assert await desk.balance(user) == (10_000 - paid, Decimal(0))
    assert await desk.balance(user, BTC) == (Decimal(2), Decimal(0))
    await desk.require_clean()


async def test_a_resting_order_is_canceled_and_the_whole_hold_goes_back(desk: Desk) -> None:
    user = await desk.user()
    order = await desk.trade(limit_buy(user, "2", "95"))

    await _cancel(desk, order)

    assert (await desk.order(order.id)).state is OrderState.CANCELED
    assert await desk.balance(user) == (Decimal(10_000), Decimal(0))
    await desk.require_clean()


async def _cancel(desk: Desk, order: Order) -> None:
    async with unit_of_work(desk.pool) as uow:
        await desk.trading.request_cancel(uow, user_id=order.user_id, order_id=order.id)
    await desk.trading.cancel_order(order.id)
