"""Planted bugs of limits: each lets more through than was allowed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.planted.registry import Plant, planted

P24 = "tests/promises/test_p24_limits.py"
AT_ONCE = f"{P24}::test_a_limit_lets_exactly_so_many_through_however_many_come_at_once"
LOCK = "where u.id = p_user for no key update"


@planted(promise="P24", name="decisions of one user do not wait for each other", breaks=AT_ONCE)
def decisions_do_not_wait(plant: Plant) -> None:
    """The lock on the user's row is gone: all of them count the same orders."""
    plant.rewrite_function("trading_decision_context", LOCK, "where u.id = p_user")


@planted(promise="P24", name="the user's row is locked for reading", breaks=AT_ONCE)
def locked_for_reading(plant: Plant) -> None:
    """A lock that two may hold at once is no lock for a count."""
    plant.rewrite_function("trading_decision_context", LOCK, "where u.id = p_user for share")


@planted(promise="P24", name="orders are counted venue by venue", breaks=f"{P24}::test_a_limit_counts_over_all_venues")
def counted_venue_by_venue(plant: Plant) -> None:
    plant.rewrite_function(
        "risk_facts", "where o.user_id = p_user and o.submitted_at >", "where o.user_id = p_user and o.venue = p_venue and o.submitted_at >"
    )


@planted(promise="P24", name="the minute forgets", breaks=f"{P24}::test_a_restart_forgets_nothing_and_time_forgets_what_it_should")
def the_minute_forgets(plant: Plant) -> None:
    """The window never ends: who once sent too many never sends again."""
    plant.rewrite_function("risk_facts", "interval '1 minute'", "interval '1 hour'")


P4 = "tests/promises/test_p04_held_before.py"
HELD_BEFORE = f"{P4}::test_what_leaves_is_held_with_its_worst_fees_whatever_fees_do"


@planted(promise="P4", name="fees come on top of the hold", breaks=HELD_BEFORE)
def fees_on_top_of_the_hold(plant: Plant) -> None:
    """'Spend 100' spends 100 and then the fees."""
    plant.patch("core.trading.sizing.spendable", lambda units, *rates: units)  # noqa: ARG005


@planted(promise="P4", name="sent before it is held", breaks=HELD_BEFORE)
def sent_before_it_is_held(plant: Plant) -> None:
    """The decision trusts the balance it saw and holds nothing."""

    async def hold_funds(_uow: Any, _user_id: int, _order_id: Any, _hold_id: Any, judgment: Any) -> Any:
        return judgment

    plant.patch("core.trading.decision.hold_funds", hold_funds)


@planted(promise="P4", name="the fee of the day of the fill", breaks=HELD_BEFORE)
def the_fee_of_the_day_of_the_fill(plant: Plant) -> None:
    """The platform charges what its schedule says by then, not what was promised and held."""
    from core.trading import booking  # noqa: PLC0415

    honest = booking.book_fills

    def book_fills(order: Any, instrument: Any, fills: Any) -> Any:
        return honest(replace(order, platform_fee_bps=order.platform_fee_bps * 1_000 + 500), instrument, fills)

    plant.patch("core.trading.booking.book_fills", book_fills)
