"""Every way in which an order is denied, with the figures that let the chat say why; and that a preview says the same."""

from __future__ import annotations

import asyncio
import contextvars
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.controls.service import pause, resume
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied, Unavailable
from core.market.service import save_instruments
from core.trading.types import Order, OrderCommand, OrderState, SizeKind
from core.users.service import set_standing
from tests.support.desk import BTC_USDT, QUICK, Desk, buy, make_desk, sell
from tests.support.waiting import eventually


@pytest.fixture
async def desk(pool: Pool) -> Desk:
    return await make_desk(pool)


async def denied(desk: Desk, command: OrderCommand, *, previewed: bool = True) -> tuple[str, dict[str, Any]]:
    """The denial of an order: in its row, its message, its reasons, and (where it can be) in a preview; nothing is held or sent."""
    before = await desk.balance(command.user_id)
    if previewed:
        preview = await desk.trading.preview(command)
    order = await desk.trade(command)
    assert order.state is OrderState.DENIED
    assert (await desk.messages(order))[-1]["reason"] == order.reason
    assert (await desk.reasons(order))[-1][1:] == ("denied", order.reason)
    assert await desk.balance(command.user_id) == before
    assert await desk.pool.fetchval("select count(*) from paper_venue_orders where client_order_id like $1", f"%{order.id.hex}") == 0
    if previewed:
        assert (preview.denial, dict(preview.denial_params)) == (order.reason, dict(order.reason_params))
    return order.reason, dict(order.reason_params)


@pytest.mark.parametrize("scope", ["global", "venue:paper", "instrument:BTC/USDT", "user"])
async def test_paused_in_each_scope(desk: Desk, scope: str) -> None:
    user = await desk.user()
    scope = f"user:{user}" if scope == "user" else scope
    async with unit_of_work(desk.pool) as uow:
        await pause(uow, scope=scope, reason="maintenance", user_id=1)

    assert await denied(desk, buy(user, 10)) == ("paused", {"scope": scope, "reason": "maintenance"})

    async with unit_of_work(desk.pool) as uow:
        await resume(uow, scope=scope, user_id=1)
    assert (await desk.trade(buy(user, 10))).state is OrderState.FILLED


@pytest.mark.parametrize("scope", ["venue:other", "instrument:ETH/USDT", "user:999999"])
async def test_a_pause_elsewhere_stops_nothing(desk: Desk, scope: str) -> None:
    async with unit_of_work(desk.pool) as uow:
        await pause(uow, scope=scope, reason="", user_id=1)

    assert (await desk.trade(buy(await desk.user(), 10))).state is OrderState.FILLED


async def test_unknown_instrument(desk: Desk) -> None:
    user = await desk.user()
    command = replace(buy(user, 10), symbol="DOGE/USDT")
    assert await denied(desk, command, previewed=False) == ("unknown_instrument", {"symbol": "DOGE/USDT", "venue": "paper"})
    with pytest.raises(Denied, match="unknown_instrument"):
        await desk.trading.preview(command)


async def test_an_instrument_that_is_not_traded_any_more(desk: Desk) -> None:
    async with unit_of_work(desk.pool) as uow:
        await save_instruments(uow, [replace(BTC_USDT, active=False)])
    assert (await denied(desk, buy(await desk.user(), 10)))[0] == "unknown_instrument"


async def test_live_not_available(desk: Desk) -> None:
    command = replace(buy(await desk.user(), 10), venue="binance")
    assert await denied(desk, command, previewed=False) == ("live_not_available", {"venue": "binance"})


async def test_below_minimum_notional(desk: Desk) -> None:
    user = await desk.user()
    assert await denied(desk, buy(user, 1)) == ("below_minimum_notional", {"minimum": "5", "notional": "0.999", "asset": "USDT"})
    assert (await denied(desk, buy(user, "0.0001")))[0] == "below_minimum_notional"
    assert (await denied(desk, buy(user, "0.000001", SizeKind.BASE_QUANTITY)))[0] == "below_minimum_notional"


