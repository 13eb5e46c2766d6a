"""Fills in money: however an order is divided into fills, the sums are those of the whole, and every unit goes somewhere."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.fees.rules import fee_units
from core.kernel.money import Asset, Price, Quantity, Rounding, convert
from core.ledger.types import Posting, user_available, user_held
from core.market.types import Instrument
from core.trading.booking import allocate, book_fills, hold_remaining
from core.trading.types import Order
from core.venues.types import Fill, Side
from tests.core.trading.test_lifecycle import NOW, order

FINE = Instrument("paper", "X/Y", Asset("paper:X", 3), Asset("paper:Y", 2), Decimal("0.0001"), Decimal("0.0001"), Decimal(0), 10)
FILLS = st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(0, 500)), min_size=1, max_size=6)


def fills_of(drawn: list[tuple[int, int, int]]) -> list[Fill]:
    return [
        Fill(f"f{place}", Price(FINE.tick * price), Quantity(FINE.lot * lots), Decimal(fee).scaleb(-2), NOW)
        for place, (price, lots, fee) in enumerate(drawn)
    ]


def booked_in_parts(start: Order, fills: list[Fill], cut: int) -> tuple[Order, list[Posting], list[Posting]]:
    """The order after two batches, with all postings from the hold and all that are owed."""
    from_hold: list[Posting] = []
    owed: list[Posting] = []
    current = start
    for batch in (fills[:cut], fills[cut:]):
        booking = book_fills(current, FINE, batch)
        allocation = allocate(current, booking, hold_remaining(current, FINE))
        from_hold += allocation.from_hold
        owed += allocation.owed
        current = replace(
            current,
            filled_quantity=booking.filled_quantity,
            filled_notional=booking.filled_notional,
            venue_fee_units=booking.venue_fee,
            platform_fee_units=booking.platform_fee,
        )
    return current, from_hold, owed


def net(postings: list[Posting]) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for posting in postings:
        sums[posting.source, posting.amount.asset.symbol] -= posting.amount.units
        sums[posting.destination, posting.amount.asset.symbol] += posting.amount.units
    return sums


@given(FILLS, st.integers(0, 6), st.integers(0, 500), st.sampled_from(Side), st.integers(0, 10**12))
def test_the_sums_do_not_depend_on_how_an_order_is_filled(
    drawn: list[tuple[int, int, int]], cut: int, bps: int, side: Side, held: int
) -> None:
    fills = fills_of(drawn)
    start = order(side=side, quantity=None, platform_fee_bps=bps, held_units=held)
    after, from_hold, owed = booked_in_parts(start, fills, cut)

    notional = sum((fill.price.value * fill.quantity.value for fill in fills), Decimal(0))
    quantity = sum((fill.quantity.value for fill in fills), Decimal(0))
    venue_fee = sum(convert(fill.fee, FINE.quote, Rounding.UP).units for fill in fills)
    platform_fee = fee_units(convert(notional, FINE.quote, Rounding.UP).units, bps)
    assert (after.filled_notional, after.filled_quantity) == (notional, quantity)
    assert (after.venue_fee_units, after.platform_fee_units) == (venue_fee, platform_fee)

    sums = net(from_hold + owed)
    user = sums[user_held(1, "paper"), "Y"] + sums[user_available(1, "paper"), "Y"]
    base = sums[user_held(1, "paper"), "X"] + sums[user_available(1, "paper"), "X"]
    if side is Side.BUY:
        assert user == -(convert(notional, FINE.quote, Rounding.UP).units + venue_fee + platform_fee)
        assert base == convert(quantity, FINE.base, Rounding.DOWN).units
    else:
        assert user == convert(notional, FINE.quote, Rounding.DOWN).units - venue_fee - platform_fee
        assert base == -convert(quantity, FINE.base, Rounding.UP).units
    fees = sum(units for (address, _), units in sums.items() if address.startswith(("fees:venue_paper", "fees:platform")))
    assert fees == venue_fee + platform_fee
    assert all(units >= 0 for (address, _), units in sums.items() if address.startswith("fees:"))


@given(FILLS, st.integers(0, 6), st.sampled_from(Side), st.integers(0, 10**12))
def test_a_hold_is_never_overdrawn_and_only_the_hold_or_no_user_settles_it(
    drawn: list[tuple[int, int, int]], cut: int, side: Side, held: int
) -> None:
    start = order(side=side, quantity=None, platform_fee_bps=30, held_units=held)
    _, from_hold, owed = booked_in_parts(start, fills_of(drawn), cut)

    taken = sum(posting.amount.units for posting in from_hold if posting.source == user_held(1, "paper"))
    assert taken <= held
    assert all(posting.source == user_held(1, "paper") or not posting.source.startswith("user:") for posting in from_hold)
    assert all(posting.source == user_available(1, "paper") for posting in owed)
    if taken < held and side is Side.BUY:
        assert owed == []
