"""Facts from the real database: what orders, fills, holds and positions leave is what the limits look at; limits keep their history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import asyncpg
import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.clock import ManualClock
from core.kernel.errors import IdempotencyConflict
from core.market.service import save_instruments
from core.risk import service
from core.risk.facts import OrderTerms, RiskFacts
from core.risk.limits import DEFAULTS, Limit
from core.trading.types import OrderCommand, OrderState, SizeKind
from core.users.service import set_tier
from tests.support.books import TEST_SOURCE
from tests.support.desk import BTC, BTC_USDT, Desk, buy, make_desk, sell

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
async def desk(pool: Pool) -> Desk:
    return await make_desk(pool, clock=ManualClock(START))


async def facts(desk: Desk, user: int, *, symbol: str = "BTC/USDT", remember: bool = True, mark: str | None = None) -> RiskFacts:
    async with unit_of_work(desk.pool) as uow:
        return await service.facts(
            uow,
            user_id=user,
            venue="paper",
            symbol=symbol,
            now=desk.clock.now(),
            marks={} if mark is None else {"BTC/USDT": Decimal(mark)},
            remember=remember,
        )


async def limit(desk: Desk, scope: str, name: str, value: object, **more: object) -> None:
    async with unit_of_work(desk.pool) as uow:
        said = None if value is None else Decimal(str(value))
        await service.set_limit(uow, scope=scope, name=name, value=said, set_by="test", **more)  # type: ignore[arg-type]


async def reason(desk: Desk, command: OrderCommand) -> str:
    preview, order = await desk.trading.preview(command), await desk.trade(command)
    assert preview.denial == order.reason
    assert (order.state is OrderState.DENIED) == bool(order.reason)
    return order.reason


def later(desk: Desk, span: timedelta) -> None:
    assert isinstance(desk.clock, ManualClock)
    desk.clock.advance(span)
    desk.books.set("BTC/USDT", observed_at=desk.clock.now())


async def test_an_account_that_did_nothing(desk: Desk) -> None:
    assert await facts(desk, await desk.user()) == RiskFacts(quote_asset="paper:USDT", cash=Decimal(10_000))


async def test_nobody_and_nothing_have_facts_too(desk: Desk) -> None:
    assert (await facts(desk, 999)).equity == 0
    assert await facts(desk, await desk.user(), symbol="NO/SUCH") == RiskFacts()


async def test_a_fill_is_in_cash_position_and_counts(desk: Desk) -> None:
    user = await desk.user()
    await desk.trade(buy(user, "100.1"))
    found = await facts(desk, user)
    assert (found.cash, found.positions_value, found.position_value) == (Decimal("9899.9"), Decimal("100.1"), Decimal("100.1"))
    assert (found.sent, found.oldest_sent, found.in_flight) == (1, START, 0)
    marked = await facts(desk, user, mark="250.5")
    assert (marked.position_value, marked.equity, marked.profit) == (Decimal("250.5"), Decimal("10150.4"), Decimal(0))
    later(desk, timedelta(seconds=60))
    assert (await facts(desk, user)).sent == 0


async def test_an_open_order_is_in_flight_with_what_it_may_still_spend(desk: Desk) -> None:
    user = await desk.user()
    order = await desk.trade(buy(user, "100.1"))
    await desk.pool.execute("update orders set state = 'ACCEPTED' where id = $1", order.id)
    assert (await facts(desk, user)).in_flight == 1
    assert (await facts(desk, user)).open_buys == 0, "its hold is spent"


async def test_a_loss_is_counted_on_its_day(desk: Desk, pool: Pool) -> None:
    user = await desk.user()
    await desk.trade(buy(user, "100.1"))
    await desk.trade(sell(user, "0.5"))
    lost = await pool.fetchval("select sum(realized_pnl) from positions where user_id = $1", user)
    assert lost < 0
    today = datetime.now(UTC).date()
    assert [tuple(row) for row in await pool.fetch("select day, realized from risk_daily_results where user_id = $1", user)] == [
        (today, lost)
    ]
    async with unit_of_work(pool) as uow:
        asked = {"user_id": user, "venue": "paper", "symbol": "BTC/USDT"}
        now = await service.facts(uow, now=datetime.now(UTC), **asked)  # type: ignore[arg-type]
        yesterday = await service.facts(uow, now=datetime.now(UTC) - timedelta(days=1), **asked)  # type: ignore[arg-type]
    assert (now.realized_today, now.profit) == (lost.scaleb(-8), lost.scaleb(-8))
    assert yesterday.realized_today == 0


async def test_a_daily_loss_stops_buying_not_selling(desk: Desk) -> None:
    desk = replace(desk, clock=ManualClock(datetime.now(UTC)))
    desk = await make_desk(desk.pool, clock=desk.clock)
    user = await desk.user()
    await desk.trade(buy(user, "100.1"))
    await limit(desk, f"user:{user}", "daily_loss:USDT", 5)
    assert await reason(desk, sell(user, "0.5")) == ""
    assert await reason(desk, buy(user, 20)) == "daily_loss"
    assert await reason(desk, sell(user, "0.4")) == ""


async def test_the_breaker_opens_until_midnight_and_the_peak_begins_anew(desk: Desk, pool: Pool) -> None:
    user = await desk.user()
    await desk.trade(buy(user, "100.1"))
    await limit(desk, "global", "drawdown_bps", 4)
    await limit(desk, "venue:paper", "drawdown_bps", None)
    await limit(desk, "venue:paper", "drawdown_bps", 4)
    await desk.trade(sell(user, "0.5"))
    assert await reason(desk, buy(user, 20)) == "drawdown"
    assert await reason(desk, buy(user, 20)) == "breaker_open"
    assert await reason(desk, sell(user, "0.1")) == "", "who is losing can leave"
    row = await pool.fetchrow("select tripped_at, tripped_until from risk_accounts where user_id = $1", user)
    assert row is not None
    assert (row["tripped_at"], row["tripped_until"]) == (START, START.replace(day=2, hour=0))
    later(desk, timedelta(hours=12))
    assert await reason(desk, buy(user, 20)) == ""
    assert await pool.fetchval("select tripped_until from risk_accounts where user_id = $1", user) is None


async def test_a_preview_never_opens_the_breaker_or_keeps_a_peak(desk: Desk, pool: Pool) -> None:
    user = await desk.user()
    await facts(desk, user, remember=False)
    await desk.trading.preview(buy(user, 20))
    assert await pool.fetchval("select count(*) from risk_accounts where user_id = $1", user) == 0


async def test_an_operator_closes_the_breaker(desk: Desk) -> None:
    user = await desk.user()
    await desk.trade(buy(user, "100.1"))
    await limit(desk, "venue:paper", "drawdown_bps", 4)
    await desk.trade(sell(user, "0.5"))
    assert await reason(desk, buy(user, 20)) == "drawdown"
    async with unit_of_work(desk.pool) as uow:
        assert await service.close_breakers(uow, user, desk.clock.now()) == 1
        assert await service.close_breakers(uow, user, desk.clock.now()) == 0
    assert await reason(desk, buy(user, 20)) == ""


async def test_a_breaker_that_is_open_stays_open_as_long_as_it_was_to(desk: Desk, pool: Pool) -> None:
    user = await desk.user()
    found = await facts(desk, user)
    for hours in (0, 6, 18):
        async with unit_of_work(pool) as uow:
            await service.open_breaker(uow, user_id=user, venue="paper", facts=found, now=START + timedelta(hours=hours))
    assert await pool.fetchval("select tripped_at from risk_accounts where user_id = $1", user) == START


async def test_another_quote_asset_is_another_account(desk: Desk) -> None:
    user = await desk.user()
    await desk.trade(buy(user, "100.1"))
    other = replace(BTC_USDT, symbol="ETH/BTC", base=replace(BTC, code="paper:ETH"), quote=BTC)
    async with unit_of_work(desk.pool) as uow:
        await save_instruments(uow, [BTC_USDT, other])
    found = await facts(desk, user, symbol="ETH/BTC")
    assert (found.quote, found.cash, found.positions_value, found.sent) == ("BTC", Decimal(1), Decimal(0), 1)


async def test_limits_of_every_scope_reach_the_decision(desk: Desk) -> None:
    user = await desk.user()
    async with unit_of_work(desk.pool) as uow:
        changed = await set_tier(uow, user, "gold")
        assert changed is not None
        assert changed.tier == "gold"
    for number, scope in enumerate(("global", "venue:paper", "tier:gold", f"user:{user}"), 1):
        await limit(desk, scope, "exposure:USDT", 100 * number)
    for scope in ("venue:other", "tier:standard", "user:999"):
        await limit(desk, scope, "exposure:USDT", 1)
    found = await facts(desk, user)
    assert (found.tier, {(one.scope, one.value) for one in found.limits}) == (
        "gold",
        {("global", Decimal(100)), ("venue:paper", Decimal(200)), ("tier:gold", Decimal(300)), (f"user:{user}", Decimal(400))},
    )
    assert await reason(desk, buy(user, 101)) == "exposure"
    await limit(desk, f"user:{user}", "exposure:USDT", 150, raises=True)
    assert await reason(desk, buy(user, 101)) == ""


async def test_a_limit_begins_when_it_says_and_can_be_taken_back(desk: Desk) -> None:
    user = await desk.user()
    await limit(desk, "global", "exposure:USDT", 50, begins_at=datetime.now(UTC) + timedelta(hours=1))
    assert await reason(desk, buy(user, 60)) == ""
    await limit(desk, "global", "exposure:USDT", 20)
    assert await reason(desk, buy(user, 60)) == "exposure"
    await limit(desk, "global", "exposure:USDT", None, note="back to the default")
    assert await reason(desk, buy(user, 61)) == ""
    async with unit_of_work(desk.pool) as uow:
        rows = await service.history(uow, name="exposure:USDT")
        assert await service.history(uow, scope="user:1") == []
        now = await service.limits(uow, venue="paper", tier="standard", user_id=user)
    assert [row.value for row in rows] == [Decimal(50), None, Decimal(20)]
    assert (rows[1].note, rows[1].set_by) == ("back to the default", "test")
    assert now["exposure:USDT"] == Limit("global", "exposure:USDT", Decimal(1_000_000))
    assert set(service.defaults()) == set(DEFAULTS)


async def test_what_cannot_be_set_leaves_nothing(desk: Desk, pool: Pool) -> None:
    with pytest.raises(ValueError, match="no limit"):
        await limit(desk, "global", "luck", 7)
    assert await pool.fetchval("select count(*) from risk_limits") == 0


@pytest.mark.parametrize("statement", ["update risk_limits set value = 1", "delete from risk_limits", "truncate risk_limits"])
async def test_the_history_of_limits_is_append_only_even_for_the_owner(desk: Desk, owner_pool: Pool, statement: str) -> None:
    await limit(desk, "global", "in_flight", 5)
    with pytest.raises(asyncpg.PostgresError, match="append-only"):
        await owner_pool.execute(statement)


async def test_max_is_made_to_fit_and_says_so(desk: Desk) -> None:
    user = await desk.user()
    desk.books.set("BTC/USDT", asks=[(100, 1_000)], observed_at=desk.clock.now())
    await limit(desk, "global", "exposure:USDT", "250.25")
    order = await desk.trade(buy(user, 100, SizeKind.PERCENT))
    assert (order.state, order.filled_quantity) == (OrderState.FILLED, Decimal("2.5"))
    assert ("exposure", "scaled", "") in await desk.reasons(order)
    assert await reason(desk, buy(user, 99, SizeKind.PERCENT)) == "exposure"
    await limit(desk, "global", "exposure:USDT", 100)
    again = await desk.trade(buy(user, 100, SizeKind.PERCENT))
    assert (again.state, again.reason, again.reason_params["most"]) == (OrderState.DENIED, "exposure", "0")


async def test_max_on_a_sell_takes_what_the_depth_allows(desk: Desk) -> None:
    user = await desk.user()
    await desk.trade(buy(user, "100.1"))
    await limit(desk, "venue:paper", "depth_share_bps", 5_000)
    desk.books.set("BTC/USDT", bids=[("99", 1)], observed_at=desk.clock.now(), source=TEST_SOURCE)
    assert await reason(desk, sell(user, "0.6")) == "depth_share"
    order = await desk.trade(sell(user, 100, SizeKind.PERCENT))
    assert (order.state, order.filled_quantity) == (OrderState.FILLED, Decimal("0.5"))


async def test_an_order_narrows_its_own_limits_and_answers_for_its_impact(desk: Desk) -> None:
    user = await desk.user()
    narrow = replace(buy(user, "100.1"), risk=OrderTerms({"exposure:USDT": Decimal(50)}))
    assert await reason(desk, narrow) == "exposure"
    await limit(desk, "venue:paper", "buy_impact_bps", 1_000)
    assert await reason(desk, buy(user, 250)) == "price_impact"
    shown = (await desk.trading.preview(buy(user, 250))).denial_params["impact_bps"]
    assert await reason(desk, replace(buy(user, 250), risk=OrderTerms(accepted_impact_bps=int(shown) - 1))) == "price_impact"
    assert await reason(desk, replace(buy(user, 250), risk=OrderTerms(accepted_impact_bps=int(shown)))) == ""


async def test_the_same_key_with_other_terms_is_another_request(desk: Desk) -> None:
    user = await desk.user()
    order = await desk.request(buy(user, 50), key="k")
    assert (await desk.request(buy(user, 50), key="k")).id == order.id
    with pytest.raises(IdempotencyConflict):
        await desk.request(replace(buy(user, 50), risk=OrderTerms(accepted_impact_bps=1)), key="k")


async def test_volatility_is_measured_once_a_minute(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def measured(_uow: object, symbol: str, *, now: datetime) -> int:
        asked.append(symbol)
        return 4 * 500

    monkeypatch.setattr("core.risk.volatility.volatility_bps", measured)
    user = await desk.user()
    await limit(desk, "global", "exposure:USDT", 100)
    assert await reason(desk, buy(user, 26)) == "exposure", "four times the reference leaves a quarter"
    assert await reason(desk, buy(user, 25)) == ""
    assert asked == ["BTC/USDT"]
    later(desk, timedelta(seconds=60))
    assert await reason(desk, buy(user, 26)) == "exposure"
    assert asked == ["BTC/USDT", "BTC/USDT"]
    await desk.trade(replace(buy(user, 5), symbol="NO/SUCH"))
    assert len(asked) == 2
