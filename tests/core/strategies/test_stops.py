"""Stops and profits over the real database, trading and paper venue: armed, met, emitted once, filled, said."""

from decimal import Decimal

import pytest

from core.db.pool import Pool
from core.strategies.types import ConditionalKind, ConditionalState, LegState
from core.trading.types import OrderState, SizeKind
from core.venues.types import Side
from tests.support.conditionals import Stage, make_stage, profit, stop, wants
from tests.support.desk import BTC


@pytest.fixture
async def stage(pool: Pool) -> Stage:
    return await make_stage(pool)


async def test_a_sell_stop_waits_above_its_trigger_and_sells_below_it(stage: Stage) -> None:
    user = await stage.holder(2)
    armed = await stage.arm(wants(user, stop(90), size=2))
    assert (armed.kind, armed.state) == (ConditionalKind.STOP, ConditionalState.ARMED)

    stage.at(91)
    assert await stage.turn() == 0
    stage.at(90)
    assert await stage.turn() == 1

    after = await stage.now(armed)
    [order] = await stage.orders(armed)
    assert (after.state, after.legs[0].state) == (ConditionalState.DONE, LegState.DONE)
    assert (order.state, order.filled_quantity, order.side) == (OrderState.FILLED, Decimal(2), Side.SELL)
    assert (order.origin, order.parent) == ("conditional", armed.id)
    assert await stage.desk.balance(user, BTC) == (Decimal(0), Decimal(0))
    await stage.desk.require_clean()


async def test_nothing_is_held_while_a_sale_is_armed(stage: Stage) -> None:
    user = await stage.holder(2)
    await stage.arm(wants(user, stop(90), size=2))

    assert await stage.desk.balance(user, BTC) == (Decimal(2), Decimal(0))


async def test_depth_triggers_a_stop_while_the_best_bid_is_still_above(stage: Stage) -> None:
    user = await stage.holder(10)
    armed = await stage.arm(wants(user, stop(90), size=10, slippage_bps=5000))

    stage.book([(95, 1), (89, 100)], [(96, 100)])
    assert await stage.turn() == 1

    assert (await stage.now(armed)).state is ConditionalState.DONE


async def test_one_bad_level_behind_enough_depth_triggers_nothing(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, stop(90), size=1))

    stage.book([(95, 1), (10, 100)], [(96, 100)])

    assert await stage.turn() == 0
    assert (await stage.now(armed)).state is ConditionalState.ARMED


async def test_a_profit_needs_the_price_for_its_whole_size(stage: Stage) -> None:
    user = await stage.holder(10)
    armed = await stage.arm(wants(user, profit(120), size=10))

    stage.book([(120, 1), (100, 100)], [(130, 1)])
    assert await stage.turn() == 0
    stage.book([(121, 5), (119, 5)], [(130, 1)])
    assert await stage.turn() == 1

    assert (await stage.now(armed)).state is ConditionalState.DONE


async def test_a_buy_stop_looks_at_the_asks(stage: Stage) -> None:
    user = await stage.desk.user()
    stage.at(100)
    armed = await stage.arm(wants(user, stop(110), size=550, kind=SizeKind.QUOTE_AMOUNT, side=Side.BUY))

    stage.book([(110, 100)], [(111, 100)])
    assert await stage.turn() == 1

    [order] = await stage.orders(armed)
    assert (order.side, order.state) == (Side.BUY, OrderState.FILLED)
    assert (await stage.now(armed)).state is ConditionalState.DONE


async def test_the_message_goes_from_armed_to_done_and_the_order_has_its_own(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, stop(90)))
    stage.at(89)
    await stage.turn()

    rows = await stage.desk.pool.fetch("select message_key, screen, data from outbox_chat where chat_id = $1 order by id", user)
    own = [row["data"]["state"] for row in rows if row["message_key"] == armed.chat.message_key]
    order = [row["data"]["state"] for row in rows if row["screen"] == "order"]
    assert own == ["ARMED", "TRIGGERED", "DONE"]
    assert order == ["INITIALIZED", "SUBMITTED", "FILLED"]


async def test_every_step_is_a_reason_with_its_figures(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, stop(90)))
    stage.at(89)
    await stage.turn()

    reasons = await stage.reasons(armed)
    assert [one.check for one in reasons] == ["armed", "triggered", "order", "ended"]
    assert reasons[1].inputs["price"] == "89"
    assert reasons[1].inputs["trigger"] == "90"
    assert reasons[-1].inputs["state"] == "DONE"
