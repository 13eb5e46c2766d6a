"""Arming and taking back: sizes, keys, limits, owners, previews."""

from dataclasses import replace
from decimal import Decimal

import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied, IdempotencyConflict
from core.strategies.context import StrategyLimits
from core.strategies.types import ConditionalState
from core.trading.types import SizeKind
from core.venues.types import Side
from tests.support.conditionals import Stage, make_stage, profit, stop, wants


@pytest.fixture
async def stage(pool: Pool) -> Stage:
    return await make_stage(pool)


async def test_nobody_cancels_anothers(stage: Stage) -> None:
    user, other = await stage.holder(1), await stage.desk.user()
    armed = await stage.arm(wants(user, stop(90)))
    with pytest.raises(Denied, match="conditional_not_found"):
        async with unit_of_work(stage.desk.pool) as uow:
            await stage.service.cancel(uow, user_id=other, conditional_id=armed.id)
    async with unit_of_work(stage.desk.pool) as uow:
        assert await stage.service.find(uow, other, armed.id.hex[-8:]) is None
        assert await stage.service.find(uow, user, armed.id.hex[-8:].upper()) == armed


async def test_an_armed_one_expires(stage: Stage) -> None:
    user = await stage.holder(1)
    armed = await stage.arm(wants(user, stop(90)))
    stage.clock.go_on(days=90)
    stage.at(80)
    await stage.evaluator.by_clock()

    assert (await stage.now(armed)).state is ConditionalState.EXPIRED
    assert await stage.turn() == 0


async def test_the_same_key_arms_once_and_another_request_is_refused(stage: Stage) -> None:
    user = await stage.holder(1)
    first = await stage.arm(wants(user, stop(90)), "k")

    assert (await stage.arm(wants(user, stop("90.0")), "k")).id == first.id
    with pytest.raises(IdempotencyConflict):
        await stage.arm(wants(user, stop(91)), "k")
    assert await stage.desk.pool.fetchval("select count(*) from conditional_orders") == 1


async def test_a_share_is_fixed_when_it_is_armed(stage: Stage) -> None:
    user = await stage.holder(2)
    armed = await stage.arm(wants(user, stop(90), size=50, kind=SizeKind.PERCENT))
    spends = await stage.arm(wants(user, stop(200), size=10, kind=SizeKind.PERCENT, side=Side.BUY))

    assert (armed.quantity, armed.budget) == (Decimal(1), None)
    assert spends.budget is not None
    assert 970 < spends.budget < 1000


async def test_a_share_of_nothing_is_refused(stage: Stage) -> None:
    user = await stage.desk.user()
    with pytest.raises(Denied, match="nothing_to_sell"):
        await stage.arm(wants(user, stop(90), size=50, kind=SizeKind.PERCENT))


async def test_what_is_not_traded_is_refused(stage: Stage) -> None:
    user = await stage.desk.user()
    with pytest.raises(Denied, match="unknown_instrument"):
        await stage.arm(replace(wants(user, stop(90)), symbol="X/Y"))


async def test_a_user_has_no_more_than_so_many(pool: Pool) -> None:
    stage = await make_stage(pool, StrategyLimits(most_live=2))
    user = await stage.holder(1)
    for _ in range(2):
        await stage.arm(wants(user, stop(90)))
    with pytest.raises(Denied, match="too_many_conditionals"):
        await stage.arm(wants(user, stop(90)))


async def test_a_preview_shows_the_distance_and_leaves_nothing(stage: Stage) -> None:
    user = await stage.holder(1)
    stage.at(100)
    shown = await stage.service.preview(wants(user, profit(150), stop(80)))

    assert {number: one.distance_bps for number, one in shown.evaluations.items()} == {1: 5000, 2: 2000}
    for table in ("conditional_orders", "conditional_legs"):
        assert await stage.desk.pool.fetchval(f"select count(*) from {table}") == 0  # noqa: S608
    with pytest.raises(Denied, match="trigger_met"):
        await stage.service.preview(wants(user, stop(101)))
    bracket = await stage.service.preview(
        wants(user, profit(150), stop(80), size=1000, kind=SizeKind.QUOTE_AMOUNT, side=Side.BUY, enters=True)
    )
    assert bracket.evaluations[2].trigger == 80
