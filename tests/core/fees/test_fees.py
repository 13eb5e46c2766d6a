"""Fees: shares of the whole rounded up once, budgets that fit, and the schedule in force."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.fees.rules import fee_units, next_fee, spendable
from core.fees.service import platform_fee_bps, set_platform_fee

UNITS = st.integers(0, 10**30)
RATE = st.integers(0, 500)


@given(UNITS, RATE)
def test_a_fee_is_the_exact_share_or_at_most_a_unit_more(notional: int, bps: int) -> None:
    exact = Fraction(notional * bps, 10_000)
    assert 0 <= fee_units(notional, bps) - exact < 1


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=20), RATE)
def test_many_fills_cost_what_one_costs(parts: list[int], bps: int) -> None:
    charged, notional = 0, 0
    for part in parts:
        step = next_fee(notional, notional + part, bps)
        assert step >= 0
        charged, notional = charged + step, notional + part
    assert charged == fee_units(notional, bps)


@given(UNITS, RATE, RATE)
def test_a_budget_and_its_fees_fit_and_a_unit_more_would_not(total: int, first: int, second: int) -> None:
    def cost(notional: int) -> int:
        return notional + fee_units(notional, first) + fee_units(notional, second)

    notional = spendable(total, first, second)
    assert cost(notional) <= total
    assert cost(notional + 1) > total or total == 0


async def test_the_newest_schedule_is_in_force(pool: Pool) -> None:
    async with unit_of_work(pool) as uow:
        assert await platform_fee_bps(uow) == 0
        await set_platform_fee(uow, 50, "first")
        await set_platform_fee(uow, 30, "second")
        assert await platform_fee_bps(uow) == 30
