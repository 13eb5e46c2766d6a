"""Single cases of booking that random orders seldom meet."""

from __future__ import annotations

from decimal import Decimal

from core.kernel.money import Amount, Price, Quantity
from core.ledger.types import Posting, user_held
from core.trading.booking import allocate, book_fills, hold_remaining, rounding_of, venue_of
from core.venues.types import Fill, Side
from tests.core.trading.test_booking import FINE
from tests.core.trading.test_lifecycle import NOW, order


def test_a_fill_that_only_uses_up_what_was_rounded_costs_the_user_nothing() -> None:
    """0.015 was paid as 0.02; 0.005 more makes it exact: the venue gets the cent from the rounding account, not from the hold."""
    before = order(side=Side.BUY, quantity=None, held_units=100, filled_quantity=Decimal("0.001"), filled_notional=Decimal("0.015"))
    rest = Fill("f2", Price(Decimal(5)), Quantity(Decimal("0.001")), Decimal(0), NOW)
    remaining = hold_remaining(before, FINE)

    allocation = allocate(before, book_fills(before, FINE, [rest]), remaining)

    in_quote = [posting for posting in allocation.from_hold if posting.amount.asset == FINE.quote]
    assert in_quote == [Posting(rounding_of(before), venue_of(before), Amount(FINE.quote, 1))]
    assert (remaining, allocation.owed) == (98, ())
    assert not [posting for posting in allocation.from_hold if posting.source == user_held(1, "paper")]


def test_an_order_that_held_nothing_has_nothing_left() -> None:
    assert hold_remaining(order(held_units=None), FINE) == 0
    assert hold_remaining(order(held_units=7), FINE) == 7
