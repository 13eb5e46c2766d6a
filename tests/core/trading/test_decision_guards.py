"""What stands behind the risk chain: an order without figures, without prices or decided before is never sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.config.settings import TradingSettings
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied, InvariantViolated
from core.kernel.ids import new_id
from core.market.types import OrderBook
from core.trading import decision, decision_rows, execution, repository
from core.trading.context import TradingLimits
from core.trading.types import OrderState
from core.venues.types import Unknown
from tests.support.books import StaticBooks
from tests.support.desk import QUICK, Desk, buy, make_desk
from tests.support.scripted_venue import scripted_desk


async def nothing_happened(desk: Desk) -> None:
    """No hold, no transaction beyond the grant, no reason, no message but the first."""
    assert await desk.pool.fetchval("select count(*) from ledger_holds") == 0
    assert await desk.pool.fetchval("select count(*) from decisions") == 0
    assert await desk.pool.fetchval("select count(*) from outbox_chat where data->>'state' not in ('INITIALIZED', 'CANCELED')") == 0


@pytest.mark.parametrize("with_book", [True, False], ids=["no figures", "no prices"])
async def test_a_judgment_that_lets_anything_pass_sends_nothing(pool: Pool, monkeypatch: pytest.MonkeyPatch, with_book: bool) -> None:
    desk, venue, _ = await scripted_desk(pool, Unknown("silence"))
    order = await desk.request(buy(await desk.user(), 100))
    judge = vars(decision)["judge"]
    monkeypatch.setattr(decision, "judge", lambda *asked: replace(judge(*asked), verdicts=(), sized=None))
    if not with_book:
        desk.books.remove("BTC/USDT")

    with pytest.raises(ValueError, match="figures" if with_book else "verdict"):
        await desk.trading.place_order(order.id)

    assert (await desk.order(order.id)).state is OrderState.INITIALIZED
    assert venue.requests == []
    await nothing_happened(desk)


async def test_an_order_that_was_ended_meanwhile_is_not_sent_by_a_decision_that_did_not_see_it(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, venue, _ = await scripted_desk(pool, Unknown("silence"))
    user = await desk.user()
    order = await desk.request(buy(user, 100))
    async with unit_of_work(pool) as uow:
        await desk.trading.request_cancel(uow, user_id=user, order_id=order.id)
    read = decision_rows.decision_facts

    async def stale(*arguments: Any, **named: Any) -> Any:
        facts = await read(*arguments, **named)
        assert facts is not None
        return replace(facts, state=OrderState.INITIALIZED)

    monkeypatch.setattr(decision_rows, "decision_facts", stale)
    with pytest.raises(InvariantViolated, match="decided twice"):
        await decision.decide(desk.trading._context, order, await desk.books.book("BTC/USDT"))

    assert ((await desk.order(order.id)).state, venue.requests) == (OrderState.CANCELED, [])
    await nothing_happened(desk)


async def test_an_order_that_is_not_there_is_not_decided(pool: Pool) -> None:
    desk, _, _ = await scripted_desk(pool, Unknown("silence"))
    order = await desk.request(buy(await desk.user(), 100))
    gone = replace(order, id=new_id())

    assert await decision.decide(desk.trading._context, gone, await desk.books.book("BTC/USDT")) is None

    await nothing_happened(desk)


async def test_a_refusal_of_the_ledger_in_other_words_denies_the_order_in_those_words(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, venue, _ = await scripted_desk(pool, Unknown("silence"))

    async def refuse(*_: object, **__: object) -> None:
        raise Denied("holds_are_closed", until=7)

    monkeypatch.setattr("core.trading.decision.ledger.hold", refuse)
    order = await desk.trade(buy(await desk.user(), 100))

    assert (order.state, order.reason, dict(order.reason_params)) == (OrderState.DENIED, "holds_are_closed", {"until": "7"})
    assert venue.requests == []


class Arriving(StaticBooks):
    """Prices that are there from the second look on."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0

    async def book(self, symbol: str) -> OrderBook | None:
        self.looks += 1
        return await super().book(symbol) if self.looks > 1 else None


@pytest.mark.parametrize(("patience", "outcome"), [(60, (OrderState.FILLED, "")), (0, (OrderState.DENIED, "no_price"))])
async def test_an_order_waits_for_a_price_as_long_as_it_was_told(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, patience: int, outcome: tuple[OrderState, str]
) -> None:
    monkeypatch.setattr(execution, "LOOK_AGAIN_S", 0)
    desk = await make_desk(pool, books=Arriving(), limits=replace(QUICK, price_patience=timedelta(seconds=patience)))

    order = await desk.trade(buy(await desk.user(), 100))

    assert (order.state, order.reason) == outcome


def test_the_operators_figures_are_milliseconds() -> None:
    settings = TradingSettings(order_send_window_ms=1_500, price_max_age_ms=2_500, duplicate_window_ms=3_500, price_patience_ms=4_500)

    limits = TradingLimits.from_settings(settings)

    told = (limits.send_window, limits.price_max_age, limits.duplicate_window, limits.price_patience)
    assert told == tuple(timedelta(seconds=seconds) for seconds in (1.5, 2.5, 3.5, 4.5))


async def test_a_request_whose_row_cannot_be_read_promises_nothing(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, _, _ = await scripted_desk(pool, Unknown("silence"))
    user = await desk.user()

    async def nothing(*_: object) -> None:
        return None

    with monkeypatch.context() as patch:
        patch.setattr(repository, "read_order", nothing)
        with pytest.raises(InvariantViolated, match="not there"):
            await desk.request(buy(user, 100))

    for query in ("select count(*) from orders", "select count(*) from outbox_tasks", "select count(*) from outbox_chat"):
        assert await pool.fetchval(query) == 0


async def test_a_key_that_no_order_has_finds_none(pool: Pool) -> None:
    desk, _, _ = await scripted_desk(pool, Unknown("silence"))
    user, other = await desk.user(), await desk.user()
    order = await desk.request(buy(user, 100), key="mine")
    async with unit_of_work(pool) as uow:
        assert (await repository.order_by_key(uow, user, "mine"))[0] == order
        with pytest.raises(LookupError):
            await repository.order_by_key(uow, other, "mine")


async def test_final_orders_are_listed_newest_first_and_are_the_users_own(pool: Pool) -> None:
    desk = await make_desk(pool)
    user, other = await desk.user(), await desk.user()
    done = [await desk.trade(buy(user, amount)) for amount in (10, 20, 1)]
    await desk.trade(buy(other, 10))
    await desk.request(buy(user, 30))
    async with unit_of_work(pool) as uow:
        listed = await desk.trading.finished_orders(uow, user)
        newest = await desk.trading.finished_orders(uow, user, limit=1)

    assert [order.state for order in listed] == [OrderState.DENIED, OrderState.FILLED, OrderState.FILLED]
    assert [order.id for order in listed] == [order.id for order in reversed(done)]
    assert newest == listed[:1]
