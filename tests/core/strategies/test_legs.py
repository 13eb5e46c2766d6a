"""Trails, ladders, pairs, brackets and time exits: several legs over one holding, never more sold than is armed."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.adapters.venues.paper.trouble import Trouble
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.strategies.types import ConditionalKind, ConditionalState, LegState
from core.trading.types import OrderState, SizeKind
from core.venues.types import Side
from tests.support.conditionals import Stage, leaves_at, make_stage, profit, stop, trail, wants
from tests.support.desk import BTC, buy, sell


@pytest.fixture
async def stage(pool: Pool) -> Stage:
    return await make_stage(pool)


async def test_a_trail_follows_the_best_price_and_sells_when_it_falls_back(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, trail(bps=1000)))
    for price, emitted in ((100, 0), (120, 0), (110, 0), (150, 0), (136, 0), (135, 1)):
        stage.at(price)
        assert await stage.turn() == emitted, price

    after = await stage.now(armed)
    assert (after.kind, after.state) == (ConditionalKind.TRAILING_STOP, ConditionalState.DONE)
    assert after.legs[0].best_price == 150


async def test_a_trail_by_an_amount(stage: Stage) -> None:
    user = await stage.holder(1)
    await stage.arm(wants(user, trail(amount=20)))
    for price, emitted in ((100, 0), (130, 0), (111, 0), (110, 1)):
        stage.at(price)
        assert await stage.turn() == emitted, price


async def test_a_trail_keeps_its_best_price_over_a_restart(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, trail(bps=1000)))
    for price in (100, 200):
        stage.at(price)
        await stage.turn()

    await stage.restart()
    stage.at(181)
    assert await stage.turn() == 0
    stage.at(180)
    assert await stage.turn() == 1
    assert (await stage.now(armed)).state is ConditionalState.DONE


async def test_only_depth_for_the_whole_size_moves_a_trail(stage: Stage) -> None:
    user = await stage.holder(10)
    armed = await stage.arm(wants(user, trail(bps=1000), size=10))
    stage.at(100)
    await stage.turn()

    stage.book([(500, 1)], [(501, 1)])
    assert await stage.turn() == 0

    assert (await stage.now(armed)).legs[0].best_price == 100


async def test_a_buy_trail_follows_the_lowest_ask(stage: Stage) -> None:
    user = await stage.desk.user()
    stage.at(100)
    armed = await stage.arm(wants(user, trail(bps=1000), size=500, kind=SizeKind.QUOTE_AMOUNT, side=Side.BUY))
    for price, emitted in ((99, 0), (49, 0), (53, 0), (54, 1)):  # asks are one above
        stage.at(price)
        assert await stage.turn() == emitted, price
    after = await stage.now(armed)
    assert (after.legs[0].best_price, after.state) == (Decimal(50), ConditionalState.DONE)


async def test_a_ladder_sells_its_shares_one_after_the_other(stage: Stage) -> None:
    user = await stage.holder(2)
    armed = await stage.arm(wants(user, profit(120, 5000), profit(150, 3000), size=2))

    stage.at(120)
    assert await stage.turn() == 1
    assert (await stage.now(armed)).state is ConditionalState.ARMED
    stage.at(160)
    assert await stage.turn() == 1

    after = await stage.now(armed)
    assert after.state is ConditionalState.DONE
    assert [order.filled_quantity for order in await stage.orders(armed)] == [Decimal(1), Decimal("0.6")]
    assert await stage.desk.balance(user, BTC) == (Decimal("0.4"), Decimal(0))


async def test_both_steps_of_a_ladder_at_once(stage: Stage) -> None:
    user = await stage.holder(2)
    armed = await stage.arm(wants(user, profit(120, 5000), profit(150, 5000), size=2))

    stage.at(200)
    assert await stage.turn() == 2

    assert (await stage.now(armed)).state is ConditionalState.DONE
    assert await stage.desk.balance(user, BTC) == (Decimal(0), Decimal(0))


async def test_of_a_pair_the_one_that_acts_ends_the_other(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, profit(150), stop(80)))
    stage.at(150)
    assert await stage.turn() == 1

    after = await stage.now(armed)
    assert (after.kind, after.state) == (ConditionalKind.OCO, ConditionalState.DONE)
    assert [leg.state for leg in after.legs] == [LegState.DONE, LegState.CANCELED]
    stage.at(70)
    assert await stage.turn() == 0


async def test_a_partial_fill_of_one_leaves_the_other_exactly_the_rest(stage: Stage) -> None:
    user = await stage.holder(10)
    armed = await stage.arm(wants(user, profit(150), stop(80), size=10))
    stage.at(150)
    stage.venue.on_the_way = lambda: stage.book([(150, 4), (60, 100)], [(151, 100)])
    assert await stage.turn() == 1

    partly = await stage.now(armed)
    assert (partly.state, partly.legs[0].filled) == (ConditionalState.ARMED, Decimal(4))
    stage.at(79)
    assert await stage.turn() == 1

    orders = await stage.orders(armed)
    assert [order.filled_quantity for order in orders] == [Decimal(4), Decimal(6)]
    assert (await stage.now(armed)).state is ConditionalState.DONE
    assert await stage.desk.balance(user, BTC) == (Decimal(0), Decimal(0))
    assert "scaled" in {one.verdict for one in await stage.reasons(armed)}
    await stage.desk.require_clean()


async def test_the_other_of_a_pair_waits_while_an_order_is_at_work(pool: Pool) -> None:
    stage = await make_stage(pool, trouble=Trouble(rests=100, rest_for=timedelta(seconds=1)))
    user = await stage.desk.user()
    stage.at(100)
    await stage.desk.trade(buy(user, 10, SizeKind.BASE_QUANTITY))
    stage.clock.go_on(seconds=2)
    await stage.desk.trading.reconcile()
    assert (await stage.desk.balance(user, BTC))[0] == 10
    armed = await stage.arm(wants(user, profit(150), stop(80), size=10))
    stage.at(150)
    assert await stage.turn() == 1

    stage.at(70)
    assert await stage.turn() == 0
    half = await stage.now(armed)
    assert half.state is ConditionalState.TRIGGERED

    stage.clock.go_on(seconds=2)
    await stage.desk.trading.reconcile()
    stage.at(70)
    await stage.turn()
    assert (await stage.now(armed)).state is ConditionalState.DONE
    assert [order.filled_quantity for order in await stage.orders(armed)] == [Decimal(10)]


async def test_a_bracket_protects_what_its_entry_filled(stage: Stage) -> None:
    user = await stage.desk.user()
    stage.at(99)
    armed = await stage.arm(
        wants(user, profit(150), stop(80), size=1000, kind=SizeKind.QUOTE_AMOUNT, side=Side.BUY, enters=True), "bracket"
    )
    assert armed.state is ConditionalState.TRIGGERED
    await stage.turn()

    entered = await stage.now(armed)
    [entry] = await stage.orders(armed)
    assert (entered.kind, entered.state, entered.quantity) == (ConditionalKind.BRACKET, ConditionalState.ARMED, entry.filled_quantity)
    stage.at(80)
    assert await stage.turn() == 1
    after = await stage.now(armed)
    assert after.state is ConditionalState.DONE
    assert [order.side for order in await stage.orders(armed)] == [Side.BUY, Side.SELL]
    assert await stage.desk.balance(user, BTC) == (Decimal(0), Decimal(0))
    await stage.desk.require_clean()


async def test_a_bracket_protects_the_first_part_of_a_slow_entry_and_then_the_rest(pool: Pool) -> None:
    stage = await make_stage(pool, trouble=Trouble(rests=100, rest_for=timedelta(seconds=1)))
    user = await stage.desk.user()
    stage.at(99)
    armed = await stage.arm(wants(user, profit(150), stop(80), size=10, kind=SizeKind.BASE_QUANTITY, side=Side.BUY, enters=True))
    await stage.turn()
    first = await stage.now(armed)
    assert first.quantity is not None
    assert 0 < first.quantity < 10
    assert [leg.state for leg in first.legs] == [LegState.TRIGGERED, LegState.ARMED, LegState.ARMED]

    stage.clock.go_on(seconds=2)
    await stage.desk.trading.reconcile()
    stage.at(99)
    await stage.turn()
    second = await stage.now(armed)
    assert (second.quantity, second.state, second.legs[0].state) == (Decimal(10), ConditionalState.ARMED, LegState.DONE)


async def test_a_bracket_whose_entry_is_denied_fails_and_says_why(stage: Stage) -> None:
    user = await stage.desk.user()
    stage.at(99)
    armed = await stage.arm(wants(user, profit(150), stop(80), size=10**6, kind=SizeKind.QUOTE_AMOUNT, side=Side.BUY, enters=True))
    await stage.turn()

    after = await stage.now(armed)
    assert after.state is ConditionalState.FAILED
    assert after.reason in ("insufficient_funds", "not_enough_depth")
    assert [leg.state for leg in after.legs[1:]] == [LegState.CANCELED, LegState.CANCELED]


async def test_a_time_exit_sells_at_its_time_without_a_look_at_prices(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, leaves_at(stage.clock.now() + timedelta(hours=2))))
    stage.clock.go_on(hours=1, minutes=59)
    stage.at(100)
    assert await stage.turn() == 0
    stage.clock.go_on(minutes=1)
    stage.at(100)
    assert await stage.turn() == 1
    assert (await stage.now(armed)).state is ConditionalState.DONE


async def test_a_stop_limit_rests_at_its_price(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, stop(90, limit=89)))
    stage.at(88)
    assert await stage.turn() == 1

    [order] = await stage.orders(armed)
    after = await stage.now(armed)
    assert (after.kind, after.state) == (ConditionalKind.STOP_LIMIT, ConditionalState.TRIGGERED)
    assert (order.limit_price, order.order_type.value) == (Decimal(89), "limit")


async def test_canceling_takes_the_resting_order_back_too(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, stop(90, limit=89)))
    stage.at(88)
    await stage.turn()

    async with unit_of_work(stage.desk.pool) as uow:
        asked = await stage.service.cancel(uow, user_id=user, conditional_id=armed.id)
    assert asked.cancel_requested
    [order] = await stage.orders(armed)
    await stage.desk.trading.cancel_order(order.id)
    await stage.evaluator.refresh([armed.id])
    await stage.evaluator.follow()

    after = await stage.now(armed)
    assert (after.state, (await stage.orders(armed))[0].state) == (ConditionalState.CANCELED, OrderState.CANCELED)
    assert await stage.desk.balance(user, BTC) == (Decimal(1), Decimal(0))


async def test_a_stop_sells_what_is_there_and_says_so(stage: Stage) -> None:
    user = await stage.holder(2)
    armed = await stage.arm(wants(user, stop(90), size=2))
    await stage.desk.trade(sell(user, "1.5"))
    stage.at(85)
    assert await stage.turn() == 1

    after = await stage.now(armed)
    assert (after.state, after.reason) == (ConditionalState.DONE, "less_available")
    assert after.reason_params == {"wanted": "2", "size": "0.5"}
    assert await stage.desk.balance(user, BTC) == (Decimal(0), Decimal(0))
