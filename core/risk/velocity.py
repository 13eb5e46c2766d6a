"""Checks of the chain: how many orders at once and how many in a minute. Pure; called through `core/risk/chain.py` only.

The counts are exact because every decision of a user waits for the user's row; leaving a position has limits of its own, far wider.
"""

from __future__ import annotations

from datetime import timedelta

from core.risk.checks import text
from core.risk.figures import is_exit, limit_inputs, milliseconds
from core.risk.types import RiskContext, Verdict

MINUTE = timedelta(minutes=1)


def order_rate(context: RiskContext) -> Verdict:
    """Not too many orders within the last minute, this one included."""
    facts, limit = context.facts, context.limits.get("exits_per_minute" if is_exit(context) else "orders_per_minute")
    inputs = {"sent": facts.sent, **limit_inputs(limit)}
    if limit is None or facts.sent < limit.value:
        return Verdict("order_rate", inputs)
    wait = max(timedelta(0), (facts.oldest_sent or context.now) + MINUTE - context.now)
    params = {"count": str(facts.sent), "limit": text(limit.value), "wait_ms": str(milliseconds(wait))}
    return Verdict("order_rate", inputs, "too_many_orders", params)


def in_flight(context: RiskContext) -> Verdict:
    """Not too many orders open at once, this one included."""
    facts, limit = context.facts, context.limits.get("exits_in_flight" if is_exit(context) else "in_flight")
    inputs = {"in_flight": facts.in_flight, **limit_inputs(limit)}
    if limit is None or facts.in_flight < limit.value:
        return Verdict("in_flight", inputs)
    return Verdict("in_flight", inputs, "too_many_open_orders", {"count": str(facts.in_flight), "limit": text(limit.value)})