async def test_insufficient_funds(desk: Desk) -> None:
    user = await desk.user()
    desk.books.set("BTC/USDT", asks=[(100, 10_000)])
    expected = {"asset": "USDT", "available": "10000", "needed": "10001"}
    assert await denied(desk, buy(user, 10_001)) == ("insufficient_funds", expected)
    assert (await denied(desk, sell(user, 1)))[1] == {"asset": "BTC", "available": "0", "needed": "1"}
    await desk.trade(buy(user, 100, SizeKind.PERCENT))
    assert (await denied(desk, buy(user, 50, SizeKind.PERCENT)))[0] in {"insufficient_funds", "below_minimum_notional"}


async def test_nothing_to_sell(desk: Desk) -> None:
    user = await desk.user()
    assert await denied(desk, sell(user, 50, SizeKind.PERCENT)) == ("nothing_to_sell", {"asset": "BTC"})
    assert await denied(desk, sell(user, 1, SizeKind.INITIALS)) == ("nothing_to_sell", {"asset": "BTC"})


async def test_not_enough_depth(desk: Desk) -> None:
    user = await desk.user()
    assert await denied(desk, buy(user, 9_000)) == ("not_enough_depth", {"available": "5300", "asset": "USDT"})
    assert await denied(desk, buy(user, 13, SizeKind.BASE_QUANTITY)) == ("not_enough_depth", {"available": "12", "asset": "BTC"})


async def test_a_size_beyond_all_numbers_is_denied_not_broken(desk: Desk) -> None:
    user = await desk.user()
    for command in (
        buy(user, "9" * 29),
        buy(user, "9" * 29, SizeKind.BASE_QUANTITY),
        sell(user, "9" * 29),
        sell(user, "9" * 29, SizeKind.QUOTE_AMOUNT),
    ):
        assert (await denied(desk, command))[0] == "not_enough_depth"


async def test_no_price_and_a_stale_one(desk: Desk) -> None:
    user = await desk.user()
    desk.books.set("BTC/USDT", observed_at=desk.clock.now() - timedelta(minutes=2))
    stale = await desk.trade(buy(user, 10))
    assert (stale.reason, stale.reason_params["limit_ms"]) == ("price_stale", "30000")
    assert int(stale.reason_params["age_ms"]) >= 120_000
    desk.books.remove("BTC/USDT")
    assert await denied(desk, buy(user, 10)) == ("no_price", {"symbol": "BTC/USDT"})


async def test_prices_that_cannot_be_read_decide_nothing(desk: Desk) -> None:
    order = await desk.request(buy(await desk.user(), 10))
    desk.books.failure = Unavailable("valkey is away")
    with pytest.raises(Unavailable):
        await desk.trading.place_order(order.id)
    assert (await desk.order(order.id)).state is OrderState.INITIALIZED

    desk.books.failure = None
    await desk.trading.place_order(order.id)
    assert (await desk.order(order.id)).state is OrderState.FILLED


async def test_a_duplicate_within_seconds(pool: Pool) -> None:
    desk = await make_desk(pool, limits=replace(QUICK, duplicate_window=timedelta(minutes=1)))
    user = await desk.user()
    first = await desk.trade(buy(user, 10))
    again = await desk.trade(buy(user, "10.0"))

    assert first.state is OrderState.FILLED
    assert (again.reason, again.reason_params["order"]) == ("duplicate", str(first.id))
    for other in (buy(user, 11), sell(user, "0.06"), buy(await desk.user(), 10)):
        assert (await desk.trade(other)).state is OrderState.FILLED


async def test_of_two_equal_orders_the_first_passes_whichever_is_decided_first(pool: Pool) -> None:
    desk = await make_desk(pool, limits=replace(QUICK, duplicate_window=timedelta(minutes=1)))
    user = await desk.user()
    first, second = await desk.request(buy(user, 10)), await desk.request(buy(user, 10))
    await desk.trading.place_order(second.id)
    await desk.trading.place_order(first.id)

    assert [(await desk.order(one.id)).state for one in (first, second)] == [OrderState.FILLED, OrderState.DENIED]


