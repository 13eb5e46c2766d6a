"""The one table from errors to words: every code that core denies with has its text here. A test reads the code and compares.

Called by the dispatcher and the screens. A code that is missing is a mistake that the test finds; at run time it shows as
`denied-other`, never as an exception.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot import figures
from bot.catalog import Markup, Texts

_FIGURES: Mapping[str, Callable[[str], str]] = {
    "available": figures.amount,
    "needed": lambda text: figures.amount(text, up=True),
    "minimum": lambda text: figures.amount(text, up=True),
    "notional": figures.amount,
    "age_ms": lambda text: figures.age(int(text)),
    "limit_ms": lambda text: figures.age(int(text)),
    "window_ms": lambda text: figures.age(int(text)),
    "wait_ms": lambda text: figures.age(int(text)),
    "price": figures.price,
    "trigger": figures.price,
    "order_price": figures.price,
    "market_price": figures.price,
    "worse_bps": lambda text: figures.basis_points(int(text)),
    "limit_bps": lambda text: figures.basis_points(int(text)),
    "impact_bps": lambda text: figures.basis_points(int(text)),
    "share_bps": lambda text: figures.basis_points(int(text)),
    "drawdown_bps": lambda text: figures.basis_points(int(text)),
    "loss": lambda text: figures.amount(text, up=True),
    "exposure": lambda text: figures.amount(text, up=True),
    "limit": figures.amount,
    "most": figures.amount,
    "until": figures.when,
}

WORDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "account_frozen": ("denied-account-frozen", ()),
    "paused": ("denied-paused", ("scope",)),
    "live_not_available": ("denied-live-not-available", ("venue",)),
    "unknown_instrument": ("denied-unknown-instrument", ("symbol",)),
    "venue_away": ("denied-venue-away", ()),
    "no_price": ("denied-no-price", ()),
    "price_stale": ("denied-price-stale", ("age_ms", "limit_ms")),
    "duplicate": ("denied-duplicate", ("window_ms",)),
    "below_minimum_notional": ("denied-below-minimum", ("minimum", "notional", "asset")),
    "not_enough_depth": ("denied-not-enough-depth", ("available", "asset")),
    "insufficient_funds": ("denied-insufficient-funds", ("available", "needed", "asset")),
    "nothing_to_sell": ("denied-nothing-to-sell", ("asset",)),
    "too_many_orders": ("denied-too-many-orders", ("count", "limit", "wait_ms")),
    "too_many_open_orders": ("denied-too-many-open-orders", ("count", "limit")),
    "price_band": ("denied-price-band", ("order_price", "market_price", "worse_bps", "limit_bps")),
    "protection_band": ("denied-protection-band", ("market_price", "worse_bps", "limit_bps")),
    "price_impact": ("denied-price-impact", ("impact_bps", "limit_bps")),
    "depth_share": ("denied-depth-share", ("share_bps", "limit_bps", "most", "asset")),
    "daily_loss": ("denied-daily-loss", ("loss", "limit", "asset", "until")),
    "drawdown": ("denied-drawdown", ("drawdown_bps", "limit_bps", "until")),
    "breaker_open": ("denied-breaker-open", ("until",)),
    "exposure": ("denied-exposure", ("exposure", "limit", "most", "asset")),
    "concentration": ("denied-concentration", ("symbol", "share_bps", "limit_bps", "most", "asset")),
    "limit_price_too_low": ("denied-limit-price-too-low", ("tick", "asset")),
    "expiry_passed": ("denied-expiry-passed", ()),
    "expiry_too_far": ("denied-expiry-too-far", ("days",)),
    "order_final": ("denied-order-final", ()),
    "order_not_found": ("denied-order-not-found", ()),
    "conditional_legs": ("denied-conditional-legs", ("most",)),
    "conditional_entry": ("denied-conditional-entry", ()),
    "conditional_size": ("denied-conditional-size", ()),
    "conditional_shares": ("denied-conditional-shares", ()),
    "conditional_price": ("denied-conditional-price", ()),
    "conditional_time": ("denied-conditional-time", ()),
    "conditional_prices_crossed": ("denied-conditional-prices-crossed", ()),
    "too_many_conditionals": ("denied-too-many-conditionals", ("most",)),
    "conditional_not_found": ("denied-conditional-not-found", ()),
    "conditional_final": ("denied-conditional-final", ()),
    "trigger_met": ("denied-trigger-met", ("price", "trigger")),
    "already_reversed": ("denied-bookkeeping", ()),
    "hold_closed": ("denied-bookkeeping", ()),
    "unknown_scope": ("denied-unknown-scope", ("scope",)),
    "unknown_timezone": ("denied-unknown-timezone", ("timezone",)),
    "security_stays_on": ("denied-security-stays-on", ()),
    "slippage_range": ("denied-slippage-range", ()),
    "presets_range": ("denied-presets-range", ()),
    "phrase_length": ("denied-phrase-length", ()),
    "phrase_characters": ("denied-phrase-characters", ()),
    "unknown_language": ("denied-unknown-language", ()),
    "alert_range": ("denied-alert-range", ()),
    "alert_window": ("denied-alert-window", ("windows",)),
    "alert_already_true": ("denied-alert-already-true", ("symbol", "price")),
    "alert_not_found": ("denied-alert-not-found", ()),
    "too_many_alerts": ("denied-too-many-alerts", ("limit",)),
    "nothing_to_show": ("denied-nothing-to-show", ()),
    "cards_unavailable": ("denied-cards-unavailable", ()),
    "broadcast_not_found": ("denied-broadcast-not-found", ()),
    "broadcast_state": ("denied-broadcast-state", ()),
    "broadcast_text": ("denied-broadcast-text", ("most",)),
    "broadcast_no_english": ("denied-broadcast-no-english", ()),
    "broadcast_segment": ("denied-broadcast-segment", ()),
    "last_admin": ("denied-last-admin", ()),
    "ambiguous_user": ("denied-ambiguous-user", ()),
    "busy": ("toast-busy", ()),
    "not_operator": ("denied-not-operator", ()),
    "button_unknown": ("button-unknown", ()),
    "button_used": ("button-used", ()),
    "button_expired": ("button-expired", ()),
    "button_foreign": ("button-foreign", ()),
    "button_repeated": ("button-used", ()),
}
"""Code of a denial → text, and the parameters it needs."""

SILENT = frozenset({"button_repeated"})
"""Answered before: a second copy of the same tap gets no second answer."""


def explain(texts: Texts, code: str, params: Mapping[str, Any]) -> Markup:
    """Why, and what would change it: one sentence or two."""
    message, names = WORDS.get(code, ("denied-other", ()))
    return texts(message, **{name: _figure(name, params.get(name, "")) for name in names})


def _figure(name: str, value: object) -> str:
    shown = str(value)
    try:
        return _FIGURES[name](shown) if name in _FIGURES else shown
    except (ValueError, ArithmeticError):
        return shown
