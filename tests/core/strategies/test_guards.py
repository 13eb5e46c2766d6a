"""What stands behind the evaluator: an emission that trading refuses, a word that comes too late, rows that are gone, a lost lease."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from core.adapters.venues.paper.trouble import Trouble
from core.db import leases
from core.db.leases import Lease
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied, IdempotencyConflict, LeaseLost
from core.kernel.ids import new_id
from core.strategies import emission, following
from core.strategies.context import StrategyContext
from core.strategies.emission import Trigger
from core.strategies.types import Conditional, ConditionalState, Evaluation, LegState, Outcome
from core.trading.types import OrderState, SizeKind
from core.venues.types import Side
from tests.support.conditionals import Stage, make_stage, profit, stop, trail, wants
from tests.support.desk import buy


@pytest.fixture
async def stage(pool: Pool) -> Stage:
    return await make_stage(pool)


def context(stage: Stage) -> StrategyContext:
    return stage.service._context


def met(stage: Stage, conditional: Conditional, number: int = 1) -> Trigger:
    return Trigger(conditional.id, number, Evaluation(Outcome.MET, stage.clock.now(), stage.clock.now()))


async def nothing(*_: object, **__: object) -> None:
    return None


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (Denied("account_frozen"), "account_frozen"),
        (IdempotencyConflict("another request"), "not_accepted"),
        (ValueError("no such order"), "not_accepted"),
    ],
)
async def test_what_trading_would_not_take_fails_and_nothing_of_the_attempt_is_left(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, refusal: Exception, reason: str
) -> None:
    armed = await stage.arm(wants(await stage.holder(1), stop(90)))
    other = await stage.arm(wants(await stage.holder(1), stop(90)))
    request_order = stage.desk.trading.request_order

    async def refuse(uow: Any, command: Any, **named: Any) -> Any:
        order = await request_order(uow, command, **named)
        if command.parent == armed.id:
            raise refusal
        return order

    monkeypatch.setattr(stage.desk.trading, "request_order", refuse)
    stage.at(80)

    assert await stage.turn() == 1, "the other one's order"

    after = await stage.now(armed)
    assert (after.state, after.reason, after.legs[0].state) == (ConditionalState.FAILED, reason, LegState.FAILED)
    assert await stage.orders(armed) == []
    assert [one.reason for one in await stage.reasons(armed) if one.verdict == "denied"] == [reason] * 3
    assert (await stage.now(other)).state is ConditionalState.DONE


@pytest.mark.parametrize("act", ["emit", "refuse", "expire"])
async def test_a_word_about_what_ended_meanwhile_changes_nothing(stage: Stage, act: str) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, stop(90)))
    async with unit_of_work(stage.desk.pool) as uow:
        ended = await stage.service.cancel(uow, user_id=user, conditional_id=armed.id)
    said = len(await stage.reasons(armed))
    stage.clock.go_on(days=100)

    assert await WORDS[act](stage, None, armed) == await stage.now(armed)

    assert (ended.state, (await stage.now(armed)).state) == (ConditionalState.CANCELED, ConditionalState.CANCELED)
    assert len(await stage.reasons(armed)) == said
    assert await stage.orders(armed) == []


@pytest.mark.parametrize("act", ["emit", "refuse", "expire", "follow"])
async def test_what_is_gone_is_left_alone(stage: Stage, act: str) -> None:
    armed = await stage.arm(wants(await stage.holder(1), stop(90)))
    gone = replace(armed, id=new_id())

    assert await WORDS[act](stage, None, gone) is None

    assert await stage.now(armed) == armed


@pytest.mark.parametrize("act", ["emit", "refuse", "expire", "follow"])
async def test_without_its_lease_nobody_changes_anything(stage: Stage, act: str) -> None:
    armed = await stage.arm(wants(await stage.holder(1), stop(90)))
    lease = await leases.acquire(stage.desk.pool, "conditional", "a", timedelta(seconds=60))
    assert lease is not None
    await leases.release(stage.desk.pool, lease)
    stage.clock.go_on(days=100)

    with pytest.raises(LeaseLost):
        await WORDS[act](stage, lease, armed)

    assert await stage.now(armed) == armed
    assert await stage.orders(armed) == []


async def test_an_evaluator_that_is_told_of_nothing_goes_on(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await stage.arm(wants(await stage.holder(1), stop(90)))
    with monkeypatch.context() as patch:
        patch.setattr(emission, "emit", nothing)
        patch.setattr(emission, "expire", nothing)
        stage.at(80)
        assert await stage.turn() == 0
        stage.clock.go_on(days=100)
        assert await stage.turn() == 0
    stage.at(80)
    assert await stage.turn() == 1


async def test_an_instrument_that_went_away_fails_what_triggers_on_it(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    armed = await stage.arm(wants(await stage.holder(1), stop(90)))
    stage.at(80)
    with monkeypatch.context() as patch:
        patch.setattr(emission, "market", SimpleNamespace(instrument=nothing))
        assert await stage.turn() == 0

    after = await stage.now(armed)
    assert (after.state, after.reason) == (ConditionalState.FAILED, "unknown_instrument")


async def test_what_an_order_did_is_kept_for_when_its_instrument_is_known_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    armed = await stage.arm(wants(await stage.holder(1), stop(90)))
    stage.at(80)
    with monkeypatch.context() as patch:
        patch.setattr(following, "market", SimpleNamespace(instrument=nothing))
        await stage.evaluator.evaluate(["BTC/USDT"])
        await stage.place()
        await stage.evaluator.follow()
        assert (await stage.now(armed)).state is ConditionalState.TRIGGERED
    await stage.evaluator.follow()

    assert (await stage.now(armed)).state is ConditionalState.DONE


async def test_the_second_of_a_pair_emits_nothing_for_what_the_first_ones_order_sells(stage: Stage) -> None:
    """An evaluation from before the first one's order is looked at again under the row's lock."""
    armed = await stage.arm(wants(await stage.holder(1), profit(150), stop(80)))
    stage.at(150)
    assert await stage.turn(place=False) == 1
    [order] = await stage.orders(armed)

    after = await emission.emit(context(stage), None, met(stage, armed, 2))

    assert after == await stage.now(armed)
    assert after.leg(2).state is LegState.ARMED
    assert await stage.orders(armed) == [order]


async def test_while_its_entry_is_at_work_a_bracket_does_not_expire(pool: Pool) -> None:
    stage = await make_stage(pool, trouble=Trouble(rests=100, rest_for=timedelta(days=200)))
    user = await stage.desk.user()
    stage.at(99)
    armed = await stage.arm(wants(user, profit(150), stop(80), size=10, side=Side.BUY, enters=True))
    await stage.turn()
    entering = await stage.now(armed)
    assert (entering.state, entering.legs[0].state) == (ConditionalState.ARMED, LegState.TRIGGERED)
    stage.clock.go_on(days=100)

    await stage.turn()

    assert await stage.now(armed) == entering


async def test_a_cancel_after_its_order_ended_leaves_the_word_to_the_order(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, stop(90)))
    stage.at(80)
    await stage.turn(place=False)
    await stage.place()
    async with unit_of_work(stage.desk.pool) as uow:
        asked = await stage.service.cancel(uow, user_id=user, conditional_id=armed.id)
        assert await stage.service.cancel(uow, user_id=user, conditional_id=armed.id) == asked
    await stage.evaluator.refresh([armed.id])
    await stage.evaluator.follow()

    assert asked.cancel_requested
    assert [one.check for one in await stage.reasons(armed)].count("cancel_requested") == 1, "asking twice is asking once"
    assert [order.state for order in await stage.orders(armed)] == [OrderState.FILLED]
    assert (await stage.now(armed)).state is ConditionalState.DONE


async def test_a_refusal_to_cancel_the_order_in_other_words_cancels_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, stop(90, limit=89)))
    stage.at(88)
    await stage.turn()
    before = await stage.now(armed)

    async def refuse(*_: object, **__: object) -> None:
        raise Denied("not_now")

    monkeypatch.setattr(stage.desk.trading, "request_cancel", refuse)
    with pytest.raises(Denied, match="not_now"):
        async with unit_of_work(stage.desk.pool) as uow:
            await stage.service.cancel(uow, user_id=user, conditional_id=armed.id)

    assert await stage.now(armed) == before


async def test_a_trail_first_seen_by_the_round_of_evaluations_keeps_its_best_price(stage: Stage) -> None:
    armed = await stage.arm(wants(await stage.holder(1), trail(bps=1000)))
    stage.clock.go_on(seconds=6)
    stage.at(120)
    await stage.evaluator.keep_evaluations()

    assert (await stage.now(armed)).legs[0].best_price == 120
    stage.at(107)
    assert await stage.turn() == 1


async def test_a_users_own_are_listed_open_ones_oldest_first_and_recent_ones_newest_first(stage: Stage) -> None:
    user, other = await stage.holder(1), await stage.holder(1)
    first, second, third = [await stage.arm(wants(user, stop(price))) for price in (90, 80, 70)]
    await stage.arm(wants(other, stop(60)))
    async with unit_of_work(stage.desk.pool) as uow:
        ended = await stage.service.cancel(uow, user_id=user, conditional_id=second.id)
    async with unit_of_work(stage.desk.pool) as uow:
        assert await stage.service.open_ones(uow, user) == [first, third]
        assert await stage.service.recent(uow, user) == [third, ended, first]
        assert await stage.service.recent(uow, user, 2) == [third, ended]


async def test_a_share_of_nothing_buys_nothing(stage: Stage) -> None:
    user = await stage.desk.user()
    stage.at(99)
    await stage.desk.trade(buy(user, 100, SizeKind.PERCENT))

    with pytest.raises(Denied, match="insufficient_funds"):
        await stage.arm(wants(user, stop(200), size="0.0000000001", kind=SizeKind.PERCENT, side=Side.BUY))


async def emit(stage: Stage, lease: Lease | None, conditional: Conditional) -> Conditional | None:
    return await emission.emit(context(stage), lease, met(stage, conditional))


async def refuse(stage: Stage, lease: Lease | None, conditional: Conditional) -> Conditional | None:
    return await emission.refuse(context(stage), lease, met(stage, conditional), "not_accepted")


async def expire(stage: Stage, lease: Lease | None, conditional: Conditional) -> Conditional | None:
    return await emission.expire(context(stage), lease, conditional.id)


async def follow(stage: Stage, lease: Lease | None, conditional: Conditional) -> Conditional | None:
    return await following.follow_one(context(stage), lease, conditional.id)


WORDS: dict[str, Callable[[Stage, Lease | None, Conditional], Awaitable[Conditional | None]]] = {
    "emit": emit,
    "refuse": refuse,
    "expire": expire,
    "follow": follow,
}