async def test_a_frozen_account(desk: Desk) -> None:
    user = await desk.user()
    async with unit_of_work(desk.pool) as uow:
        await set_standing(uow, user, "frozen")
    assert await denied(desk, buy(user, 10)) == ("account_frozen", {})


async def test_a_preview_says_what_then_happens_and_leaves_no_trace(desk: Desk) -> None:
    user = await desk.user()
    preview = await desk.trading.preview(buy(user, 1001))
    for table in ("orders", "decisions", "ledger_holds", "outbox_chat"):
        assert await desk.pool.fetchval(f"select count(*) from {table}") == 0  # noqa: S608

    order: Order = await desk.trade(buy(user, 1001))

    assert preview.denial == ""
    assert preview.quantity == order.filled_quantity
    assert preview.venue_fee is not None
    assert preview.venue_fee.units == order.venue_fee_units
    assert preview.total is not None
    assert preview.total.to_decimal() == 10_000 - (await desk.balance(user))[0]
    assert preview.limit_price == order.limit_price == Decimal(505)  # 1 % over the worst level that is needed
    assert preview.minimum_received is not None
    assert preview.minimum_received.to_decimal() <= order.filled_quantity
    assert preview.price_impact_bps == 19_412
    assert preview.source is not None


async def test_a_preview_of_a_repeat_says_so_as_the_decision_would(pool: Pool) -> None:
    desk = await make_desk(pool, limits=replace(QUICK, duplicate_window=timedelta(minutes=1)))
    user = await desk.user()
    assert (await desk.trading.preview(buy(user, 10))).denial == ""
    first = await desk.trade(buy(user, 10))

    preview = await desk.trading.preview(buy(user, 10))

    assert (preview.denial, preview.denial_params["order"]) == ("duplicate", str(first.id))
    assert (await desk.trading.preview(buy(user, 11))).denial == ""


async def test_a_preview_tries_the_hold_and_says_what_the_ledger_says(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    user = await desk.user()

    async def refuse(*_: object, **__: object) -> None:
        raise Denied("insufficient_funds", asset="paper:USDT", available="1", needed="2")

    monkeypatch.setattr("core.trading.decision.ledger.hold", refuse)

    preview = await desk.trading.preview(buy(user, 10))

    assert (preview.denial, preview.denial_params["asset"]) == ("insufficient_funds", "USDT")


@pytest.mark.parametrize("state", ["CANCELED", "EXPIRED", "REJECTED", "DENIED"])
async def test_an_order_that_came_to_nothing_makes_no_duplicate(pool: Pool, state: str) -> None:
    desk = await make_desk(pool, limits=replace(QUICK, duplicate_window=timedelta(minutes=1)))
    user = await desk.user()
    await pool.execute("update orders set state = $2 where id = $1", (await desk.request(buy(user, 10))).id, state)

    assert (await desk.trade(buy(user, 10))).state is OrderState.FILLED


async def test_an_order_that_ended_after_a_fill_makes_a_duplicate(pool: Pool) -> None:
    desk = await make_desk(pool, limits=replace(QUICK, duplicate_window=timedelta(minutes=1)))
    user = await desk.user()
    await pool.execute("update orders set state = 'CANCELED' where id = $1", (await desk.trade(buy(user, 10))).id)

    assert (await desk.trade(buy(user, 10))).reason == "duplicate"


async def test_a_decision_waits_for_a_freeze_that_is_under_way(desk: Desk) -> None:
    user = await desk.user()
    order = await desk.request(buy(user, 10))
    async with unit_of_work(desk.pool) as uow:
        await set_standing(uow, user, "frozen")
        placing = asyncio.create_task(desk.trading.place_order(order.id), context=contextvars.Context())
        await eventually(lambda: waits_for_a_lock(desk.pool))

    await placing

    assert (await desk.order(order.id)).reason == "account_frozen"


async def waits_for_a_lock(pool: Pool) -> bool:
    return bool(await pool.fetchval("select count(*) from pg_locks where not granted"))
