"""The risk chain: checks in order, the first denial ends it. Pure; called by `core/trading` at fresh balances and prices.

Every verdict up to the end becomes a row of `decisions`; `/why` reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from core.risk import checks, exposures, losses, prices, velocity
from core.risk.types import RiskContext, Verdict

CHAIN: tuple[checks.Check, ...] = (
    checks.account_standing,
    checks.kill_switch,
    checks.instrument_known,
    checks.price_age,
    checks.duplicate,
    velocity.order_rate,
    velocity.in_flight,
    losses.daily_loss,
    losses.drawdown,
    checks.instrument_rules,
    prices.price_band,
    prices.price_impact,
    prices.size_against_depth,
    checks.funds,
    exposures.exposure,
    exposures.concentration,
)


def run_chain(context: RiskContext, chain: Sequence[checks.Check] = CHAIN) -> list[Verdict]:
    """The verdicts in order; only the last one can be a denial."""
    verdicts: list[Verdict] = []
    for check in chain:
        verdict = check(context)
        verdicts.append(verdict)
        if not verdict.passed:
            break
    return verdicts


def run_to_fit(
    context: RiskContext, resize: Callable[[Decimal], RiskContext], chain: Sequence[checks.Check] = CHAIN
) -> tuple[RiskContext, list[Verdict]]:
    """The chain for a size of 'max': as long as a limit says how much would pass, the order is made that small and asked again.

    `resize` gives the context of the same order with at most so much (as `Verdict.most`). Each check makes it smaller once at most. An
    order that cannot be made to fit keeps its first denial. The verdicts say 'scaled' where a check did it.
    """
    first = verdicts = run_chain(context, chain)
    smaller, scaled = context, dict[str, Verdict]()
    while (denied := denial(verdicts)) is not None:
        if denied.most is None or denied.most <= 0 or denied.check in scaled:
            return context, first
        scaled[denied.check] = replace(denied, reason="", params={}, scaled=True)
        smaller = resize(denied.most)
        verdicts = run_chain(smaller, chain)
    return smaller, [scaled.get(verdict.check, verdict) for verdict in verdicts]


def denial(verdicts: Sequence[Verdict]) -> Verdict | None:
    """The verdict that denies, or None."""
    return verdicts[-1] if verdicts and not verdicts[-1].passed else None


def trips(verdicts: Sequence[Verdict]) -> bool:
    """Whether the account's breaker opens now."""
    return any(verdict.trips for verdict in verdicts)
