"""Which lots a sale closes, and what each piece cost, brought and made, in whole units. Pure; called by the portfolio service.

Every share is the step between two rounded running totals, so the pieces of a lot or of a sale add up to the whole, however often it
is divided. Costs and fees round up, proceeds down. A fill counts when it is booked: lots stand in the order in which they were
executed, a sale takes from those that are there, and what was closed is never closed again another way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from core.kernel.money import EXACT, Amount, Rounding
from core.portfolio.types import Closure, FillPart, Lot, LotMethod

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Closed:
    """A sale: its pieces, and the lots it changed as they are afterwards."""

    closures: tuple[Closure, ...]
    lots: tuple[Lot, ...]


def share(units: int, part: Decimal, whole: Decimal, rounding: Rounding) -> int:
    """`units` × part ÷ whole in whole units, exact before it is rounded. ZeroDivisionError for a whole of nothing."""
    part_top, part_bottom = part.as_integer_ratio()
    whole_top, whole_bottom = whole.as_integer_ratio()
    top, bottom = units * part_top * whole_bottom, part_bottom * whole_top
    return top // bottom if rounding is Rounding.DOWN else -(-top // bottom)


def left_of(lot: Lot, whole: Amount) -> Amount:
    """What of the lot's `whole` (its cost, its fees) belongs to the coins that remain; nothing once all are gone."""
    gone = EXACT.subtract(lot.quantity, lot.remaining)
    return Amount(whole.asset, whole.units - share(whole.units, gone, lot.quantity, Rounding.UP))


def in_order(lots: Sequence[Lot], method: LotMethod) -> list[Lot]:
    """Open lots, first to be closed first. Equal ones by their time, then by the order in which they were booked."""
    by_age = sorted((lot for lot in lots if lot.remaining > 0), key=lambda lot: (lot.opened_at, lot.id))
    if method is LotMethod.LIFO:
        return by_age[::-1]
    return sorted(by_age, key=_cost_a_coin, reverse=True) if method is LotMethod.HIFO else by_age


def _cost_a_coin(lot: Lot) -> Fraction:
    top, bottom = lot.quantity.as_integer_ratio()
    return Fraction(lot.cost.units * bottom, top)


def close_lots(lots: Sequence[Lot], sales: Sequence[FillPart], method: LotMethod) -> Closed:
    """Closes lots by `method` with each sale in turn. What goes beyond the lots has no known cost and makes no profit."""
    queue = in_order(lots, method)
    changed: dict[int, Lot] = {}
    closures: list[Closure] = []
    for sale in sales:
        pieces, queue = _take(queue, sale.quantity)
        closures += _closures(sale, pieces)
        changed |= {piece.after.id: piece.after for piece in pieces if piece.after is not None}
    return Closed(tuple(closures), tuple(changed.values()))


@dataclass(frozen=True, slots=True)
class _Piece:
    """So much of a lot (`before` → `after`), or of coins that are in no lot."""

    quantity: Decimal
    before: Lot | None = None
    after: Lot | None = None


def _take(queue: Sequence[Lot], quantity: Decimal) -> tuple[list[_Piece], list[Lot]]:
    pieces: list[_Piece] = []
    rest = list(queue)
    while quantity > 0 and rest:
        lot = rest.pop(0)
        taken = min(quantity, lot.remaining)
        after = replace(lot, remaining=EXACT.subtract(lot.remaining, taken))
        pieces.append(_Piece(taken, lot, after))
        quantity = EXACT.subtract(quantity, taken)
        if after.remaining > 0:
            rest.insert(0, after)
    if quantity > 0:
        pieces.append(_Piece(quantity))
    return pieces, rest


def _closures(sale: FillPart, pieces: Sequence[_Piece]) -> list[Closure]:
    """Each piece with its part of the sale's proceeds and fees: steps of the running totals."""
    done, closures = ZERO, []
    for piece in pieces:
        after = EXACT.add(done, piece.quantity)
        proceeds = _step(sale.notional, done, after, sale.quantity, Rounding.DOWN)
        fees = _step(sale.fees, done, after, sale.quantity, Rounding.UP)
        closures.append(_closure(sale, piece, proceeds, fees))
        done = after
    return closures


def _closure(sale: FillPart, piece: _Piece, proceeds: Amount, fees: Amount) -> Closure:
    if piece.before is None or piece.after is None:
        return Closure(None, sale.fill, piece.quantity, None, proceeds, fees, Amount.zero(proceeds.asset), sale.executed_at)
    cost = left_of(piece.before, piece.before.cost) - left_of(piece.after, piece.after.cost)
    return Closure(piece.before.id, sale.fill, piece.quantity, cost, proceeds, fees, proceeds - fees - cost, sale.executed_at)


def _step(whole: Amount, before: Decimal, after: Decimal, quantity: Decimal, rounding: Rounding) -> Amount:
    units = share(whole.units, after, quantity, rounding) - share(whole.units, before, quantity, rounding)
    return Amount(whole.asset, units)
