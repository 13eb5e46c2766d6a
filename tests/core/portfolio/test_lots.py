"""Lots: whatever is bought and sold in whatever pieces, every unit of cost, proceeds and fees is in exactly one place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kernel.money import Amount, Rounding
from core.portfolio.lots import close_lots, in_order, left_of, share
from core.portfolio.rules import whole_of
from core.portfolio.types import Closure, FillPart, Lot, LotMethod
from tests.support.desk import USDT

START = datetime(2026, 1, 1, tzinfo=UTC)
METHODS = st.sampled_from(LotMethod)
LOTS = st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 10**12), st.integers(0, 10**6), st.integers(0, 5)), max_size=8)
SALES = st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 10**12), st.integers(0, 10**6)), min_size=1, max_size=8)


def usdt(units: int) -> Amount:
    return Amount(USDT, units)


def lot(number: int, quantity: str, cost: int, *, fees: int = 0, day: int = 0) -> Lot:
    return Lot(number, f"buy {number}", Decimal(quantity), usdt(cost), usdt(fees), Decimal(quantity), START + timedelta(days=day))


def sale(quantity: str | Decimal, proceeds: int, fees: int = 0, name: str = "sale") -> FillPart:
    return FillPart(name, Decimal(quantity), usdt(proceeds), usdt(fees), START)


def made(figures: list[tuple[int, int, int, int]]) -> list[Lot]:
    return [
        Lot(
            number,
            f"buy {number}",
            Decimal(lots).scaleb(-5),
            usdt(cost + fees),
            usdt(fees),
            Decimal(lots).scaleb(-5),
            START + timedelta(day),
        )
        for number, (lots, cost, fees, day) in enumerate(figures)
    ]


def units(amounts: list[Amount]) -> int:
    return sum(amount.units for amount in amounts)


def known(closures: tuple[Closure, ...]) -> list[Closure]:
    return [piece for piece in closures if piece.cost is not None]


@given(LOTS, SALES, METHODS)
def test_the_parts_of_every_sale_and_of_every_lot_are_the_whole(
    figures: list[tuple[int, int, int, int]], sold: list[tuple[int, int, int]], method: LotMethod
) -> None:
    lots = made(figures)
    sales = [sale(Decimal(size).scaleb(-5), proceeds, fees, f"sale {n}") for n, (size, proceeds, fees) in enumerate(sold)]
    closed = close_lots(lots, sales, method)
    for one in sales:
        pieces = [piece for piece in closed.closures if piece.fill == one.fill]
        assert sum(piece.quantity for piece in pieces) == one.quantity
        assert units([piece.proceeds for piece in pieces]) == one.notional.units
        assert units([piece.fees for piece in pieces]) == one.fees.units
    after = {one.id: one for one in lots} | {one.id: one for one in closed.lots}
    for before in lots:
        pieces = [piece for piece in closed.closures if piece.lot_id == before.id]
        left = after[before.id]
        assert left.remaining == before.quantity - sum((piece.quantity for piece in pieces), Decimal(0))
        assert left_of(left, before.cost).units + units([piece.cost for piece in pieces if piece.cost]) == before.cost.units
        assert left.remaining > 0 or left_of(left, before.cost).units == 0
        assert all(piece.cost is not None and piece.cost.units >= 0 for piece in pieces)
    missing = max(Decimal(0), sum(one.quantity for one in sales) - sum((one.quantity for one in lots), Decimal(0)))
    assert sum((piece.quantity for piece in closed.closures if piece.lot_id is None), Decimal(0)) == missing


@given(LOTS.filter(bool), st.lists(st.integers(1, 10**5), min_size=1, max_size=6), METHODS)
def test_selling_in_pieces_costs_what_selling_at_once_costs(
    figures: list[tuple[int, int, int, int]], pieces: list[int], method: LotMethod
) -> None:
    lots = made(figures)
    at_once = close_lots(lots, [sale(Decimal(sum(pieces)).scaleb(-5), 0)], method)
    one_by_one = close_lots(lots, [sale(Decimal(size).scaleb(-5), 0) for size in pieces], method)
    assert units([piece.cost for piece in known(at_once.closures) if piece.cost]) == units(
        [piece.cost for piece in known(one_by_one.closures) if piece.cost]
    )
    assert set(at_once.lots) == set(one_by_one.lots)


@given(st.integers(0, 10**30), st.lists(st.integers(1, 10**9), min_size=1, max_size=9), st.sampled_from(Rounding))
def test_running_shares_never_go_down_and_end_with_everything(whole: int, sizes: list[int], rounding: Rounding) -> None:
    total, done, shares = Decimal(sum(sizes)), Decimal(0), [0]
    for size in sizes:
        done += size
        shares.append(share(whole, done, total, rounding))
    assert shares[-1] == whole
    assert all(before <= after for before, after in pairwise(shares))


@pytest.mark.parametrize(
    ("method", "order", "realized"),
    [(LotMethod.FIFO, [1, 2], 270), (LotMethod.LIFO, [3, 2], 170), (LotMethod.HIFO, [2, 3], 120)],
)
def test_the_method_says_which_lot_goes_first(method: LotMethod, order: list[int], realized: int) -> None:
    lots = [lot(1, "1", 100, day=0), lot(2, "1", 300, day=1), lot(3, "1", 200, day=2)]
    closed = close_lots(lots, [sale("1.5", 525, 5)], method)
    assert [piece.lot_id for piece in closed.closures] == order
    assert [piece.quantity for piece in closed.closures] == [Decimal(1), Decimal("0.5")]
    assert units([piece.realized for piece in closed.closures]) == realized


def test_lots_of_one_moment_go_in_the_order_of_their_booking() -> None:
    lots = [lot(2, "1", 100), lot(1, "1", 100), lot(3, "1", 100)]
    assert [one.id for one in in_order(lots, LotMethod.FIFO)] == [1, 2, 3]
    assert [one.id for one in in_order(lots, LotMethod.LIFO)] == [3, 2, 1]
    assert [one.id for one in in_order(lots, LotMethod.HIFO)] == [1, 2, 3]


def test_a_fill_that_is_told_late_stands_where_it_was_executed() -> None:
    lots = [lot(1, "1", 100, day=5), lot(2, "1", 200, day=1)]
    assert [piece.lot_id for piece in close_lots(lots, [sale("2", 600)], LotMethod.FIFO).closures] == [2, 1]


def test_the_dearest_coin_goes_first_not_the_dearest_lot() -> None:
    lots = [lot(1, "10", 1000), lot(2, "1", 101)]
    assert [one.id for one in in_order(lots, LotMethod.HIFO)] == [2, 1]


def test_closed_lots_are_not_touched_again() -> None:
    gone = replace(lot(1, "1", 100), remaining=Decimal(0))
    assert in_order([gone], LotMethod.FIFO) == []


def test_coins_of_unknown_cost_bring_their_proceeds_and_no_profit() -> None:
    closed = close_lots([lot(1, "1", 100)], [sale("4", 401, 3)], LotMethod.FIFO)
    bought, other = closed.closures
    assert (bought.proceeds.units, bought.fees.units, bought.realized.units) == (100, 1, -1)
    assert (other.lot_id, other.cost, other.proceeds.units, other.fees.units, other.realized.units) == (None, None, 301, 2, 0)


def test_fills_that_do_not_add_up_are_refused() -> None:
    part = FillPart("a", Decimal(1), usdt(10), usdt(1))
    assert whole_of([part], Decimal(1), usdt(10), usdt(1)) == (part,)
    for wrong in ((Decimal(2), 10, 1), (Decimal(1), 11, 1), (Decimal(1), 10, 2)):
        with pytest.raises(ValueError, match="do not add up"):
            whole_of([part], wrong[0], usdt(wrong[1]), usdt(wrong[2]))
