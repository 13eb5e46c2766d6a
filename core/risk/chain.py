"""The risk chain: checks in order, the first denial ends it. Pure; called by `core/trading` at fresh balances and prices.

Every verdict up to the end becomes a row of `decisions`; `/why` reads them.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.risk import checks
from core.risk.types import RiskContext, Verdict

CHAIN: tuple[checks.Check, ...] = (
    checks.account_standing,
    checks.kill_switch,
    checks.instrument_known,
    checks.price_age,
    checks.duplicate,
    checks.instrument_rules,
    checks.funds,
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


def denial(verdicts: Sequence[Verdict]) -> Verdict | None:
    """The verdict that denies, or None."""
    return verdicts[-1] if verdicts and not verdicts[-1].passed else None
