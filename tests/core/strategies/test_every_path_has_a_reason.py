"""Random lives of conditional orders: books, partial fills, pauses, cancels, restarts. None ends, or waits, without a reason."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.controls import service as controls
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied
from core.strategies.types import FINAL, Conditional, ConditionalState, LegRole, LegState
from core.trading.types import FINAL_STATES, SizeKind
from core.venues.types import Side
from sandbox.postgres import EmbeddedPostgres
from tests.support.arena import Arena
from tests.support.conditionals import SYMBOL, Stage, leaves_at, make_stage, profit, stop, trail, wants
from tests.support.desk import sell

price = st.integers(60, 140)
deep = st.integers(1, 30)
books = st.tuples(st.just("book"), price, deep)
moves = st.tuples(st.just("moves on the way"), price, deep)
arms = st.tuples(st.just("arm"), st.sampled_from(["stop", "limit", "trail", "tp", "ladder", "oco", "bracket", "exit", "buy"]), price)
others = st.sampled_from(
    [("old book",), ("no book",), ("pause",), ("resume",), ("restart",), ("cancel",), ("sell",), ("wait", 1), ("wait", 90), ("reconcile",)]
)
lives = st.lists(st.one_of(books, books, books, moves, arms, others), min_size=4, max_size=16)


@pytest.fixture(scope="module")
def arena(postgres: EmbeddedPostgres) -> Iterator[Arena]:
    with Arena(postgres, examples_per_database=1000, know_assets=False) as made:
        yield made


async def arm(stage: Stage, user: int, what: str, at: int) -> Conditional | None:
    low, high = max(at - 15, 10), at + 15
    legs = {
        "stop": [stop(low)],
        "limit": [stop(low, limit=max(low - 5, 5))],
        "trail": [trail(bps=500)],
        "tp": [profit(high)],
        "ladder": [profit(high, 4000), profit(high + 10, 6000)],
        "oco": [profit(high), stop(low)],
        "bracket": [profit(high), stop(low)],
        "exit": [leaves_at(stage.clock.now() + timedelta(seconds=30))],
        "buy": [stop(high)],
    }[what]
    command = wants(user, *legs, size=5)
    if what in ("bracket", "buy"):
        command = wants(user, *legs, size=300, kind=SizeKind.QUOTE_AMOUNT, side=Side.BUY, enters=what == "bracket")
    return await stage.arm(command)


async def step(stage: Stage, user: int, armed: list[Conditional], told: tuple[Any, ...]) -> None:
    what, *more = told
    if what == "arm":
        found = await arm(stage, user, more[0], more[1])
        armed.extend([found] if found is not None else [])
    elif what == "cancel":
        if armed:
            await cancel(stage, user, armed[0])
    elif what in MARKET:
        MARKET[what](stage, *more)
    else:
        await DEEDS[what](stage, user)
    await stage.turn()


def book(stage: Stage, at: int, depth: int) -> None:
    stage.book([(at, depth), (at - 5, depth), (at - 30, 500)], [(at + 1, depth), (at + 40, 500)])


def moves_on_the_way(stage: Stage, at: int, depth: int) -> None:
    stage.venue.on_the_way = lambda: stage.book([(at, depth)], [(at + 1, depth)])


async def pause(stage: Stage, user: int) -> None:
    async with unit_of_work(stage.desk.pool) as uow:
        await controls.pause(uow, scope=f"user:{user}", reason="test", user_id=1)


async def resume(stage: Stage, user: int) -> None:
    async with unit_of_work(stage.desk.pool) as uow:
        await controls.resume(uow, scope=f"user:{user}", user_id=1)


async def sell_by_hand(stage: Stage, user: int) -> None:
    await stage.desk.trade(sell(user, 1))


async def restart(stage: Stage, _user: int) -> None:
    await stage.restart()


async def reconcile(stage: Stage, _user: int) -> None:
    await stage.desk.trading.reconcile()


MARKET: dict[str, Callable[..., None]] = {
    "book": book,
    "moves on the way": moves_on_the_way,
    "old book": lambda stage: stage.book([(10, 500)], [(11, 500)], age_s=60),
    "no book": lambda stage: stage.desk.books.remove(SYMBOL),
    "wait": lambda stage, seconds: stage.clock.go_on(seconds=seconds),
}
DEEDS: dict[str, Callable[[Stage, int], Awaitable[None]]] = {
    "pause": pause,
    "resume": resume,
    "restart": restart,
    "sell": sell_by_hand,
    "reconcile": reconcile,
}


async def cancel(stage: Stage, user: int, one: Conditional) -> None:
    with suppress(Denied):  # it ended meanwhile
        async with unit_of_work(stage.desk.pool) as uow:
            await stage.service.cancel(uow, user_id=user, conditional_id=one.id)
    for order in await stage.orders(one):
        await stage.desk.trading.cancel_order(order.id)


async def live(stage: Stage, user: int, steps: list[tuple[Any, ...]]) -> list[Conditional]:
    armed: list[Conditional] = []
    for told in steps:
        await step(stage, user, armed, told)
    stage.clock.go_on(seconds=90)
    stage.book([(100, 1000)], [(101, 1000)])
    for _ in range(2):
        await stage.turn()
        await stage.desk.trading.reconcile()
    stage.clock.go_on(seconds=6)
    await stage.evaluator.keep_evaluations()
    return [await stage.now(one) for one in armed]


async def check(stage: Stage, one: Conditional) -> None:
    reasons = await stage.reasons(one)
    orders = await stage.orders(one)
    assert reasons[0].check == "armed"
    if one.state in FINAL:
        assert reasons[-1].check == "ended"
        assert reasons[-1].inputs["state"] == one.state.value
        assert all(order.state in FINAL_STATES for order in orders)
    for leg in one.exits:
        if leg.state is LegState.ARMED:
            assert leg.last_evaluation is not None
            assert leg.last_evaluation["outcome"]
    if one.state is ConditionalState.TRIGGERED:
        assert any(order.state not in FINAL_STATES for order in orders)
    sold = sum((order.filled_quantity for order in orders if order.side is Side.SELL), Decimal(0))
    if one.quantity is not None:
        assert sold <= one.quantity
    emitted = [reason for reason in reasons if reason.check == "triggered" and reason.verdict == "passed"]
    assert len(emitted) == len(orders)
    assert all(reason.inputs.keys() >= {"leg", "order_id", "size"} for reason in emitted)
    assert {leg.role for leg in one.legs} != {LegRole.ENTRY}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(steps=lives)
def test_each_ends_with_a_reason_or_waits_with_a_last_evaluation(arena: Arena, steps: list[tuple[Any, ...]]) -> None:
    arena.fresh()

    async def scenario() -> None:
        stage = await make_stage(arena.pool)
        user = await stage.holder(20)
        for one in await live(stage, user, steps):
            await check(stage, one)
        await stage.desk.require_clean()
        await arena.pool.execute("update conditional_orders set state = 'CANCELED' where state in ('ARMED', 'TRIGGERED')")

    arena.run(scenario())
