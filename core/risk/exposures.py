"""Checks of the chain: how much may be in positions, and how much in one instrument. Pure; called through `core/risk/chain.py` only.

Only what adds is stopped: a sell passes. Open buys count with all they may still spend, and so does this order.
"""

from __future__ import annotations

from decimal import Decimal

from core.kernel.money import EXACT, Rounding, divide, multiply
from core.risk.checks import text
from core.risk.figures import BASIS, floor_coins, is_exit, limit_inputs, share_bps, unsized
from core.risk.limits import Limit, is_everything, scaled
from core.risk.types import RiskContext, Verdict

ZERO = Decimal(0)


def exposure(context: RiskContext) -> Verdict:
    """Positions and open buys, with this order, stay within the limit: of coins, or of what the account has."""
    facts, sized = context.facts, context.sized
    if is_exit(context):
        return Verdict("exposure", {"reduces": True})
    if sized is None:
        return unsized("exposure", context)
    share, coins = context.limits.get("exposure_bps"), context.limits.get(f"exposure:{facts.quote}")
    allowed = [] if coins is None else [scaled(coins.name, coins.value, facts.volatility_bps)]
    if share is not None and not is_everything(share.name, share.value):
        allowed.append(_of_equity(context, share))
    adds = sized.hold.to_decimal()
    inputs = {
        "exposure": text(facts.exposure),
        "adds": text(adds),
        "equity": text(facts.equity),
        "most": text(floor_coins(min(allowed))) if allowed else None,
        "volatility_bps": facts.volatility_bps,
        **limit_inputs(share),
    }
    if not allowed or EXACT.add(facts.exposure, adds) <= min(allowed):
        return Verdict("exposure", inputs)
    most = min(allowed)
    free = max(ZERO, floor_coins(EXACT.subtract(most, facts.exposure)))
    params = {"exposure": text(facts.exposure), "limit": text(floor_coins(most)), "most": text(free), "asset": facts.quote}
    return Verdict("exposure", inputs, "exposure", params, most=free)


def concentration(context: RiskContext) -> Verdict:
    """One instrument, with this order and what else is bought of it, stays within its share of what the account has."""
    facts, sized, limit = context.facts, context.sized, context.limits.get("concentration_bps")
    if is_exit(context):
        return Verdict("concentration", {"reduces": True})
    if sized is None:
        return unsized("concentration", context)
    here, adds = EXACT.add(facts.position_value, facts.open_buys_here), sized.hold.to_decimal()
    total = EXACT.add(here, adds)
    inputs = {"here": text(here), "adds": text(adds), "equity": text(facts.equity), **limit_inputs(limit)}
    if limit is None or is_everything(limit.name, limit.value):
        return Verdict("concentration", inputs)
    most = _of_equity(context, limit)
    inputs = {**inputs, "most": text(floor_coins(most)), "volatility_bps": facts.volatility_bps}
    if total <= most:
        return Verdict("concentration", inputs)
    free = max(ZERO, floor_coins(EXACT.subtract(most, here)))
    share = share_bps(total, facts.equity) if facts.equity > 0 else int(BASIS)
    limit_bps = str(int(scaled(limit.name, limit.value, facts.volatility_bps)))
    params = {"share_bps": str(share), "limit_bps": limit_bps, "most": text(free), "asset": facts.quote}
    return Verdict("concentration", inputs, "concentration", {**params, "symbol": context.symbol}, most=free)


def _of_equity(context: RiskContext, limit: Limit) -> Decimal:
    bps = scaled(limit.name, limit.value, context.facts.volatility_bps)
    return divide(multiply(context.facts.equity, bps), BASIS, Rounding.DOWN)
