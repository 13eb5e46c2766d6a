"""Positions: what went in, came out or is still there is the same sum, whatever the order of trades, and so say the lots."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import asyncpg
import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.money import Amount
from core.market.service import save_instruments
from core.portfolio import service
from core.portfolio.rules import average_cost, bought, value_portfolio
from core.portfolio.service import apply_fill, positions
from core.portfolio.types import FillPart, LotMethod, Position, PositionChange
from core.venues.types import Side
from tests.support.desk import BTC_USDT, USDT

START = datetime(2026, 1, 1, tzinfo=UTC)


def usdt(units: int) -> Amount:
    return Amount(USDT, units)


def flat() -> Position:
    return Position(1, "paper", "BTC/USDT", Decimal(0), usdt(0), usdt(0), usdt(0))


async def fill(pool: Pool, side: Side, parts: list[FillPart], user_id: int = 1) -> PositionChange:
    async with unit_of_work(pool) as uow:
        return await apply_fill(
            uow,
            user_id=user_id,
            instrument=BTC_USDT,
            side=side,
            quantity=sum((part.quantity for part in parts), Decimal(0)),
            notional=usdt(sum(part.notional.units for part in parts)),
            fees=usdt(sum(part.fees.units for part in parts)),
            parts=parts,
        )


async def know_btc(pool: Pool) -> None:
    async with unit_of_work(pool) as uow:
        await save_instruments(uow, [BTC_USDT])


async def require_agreement(pool: Pool) -> None:
    """Lots, closures and positions, summed by the database, tell the same story for every position."""
    rows = await pool.fetch(
        """
        select p.quantity, p.cost, p.realized_pnl, p.fees, coalesce(l.quantity, 0) as lots, coalesce(l.cost, 0) as lot_cost,
            coalesce(l.paid - l.cost, 0) as cost_gone, c.realized, c.cost as closed_cost,
            coalesce(l.fees, 0) + coalesce(c.fees, 0) as all_fees
        from positions p
        left join lateral (select sum(remaining) as quantity, sum(remaining_cost) as cost, sum(l.cost) as paid, sum(fees) as fees
            from portfolio_lots l where (l.user_id, l.venue, l.instrument) = (p.user_id, p.venue, p.instrument)) l on true
        left join lateral (select sum(realized) as realized, sum(cost) as cost, sum(fees) as fees
            from portfolio_closures c where (c.user_id, c.venue, c.instrument) = (p.user_id, p.venue, p.instrument)) c on true
        """
    )
    assert rows
    for row in rows:
        assert (row["quantity"], row["cost"], row["fees"]) == (row["lots"], row["lot_cost"], row["all_fees"])
        assert (row["realized_pnl"], row["cost_gone"]) == (row["realized"] or 0, row["closed_cost"] or 0)


def test_a_portfolio_says_what_it_leaves_out() -> None:
    held = bought(flat(), Decimal(2), usdt(200 * 10**8), usdt(10**8))
    other = Position(1, "paper", "ETH/USDT", Decimal(1), usdt(5), usdt(7), usdt(0))
    value = value_portfolio([held, other], {"BTC/USDT": Decimal("150.5")}, USDT)
    assert (value.value.units, value.unrealized_pnl.units) == (301 * 10**8, 100 * 10**8)
    assert (value.realized_pnl.units, value.unpriced) == (7, ("ETH/USDT",))
    assert (average_cost(held), average_cost(flat())) == (Decimal("100.5"), None)


async def test_fills_side_by_side_all_count(pool: Pool) -> None:
    await know_btc(pool)
    await asyncio.gather(*(fill(pool, Side.BUY, [FillPart("", Decimal("0.5"), usdt(50), usdt(1))]) for _ in range(10)))

    async with unit_of_work(pool) as uow:
        [position] = await positions(uow, 1, "paper")
        change = await apply_fill(
            uow, user_id=1, instrument=BTC_USDT, side=Side.SELL, quantity=Decimal(1), notional=usdt(200), fees=usdt(2)
        )
        left = await service.lots(uow, 1, "paper", "BTC/USDT")
    assert (position.quantity, position.cost.units, position.fees.units) == (Decimal(5), 510, 10)
    assert (change.quantity, change.realized_now.units, change.realized_pnl.units) == (Decimal(4), 96, 96)
    assert [lot.remaining for lot in left] == [Decimal("0.5")] * 8
    await require_agreement(pool)


async def test_what_came_in_another_way_makes_no_profit(pool: Pool) -> None:
    await know_btc(pool)
    await fill(pool, Side.BUY, [FillPart("b", Decimal(1), usdt(100), usdt(0))])
    beyond = await fill(pool, Side.SELL, [FillPart("s1", Decimal(2), usdt(300), usdt(0))])
    flat_again = await fill(pool, Side.SELL, [FillPart("s2", Decimal(1), usdt(300), usdt(0))])
    assert (beyond.realized_now.units, beyond.quantity, beyond.average_cost) == (50, Decimal(0), None)
    assert (flat_again.realized_now.units, flat_again.realized_pnl.units) == (0, 50)
    await require_agreement(pool)


async def test_lots_agree_with_the_position_after_any_history(pool: Pool) -> None:
    await know_btc(pool)
    chance = random.Random(5)
    for number in range(120):
        side = Side.BUY if chance.random() < 0.55 else Side.SELL
        parts = [
            FillPart(
                f"{number}:{line}",
                Decimal(chance.randint(1, 10**6)).scaleb(-5),
                usdt(chance.choice((0, 1, 7, 10**9 + 1))),
                usdt(chance.choice((0, 1, 13))),
                START + timedelta(minutes=chance.randint(0, 500)),
            )
            for line in range(chance.randint(1, 3))
        ]
        if chance.random() < 0.2:
            async with unit_of_work(pool) as uow:
                await service.set_preferences(uow, 1, lot_method=chance.choice(list(LotMethod)))
        await fill(pool, side, parts)
        await require_agreement(pool)
    methods = await pool.fetch("select distinct method from portfolio_closures")
    assert {row["method"] for row in methods} == set(LotMethod)


async def test_another_method_touches_future_sales_only(pool: Pool) -> None:
    await know_btc(pool)
    buys = [FillPart(f"b{n}", Decimal(1), usdt(cost), usdt(0), START + timedelta(days=n)) for n, cost in enumerate((100, 300, 200))]
    await fill(pool, Side.BUY, buys)
    first = await fill(pool, Side.SELL, [FillPart("s1", Decimal(1), usdt(400), usdt(0))])
    before = await pool.fetch("select * from portfolio_closures")
    async with unit_of_work(pool) as uow:
        chosen = await service.set_preferences(uow, 1, lot_method=LotMethod.LIFO)
        assert chosen == await service.preferences(uow, 1)
    assert await pool.fetch("select * from portfolio_closures") == before
    second = await fill(pool, Side.SELL, [FillPart("s2", Decimal(1), usdt(400), usdt(0))])
    assert (first.realized_now.units, second.realized_now.units, second.average_cost) == (300, 200, Decimal("0.000003"))


async def test_choices_are_kept_apart_and_begin_with_the_usual_ones(pool: Pool) -> None:
    async with unit_of_work(pool) as uow:
        usual = await service.preferences(uow, 7)
        await service.set_preferences(uow, 7, quote_symbol="EUR")
        changed = await service.set_preferences(uow, 7, lot_method=LotMethod.HIFO)
    assert (usual.lot_method, usual.quote_symbol) == (LotMethod.FIFO, "USDT")
    assert (changed.lot_method, changed.quote_symbol) == (LotMethod.HIFO, "EUR")


async def test_a_fill_never_opens_a_second_lot(pool: Pool) -> None:
    await know_btc(pool)
    part = FillPart("same", Decimal(1), usdt(100), usdt(0))
    await fill(pool, Side.BUY, [part])
    with pytest.raises(asyncpg.UniqueViolationError):
        await fill(pool, Side.BUY, [part])
    await require_agreement(pool)


async def test_an_unknown_instrument_has_no_lots(pool: Pool) -> None:
    async with unit_of_work(pool) as uow:
        assert await service.lots(uow, 1, "paper", "NO/SUCH") == []
