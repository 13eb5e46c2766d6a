"""Planted bugs of limits: each lets more through than was allowed."""

from __future__ import annotations

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
