"""Checks of the chain: what the account has lost today, and since its peak. Pure; called through `core/risk/chain.py` only.

Neither ever stops a sell: who is losing must be able to leave.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal

from core.kernel.money import EXACT, Rounding, divide, multiply
from core.risk.checks import text
from core.risk.figures import BASIS, floor_coins, is_exit, limit_inputs, share_bps
from core.risk.types import RiskContext, Verdict

ZERO = Decimal(0)


def next_midnight(now: datetime) -> datetime:
    """When the day ends, in UTC."""
    return datetime.combine(now.date() + timedelta(days=1), time(), tzinfo=now.tzinfo)


def daily_loss(context: RiskContext) -> Verdict:
    """What was realized since midnight UTC is no loss beyond the limit: of coins, or of what the account had at midnight."""
    facts = context.facts
    loss = max(ZERO, -facts.realized_today)
    share, coins = context.limits.get("daily_loss_bps"), context.limits.get(f"daily_loss:{facts.quote}")
    allowed = [] if coins is None else [coins.value]
    if share is not None:
        allowed.append(divide(multiply(EXACT.add(facts.equity, loss), share.value), BASIS, Rounding.DOWN))
    most = floor_coins(min(allowed)) if allowed else None
    inputs = {
        "realized_today": text(facts.realized_today),
        "equity": text(facts.equity),
        "most": None if most is None else text(most),
        **limit_inputs(share),
    }
    if is_exit(context) or most is None or loss == 0 or loss < most:
        return Verdict("daily_loss", inputs)
    params = {"loss": text(loss), "limit": text(most), "asset": facts.quote, "until": next_midnight(context.now).isoformat()}
    return Verdict("daily_loss", inputs, "daily_loss", params)


def drawdown(context: RiskContext) -> Verdict:
    """The breaker is closed, and the fall from the peak does not open it. While it is open, only sells pass."""
    facts, limit = context.facts, context.limits.get("drawdown_bps")
    drop = max(ZERO, EXACT.subtract(facts.peak, facts.profit))
    had = EXACT.add(facts.equity, drop)
    fallen = share_bps(drop, had) if had > 0 else 0
    until = facts.tripped_until
    open_now = until is not None and until > context.now
    trips = not open_now and limit is not None and drop > 0 and fallen >= limit.value
    inputs = {
        "peak": text(facts.peak),
        "profit": text(facts.profit),
        "drawdown_bps": fallen,
        "trips": trips,
        "open_until": None if until is None else until.isoformat(),
        **limit_inputs(limit),
    }
    if is_exit(context) or not (open_now or trips):
        return Verdict("drawdown", inputs, trips=trips)
    closes = until if until is not None and open_now else next_midnight(context.now)
    params = {"drawdown_bps": str(fallen), "limit_bps": "0" if limit is None else text(limit.value), "until": closes.isoformat()}
    return Verdict("drawdown", inputs, "breaker_open" if open_now else "drawdown", params, trips=trips)
