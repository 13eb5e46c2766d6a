"""Average cost and profit: what went in, came out or is still there is the same sum, whatever the order of trades."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.money import Amount
from core.market.service import save_instruments
from core.portfolio.rules import average_cost, bought, sold, value_portfolio
from core.portfolio.service import apply_fill, positions
from core.portfolio.types import Position
from core.venues.types import Side
from tests.support.desk import BTC_USDT, USDT

TRADES = st.lists(st.tuples(st.booleans(), st.integers(1, 10**6), st.integers(0, 10**12), st.integers(0, 10**6)), max_size=30)


def usdt(units: int) -> Amount:
    return Amount(USDT, units)


def flat() -> Position:
    return Position(1, "paper", "BTC/USDT", Decimal(0), usdt(0), usdt(0), usdt(0))


@given(TRADES)
def test_money_in_less_money_out_is_cost_less_profit(trades: list[tuple[bool, int, int, int]]) -> None:
    position, spent = flat(), 0
    for buying, lots, notional, fee in trades:
        quantity = Decimal(lots).scaleb(-5)
        if buying:
            position = bought(position, quantity, usdt(notional), usdt(fee))
            spent += notional + fee
        else:
            quantity = min(quantity, position.quantity)
            if quantity == 0:
                continue
            position, _ = sold(position, quantity, usdt(notional), usdt(fee))
            spent -= notional - fee
        assert spent == position.cost.units - position.realized_pnl.units
        assert position.cost.units >= 0
        assert position.quantity >= 0
        if position.quantity == 0:
            assert position.cost.units == 0
            assert average_cost(position) is None


def test_what_came_in_another_way_makes_no_profit() -> None:
    position = bought(flat(), Decimal(1), usdt(100), usdt(0))
    position, realized = sold(position, Decimal(2), usdt(300), usdt(0))
    assert (realized.units, position.quantity, position.cost.units) == (50, Decimal(0), 0)
    assert sold(position, Decimal(1), usdt(300), usdt(0))[1].units == 0


def test_a_portfolio_says_what_it_leaves_out() -> None:
    held = bought(flat(), Decimal(2), usdt(200 * 10**8), usdt(10**8))
    other = Position(1, "paper", "ETH/USDT", Decimal(1), usdt(5), usdt(7), usdt(0))
    value = value_portfolio([held, other], {"BTC/USDT": Decimal("150.5")}, USDT)
    assert (value.value.units, value.unrealized_pnl.units) == (301 * 10**8, 100 * 10**8)
    assert (value.realized_pnl.units, value.unpriced) == (7, ("ETH/USDT",))


async def test_fills_side_by_side_all_count(pool: Pool) -> None:
    async with unit_of_work(pool) as uow:
        await save_instruments(uow, [BTC_USDT])

    async def fill() -> None:
        async with unit_of_work(pool) as uow:
            await apply_fill(uow, user_id=1, instrument=BTC_USDT, side=Side.BUY, quantity=Decimal("0.5"), notional=usdt(50), fees=usdt(1))

    await asyncio.gather(*(fill() for _ in range(10)))

    async with unit_of_work(pool) as uow:
        [position] = await positions(uow, 1, "paper")
        change = await apply_fill(
            uow, user_id=1, instrument=BTC_USDT, side=Side.SELL, quantity=Decimal(1), notional=usdt(200), fees=usdt(2)
        )
    assert (position.quantity, position.cost.units, position.fees.units) == (Decimal(5), 510, 10)
    assert (change.quantity, change.realized_now.units, change.realized_pnl.units) == (Decimal(4), 96, 96)
