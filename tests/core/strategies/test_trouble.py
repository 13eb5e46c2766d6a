"""What may go wrong around a conditional order: blind prices, the kill switch, refusals, doubles, restarts, stale holders."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from core.controls import service as controls
from core.db import leases
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied, LeaseLost, Unavailable
from core.strategies.types import ConditionalState, LegState
from core.trading.types import OrderState
from tests.support.conditionals import SYMBOL, Stage, leaves_at, make_stage, profit, stop, trail, wants
from tests.support.desk import BTC, sell


@pytest.fixture
async def stage(pool: Pool) -> Stage:
    return await make_stage(pool)


async def last(stage: Stage, conditional, number: int = 1):
    stage.clock.go_on(seconds=6)
    await stage.evaluator.keep_evaluations()
    found = (await stage.now(conditional)).leg(number).last_evaluation
    assert found is not None
    return found


async def test_an_old_book_meets_nothing_and_says_so(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, stop(90)))
    stage.book([(10, 100)], [(11, 100)], age_s=60)

    assert await stage.turn() == 0
    assert (await last(stage, armed))["outcome"] == "stale_book"


async def test_no_book_meets_nothing_and_says_so(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, stop(90)))
    stage.desk.books.remove(SYMBOL)

    assert await stage.turn() == 0
    assert (await last(stage, armed))["outcome"] == "no_book"


async def test_a_price_store_that_does_not_answer_is_said_too(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, stop(90)))
    stage.desk.books.failure = Unavailable("away")

    with pytest.raises(Unavailable):
        await stage.turn()
    assert (await last(stage, armed))["outcome"] == "no_book"


async def test_a_profit_in_a_book_too_thin_is_said(stage: Stage) -> None:
    user = await stage.holder(10)
    armed = await stage.arm(wants(user, profit(120), size=10))
    stage.clock.go_on(seconds=6)
    stage.book([(130, 1)], [(131, 1)])
    assert await stage.turn() == 0
    await stage.evaluator.keep_evaluations()

    found = (await stage.now(armed)).legs[0].last_evaluation
    assert found is not None
    assert found["outcome"] == "thin_book"


async def test_the_last_evaluation_shows_book_price_trigger_and_distance(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, stop(90)))
    stage.at(100)
    await stage.turn()
    await stage.evaluator.keep_evaluations()

    found = (await stage.now(armed)).legs[0].last_evaluation
    assert found is not None
    assert (found["outcome"], found["price"], found["trigger"], found["distance_bps"]) == ("waiting", "100", "90", 1000)
    assert found["book_at"] == stage.clock.now().isoformat()


async def test_a_book_that_comes_late_changes_nothing(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, trail(bps=1000), size=1))
    stage.at(100)
    await stage.turn()
    newest = stage.clock.now()

    stage.desk.books.set(SYMBOL, [(900, 100)], [(901, 100)], observed_at=newest - timedelta(seconds=1))
    assert await stage.turn() == 0
    await stage.restart()
    assert await stage.turn() == 0

    assert (await stage.now(armed)).legs[0].best_price == 100


async def test_a_pause_keeps_it_armed_and_says_so_once_and_it_fires_afterwards(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, stop(90)))
    async with unit_of_work(stage.desk.pool) as uow:
        await controls.pause(uow, scope="global", reason="test", user_id=1)
    for _ in range(3):
        stage.at(80)
        assert await stage.turn() == 0

    held = await stage.now(armed)
    assert (held.state, held.reason, held.reason_params["why"]) == (ConditionalState.ARMED, "held_back", "paused")
    denials = [one for one in await stage.reasons(armed) if one.verdict == "denied"]
    assert [one.reason for one in denials] == ["paused"]

    async with unit_of_work(stage.desk.pool) as uow:
        await controls.resume(uow, scope="global", user_id=1)
    stage.at(80)
    assert await stage.turn() == 1
    assert (await stage.now(armed)).state is ConditionalState.DONE


async def test_a_pause_between_emission_and_decision_arms_it_again(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, stop(90)))
    stage.at(80)
    await stage.turn(place=False)
    async with unit_of_work(stage.desk.pool) as uow:
        await controls.pause(uow, scope=f"user:{user}", reason="test", user_id=1)
    await stage.place()
    await stage.evaluator.follow()

    again = await stage.now(armed)
    assert (again.state, again.legs[0].state, again.legs[0].attempts) == (ConditionalState.ARMED, LegState.ARMED, 1)
    async with unit_of_work(stage.desk.pool) as uow:
        await controls.resume(uow, scope=f"user:{user}", user_id=1)
    stage.at(80)
    assert await stage.turn() == 0  # it waits a second before it tries again
    stage.clock.go_on(seconds=1)
    stage.at(80)
    assert await stage.turn() == 1
    assert (await stage.now(armed)).state is ConditionalState.DONE
    assert [order.state for order in await stage.orders(armed)] == [OrderState.DENIED, OrderState.FILLED]


async def test_nothing_left_to_sell_fails_and_is_told_in_a_message_of_its_own(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, stop(90)))
    await stage.desk.trade(sell(user, 1))
    stage.at(80)
    assert await stage.turn() == 0

    after = await stage.now(armed)
    assert (after.state, after.reason) == (ConditionalState.FAILED, "nothing_to_sell")
    keys = {row["message_key"] for row in await stage.desk.pool.fetch("select message_key from outbox_chat where screen = 'conditional'")}
    assert len(keys) == 2


async def test_what_other_orders_hold_is_waited_for(stage: Stage) -> None:
    user = await stage.holder(1)
    resting = await stage.arm(wants(user, stop(100, limit=500)))
    stage.at(100)
    assert await stage.turn() == 1
    armed = await stage.arm(wants(user, stop(90)))
    stage.at(80)
    assert await stage.turn() == 0
    held = await stage.now(armed)
    assert (held.state, held.reason_params["why"]) == (ConditionalState.ARMED, "held_by_orders")

    async with unit_of_work(stage.desk.pool) as uow:
        await stage.service.cancel(uow, user_id=user, conditional_id=resting.id)
    for order in await stage.orders(resting):
        await stage.desk.trading.cancel_order(order.id)
    stage.at(80)
    assert await stage.turn() == 1
    assert (await stage.now(armed)).state is ConditionalState.DONE


async def test_an_order_that_is_refused_for_good_fails_it(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, stop(90)))
    stage.at(80)
    await stage.turn(place=False)
    await stage.desk.pool.execute("update users set standing = 'frozen' where id = $1", user)
    await stage.place()
    await stage.evaluator.follow()

    after = await stage.now(armed)
    assert (after.state, after.reason) == (ConditionalState.FAILED, "account_frozen")


async def test_two_evaluators_and_many_turns_emit_once(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, stop(90)))
    other = stage.service.evaluator()
    await other.load()
    stage.at(80)

    await asyncio.gather(*(one.evaluate([SYMBOL]) for one in (stage.evaluator, other, stage.evaluator, other)))
    await stage.restart()
    await stage.turn()

    assert len(await stage.orders(armed)) == 1
    assert (await stage.now(armed)).state is ConditionalState.DONE


async def test_an_evaluator_that_lost_its_lease_emits_nothing(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, stop(90)))
    lease = await leases.acquire(stage.desk.pool, "conditional", "a", timedelta(seconds=60))
    assert lease is not None
    stale = stage.service.evaluator(lease)
    await stale.load()
    await leases.release(stage.desk.pool, lease)
    assert await leases.acquire(stage.desk.pool, "conditional", "b", timedelta(seconds=60)) is not None
    stage.at(80)

    with pytest.raises(LeaseLost):
        await stale.evaluate([SYMBOL])

    assert await stage.orders(armed) == []
    assert (await stage.now(armed)).state is ConditionalState.ARMED


async def test_a_cancel_before_the_trigger_wins(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, stop(90)))
    async with unit_of_work(stage.desk.pool) as uow:
        await stage.service.cancel(uow, user_id=user, conditional_id=armed.id)
    stage.at(80)

    assert await stage.turn() == 0  # the evaluator was not told: the row decides

    assert (await stage.now(armed)).state is ConditionalState.CANCELED
    with pytest.raises(Denied, match="conditional_final"):
        async with unit_of_work(stage.desk.pool) as uow:
            await stage.service.cancel(uow, user_id=user, conditional_id=armed.id)


async def test_a_time_exit_of_a_buy_waits_for_a_price_when_there_is_none(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, leaves_at(stage.clock.now() + timedelta(hours=1))))
    stage.clock.go_on(hours=2)
    assert await stage.turn() == 1  # the book is two hours old: the order is denied

    again = await stage.now(armed)
    assert (again.state, again.reason_params["why"]) == (ConditionalState.ARMED, "price_stale")
    stage.clock.go_on(seconds=2)
    stage.at(100)
    assert await stage.turn() == 1
    assert (await stage.now(armed)).state is ConditionalState.DONE
    assert await stage.desk.balance(user, BTC) == (Decimal(0), Decimal(0))
