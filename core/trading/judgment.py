"""An order with figures, and what the risk chain says about it. Pure; called by the decision and by previews.

A size of 'max' that a limit would deny is made as small as the limit says, once a limit, and asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import takewhile
from typing import Any

from core.config.metrics import RISK_VERDICTS
from core.kernel.errors import Denied
from core.market.types import OrderBook
from core.risk.chain import denial, run_chain, run_to_fit
from core.risk.limits import in_force, scopes
from core.risk.types import RiskContext, SizedOrder, SizeProblem, Verdict
from core.trading import decision_rows
from core.trading.context import TradingContext
from core.trading.decision_rows import DecisionFacts
from core.trading.limit_sizing import LimitTerms, size_limit_order
from core.trading.sizing import HUNDRED, Sizing, size_order
from core.trading.types import OrderCommand, OrderSize, SizeKind
from core.venues.types import OrderType, Side

EVERYTHING = OrderSize(SizeKind.PERCENT, HUNDRED)
"""How 'max' is said."""


@dataclass(frozen=True, slots=True)
class Judgment:
    """What the chain said, and the order with figures when it passed."""

    verdicts: tuple[Verdict, ...]
    sized: SizedOrder | None

    @property
    def denied(self) -> Verdict | None:
        """The verdict that denies, or None."""
        return denial(self.verdicts)


def terms_of(command: OrderCommand) -> LimitTerms | None:
    """What makes the command a limit order; None for a market order."""
    if command.limit_price is None:
        return None
    return LimitTerms(command.limit_price, command.time_in_force, command.post_only)


def _expiry_problem(context: TradingContext, command: OrderCommand, now: datetime) -> SizeProblem | None:
    if command.expires_at is None:
        return None
    if command.expires_at <= now:
        return SizeProblem("expiry_passed", {"expires_at": command.expires_at.isoformat()})
    longest = context.limits.rests_at_most
    return SizeProblem("expiry_too_far", {"days": str(longest.days)}) if command.expires_at > now + longest else None


def judge(context: TradingContext, command: OrderCommand, facts: DecisionFacts, book: OrderBook | None, now: datetime) -> Judgment:
    """Sizes the order and runs the risk chain. Pure."""
    asked = _risk_context(context, command, facts, book, now)
    if command.size != EVERYTHING:
        return Judgment(tuple(run_chain(asked)), asked.sized)

    def smaller(most: Decimal) -> RiskContext:
        kind = SizeKind.QUOTE_AMOUNT if command.side is Side.BUY else SizeKind.BASE_QUANTITY
        return _risk_context(context, replace(command, size=OrderSize(kind, most)), facts, book, now)

    fitting, verdicts = run_to_fit(asked, smaller)
    return Judgment(tuple(verdicts), fitting.sized)


def _sized(
    context: TradingContext, command: OrderCommand, facts: DecisionFacts, book: OrderBook | None, now: datetime
) -> SizedOrder | SizeProblem | None:
    """The order with figures, or why there are none; None where instrument or book are not known."""
    if facts.instrument is None or book is None:
        return None
    base, quote, cost = decision_rows.amounts(facts, facts.instrument)
    sizing = Sizing(command.side, command.size, command.slippage_bps, facts.instrument, book, base, quote, cost, facts.platform_fee_bps)
    terms = terms_of(command)
    return _expiry_problem(context, command, now) or (size_order(sizing) if terms is None else size_limit_order(sizing, terms))


def _risk_context(
    context: TradingContext,
    command: OrderCommand,
    facts: DecisionFacts,
    book: OrderBook | None,
    now: datetime,
) -> RiskContext:
    result = _sized(context, command, facts, book, now)
    order_scopes = scopes(command.venue, facts.risk.tier, command.user_id)
    available = None
    if facts.instrument is not None:
        base, quote, _ = decision_rows.amounts(facts, facts.instrument)
        available = quote if command.side is Side.BUY else base
    return RiskContext(
        now=now,
        user_id=command.user_id,
        standing=facts.standing,
        venue=command.venue,
        tradable=command.venue in context.tradable,
        symbol=command.symbol,
        side=command.side,
        pauses=facts.pauses,
        instrument=facts.instrument,
        book=book,
        price_max_age=context.limits.price_max_age,
        duplicate_of=None if facts.duplicate_of is None else str(facts.duplicate_of),
        duplicate_window=context.limits.duplicate_window,
        facts=facts.risk,
        limits=in_force(order_scopes, facts.risk.limits, command.risk.limits),
        terms=command.risk,
        limit_order=command.order_type is OrderType.LIMIT,
        sized=result if isinstance(result, SizedOrder) else None,
        problem=result if isinstance(result, SizeProblem) else None,
        available=available,
    )


def short_of_funds(judgment: Judgment, refusal: Denied) -> Judgment:
    """The ledger's answer in place of the verdict on funds."""
    params = {name: str(value) for name, value in refusal.params.items()}
    if "asset" in params:
        params["asset"] = params["asset"].partition(":")[2] or params["asset"]
    before = takewhile(lambda verdict: verdict.check != "funds", judgment.verdicts)
    return Judgment((*before, Verdict("funds", params, refusal.code, params)), judgment.sized)


def rows(judgment: Judgment) -> list[Mapping[str, Any]]:
    """As `decisions` records them."""
    return [
        {
            "check": verdict.check,
            "verdict": verdict.word,
            "reason": verdict.reason,
            "inputs": dict(verdict.inputs),
        }
        for verdict in judgment.verdicts
    ]


def count(judgment: Judgment) -> None:
    """For the metrics: what each check said."""
    for verdict in judgment.verdicts:
        RISK_VERDICTS.labels(verdict.check, verdict.word).inc()
