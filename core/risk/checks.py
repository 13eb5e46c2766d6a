"""The checks of the risk chain: small, pure, each one question. Called through `core/risk/chain.py` only.

A denial carries the figures that let the chat say why and what would change it; all are strings.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from core.kernel.money import Amount
from core.risk.types import RiskContext, SizedOrder, Verdict

Check = Callable[[RiskContext], Verdict]


def account_standing(context: RiskContext) -> Verdict:
    """A frozen account trades nothing."""
    inputs = {"standing": context.standing}
    return Verdict("account_standing", inputs, "" if context.standing == "active" else "account_frozen")


def kill_switch(context: RiskContext) -> Verdict:
    """No open pause covers this order: global, its venue, its instrument or its user."""
    scopes = ("global", f"venue:{context.venue}", f"instrument:{context.symbol}", f"user:{context.user_id}")
    found = next((pause for scope in scopes for pause in context.pauses if pause.scope == scope), None)
    inputs = {"open": [pause.scope for pause in context.pauses]}
    if found is None:
        return Verdict("kill_switch", inputs)
    return Verdict("kill_switch", inputs, "paused", {"scope": found.scope, "reason": found.reason})


def instrument_known(context: RiskContext) -> Verdict:
    """The venue can be traded on here and knows the instrument, and it is active."""
    active = context.instrument is not None and context.instrument.active
    inputs = {"venue": context.venue, "tradable": context.tradable, "symbol": context.symbol, "active": active}
    if not context.tradable:
        return Verdict("instrument", inputs, "live_not_available", {"venue": context.venue})
    if not active:
        return Verdict("instrument", inputs, "unknown_instrument", {"symbol": context.symbol, "venue": context.venue})
    return Verdict("instrument", inputs)


def price_age(context: RiskContext) -> Verdict:
    """There is a price, and it is young enough."""
    if context.book is None:
        return Verdict("price_age", {"book": None}, "no_price", {"symbol": context.symbol})
    age_ms = _milliseconds(context.book.age(context.now))
    limit_ms = _milliseconds(context.price_max_age)
    inputs = {"age_ms": age_ms, "limit_ms": limit_ms, "sequence": context.book.sequence, "source": context.book.source.name}
    if age_ms > limit_ms:
        return Verdict("price_age", inputs, "price_stale", {"symbol": context.symbol, "age_ms": str(age_ms), "limit_ms": str(limit_ms)})
    return Verdict("price_age", inputs)


def duplicate(context: RiskContext) -> Verdict:
    """The same user did not ask for the same thing a moment ago."""
    window_ms = _milliseconds(context.duplicate_window)
    inputs = {"of": context.duplicate_of, "window_ms": window_ms}
    if context.duplicate_of is None:
        return Verdict("duplicate", inputs)
    return Verdict("duplicate", inputs, "duplicate", {"order": context.duplicate_of, "window_ms": str(window_ms)})


def instrument_rules(context: RiskContext) -> Verdict:
    """The size makes an order by the instrument's rules: tick, lot, minimum notional, within what the book offers."""
    instrument, sized = context.instrument, context.sized
    if instrument is None or (sized is None and context.problem is None):
        return Verdict("instrument_rules", {}, "unknown_instrument", {"symbol": context.symbol, "venue": context.venue})
    rules = {"lot": str(instrument.lot), "tick": str(instrument.tick), "minimum_notional": str(instrument.minimum_notional)}
    if sized is None or context.problem is not None:
        problem = context.problem
        return Verdict("instrument_rules", rules, problem.code if problem else "", problem.params if problem else {})
    inputs = {**rules, **_figures(sized)}
    if sized.notional < instrument.minimum_notional:
        return Verdict("instrument_rules", inputs, "below_minimum_notional", below_minimum(context, sized.notional))
    return Verdict("instrument_rules", inputs)


def funds(context: RiskContext) -> Verdict:
    """The worst case, all fees in it, is available."""
    sized, available = context.sized, context.available
    if sized is None or available is None:
        return Verdict("funds", {}, "insufficient_funds", {"asset": "", "available": "0", "needed": "0"})
    figures = {"asset": sized.hold.asset.symbol, "available": plain(available), "needed": plain(sized.hold)}
    if sized.hold.units == 0 or available < sized.hold:
        return Verdict("funds", figures, "insufficient_funds", figures)
    return Verdict("funds", figures)


def below_minimum(context: RiskContext, notional: Decimal) -> dict[str, str]:
    """The figures of `below_minimum_notional`."""
    instrument = context.instrument
    if instrument is None:
        return {"minimum": "0", "notional": text(notional), "asset": ""}
    return {"minimum": text(instrument.minimum_notional), "notional": text(notional), "asset": instrument.quote.symbol}


def plain(amount: Amount) -> str:
    """Whole coins without trailing zeros or exponent."""
    return text(amount.to_decimal())


def text(value: Decimal) -> str:
    """A Decimal without trailing zeros or exponent."""
    shown = format(value, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _milliseconds(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def _figures(sized: SizedOrder) -> dict[str, str | int | None]:
    return {
        "quantity": None if sized.quantity is None else text(sized.quantity.value),
        "quote_budget": None if sized.quote_budget is None else text(sized.quote_budget),
        "limit_price": text(sized.limit_price.value),
        "expected_quantity": text(sized.expected.filled_quantity.value),
        "expected_notional": text(sized.expected.notional),
        "price_impact_bps": sized.price_impact_bps,
        "beyond": text(sized.beyond.value),
    }
