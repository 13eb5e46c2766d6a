"""Coins that other orders hold, and conditional orders over the same coins: nothing is given up that may come free, nothing sold twice."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.strategies.types import ConditionalState
from core.trading.types import OrderState, SizeKind
from core.venues.types import Side
from tests.support.conditionals import Stage, leaves_at, make_stage, stop, wants
from tests.support.desk import BTC
from tests.support.exchange import limit_buy, limit_sell


@pytest.fixture
async def stage(pool: Pool) -> Stage:
    return await make_stage(pool)


async def test_what_is_free_goes_at_once_and_the_rest_when_other_orders_let_it_go(stage: Stage) -> None:
    user = await stage.holder(2)
    resting = await stage.desk.trade(limit_sell(user, "1.5", "500"))
    armed = await stage.arm(wants(user, stop(90), size=2))
    stage.at(80)
    assert await stage.turn() == 1
    partly = await stage.now(armed)
    assert (partly.state, partly.quantity, partly.leg(1).filled) == (ConditionalState.ARMED, Decimal(2), Decimal("0.5"))
    stage.clock.go_on(seconds=2)
    stage.at(80)
    assert await stage.turn() == 0
    assert (await stage.now(armed)).reason_params["why"] == "held_by_orders"

    await cancel(stage, user, resting.id)
    stage.at(80)
    assert await stage.turn() == 1
    assert (await stage.now(armed)).state is ConditionalState.DONE
    assert await stage.desk.balance(user, BTC) == (Decimal(0), Decimal(0))


async def test_dust_beside_what_other_orders_hold_does_not_end_a_stop(stage: Stage) -> None:
    user = await stage.holder(2)
    resting = await stage.desk.trade(limit_sell(user, "1.99999", "500"))
    armed = await stage.arm(wants(user, stop(90), size=2))
    stage.at(80)
    assert await stage.turn() == 0
    assert (await stage.now(armed)).reason_params["why"] == "held_by_orders"

    await cancel(stage, user, resting.id)
    stage.at(80)
    assert await stage.turn() == 1
    assert (await stage.now(armed)).state is ConditionalState.DONE
    assert await stage.desk.balance(user, BTC) == (Decimal(0), Decimal(0))


async def test_two_stops_over_the_same_coins_sell_them_once_and_end(stage: Stage) -> None:
    user = await stage.holder(1)
    first = await stage.arm(wants(user, stop(90), size="0.6"))
    stage.at(80)
    assert await stage.turn(place=False) == 1
    second = await stage.arm(wants(user, stop(85), size="0.6"))
    [order] = await stage.orders(first)
    await stage.place()
    stage.at(80)
    assert await stage.turn() == 1
    stage.clock.go_on(seconds=2)
    stage.at(80)
    await stage.turn()

    assert ((await stage.now(first)).state, order.state) == (ConditionalState.DONE, OrderState.INITIALIZED)
    after = await stage.now(second)
    assert (after.state, after.reason) == (ConditionalState.DONE, "less_available")
    assert await stage.desk.balance(user, BTC) == (Decimal(0), Decimal(0))


async def cancel(stage: Stage, user: int, order_id: UUID) -> None:
    async with unit_of_work(stage.desk.pool) as uow:
        await stage.desk.trading.request_cancel(uow, user_id=user, order_id=order_id)
    await stage.desk.trading.cancel_order(order_id)


async def test_a_time_exit_sells_what_is_free(stage: Stage) -> None:
    user = await stage.holder(2)
    await stage.desk.trade(limit_sell(user, "1.5", "500"))
    armed = await stage.arm(wants(user, leaves_at(stage.clock.now() + timedelta(hours=1)), size=2))
    stage.clock.go_on(hours=2)
    stage.at(100)
    assert await stage.turn() == 1
    assert (await stage.now(armed)).leg(1).filled == Decimal("0.5")


async def test_a_budget_that_other_orders_hold_is_waited_for(stage: Stage) -> None:
    user = await stage.desk.user()
    stage.at(100)
    resting = await stage.desk.trade(limit_buy(user, "9998", "50", kind=SizeKind.QUOTE_AMOUNT))
    armed = await stage.arm(wants(user, stop(120), size=500, kind=SizeKind.QUOTE_AMOUNT, side=Side.BUY))
    stage.at(120)
    assert await stage.turn() == 0
    assert (await stage.now(armed)).reason_params["why"] == "held_by_orders"

    await cancel(stage, user, resting.id)
    stage.at(120)
    assert await stage.turn() == 1
    assert (await stage.now(armed)).state is ConditionalState.DONE
