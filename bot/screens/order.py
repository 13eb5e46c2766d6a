"""The one message of an order: accepted → submitted → filled or how else it ended. Pure.

In English its last state begins, after an emoji, with Bought, Sold, Denied, Rejected, Canceled or Expired.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot import figures
from bot.catalog import Markup, Texts
from bot.errors import explain
from bot.screens.rendered import Button, Rendered
from bot.screens.terms import is_limit, limit_lines

Data = Mapping[str, Any]
_HEADS = {
    "INITIALIZED": "order-accepted",
    "SUBMITTED": "order-submitted",
    "ACCEPTED": "order-working",
    "PARTIALLY_FILLED": "order-partially-filled",
    "PENDING_CANCEL": "order-canceling",
    "FILLED": "order-filled",
    "CANCELED": "order-canceled",
    "EXPIRED": "order-expired",
    "REJECTED": "order-rejected",
    "DENIED": "order-denied",
}


_VENUE_WORDS = {"post_only_would_take": "rejected-post-only", "too_late": "rejected-too-late", "no_price": "rejected-no-price"}
_ENDINGS = {"not_whole": "ended-not-whole", "expired": "ended-expired"}


def render_order(data: Data, texts: Texts) -> Rendered:
    """The message as the order stands now."""
    lines = [_head(data, texts)]
    lines += limit_lines(data, texts)
    if Decimal(data["filled_quantity"]) > 0:
        lines += _filled_lines(data, texts)
    lines += source_lines(data, texts)
    lines.append(texts("order-code", code=data["code"], at=figures.when(data["at"])))
    rows = [[Button(str(texts("button-cancel-order")), data["cancel"])]] if data.get("cancel") else []
    return Rendered("\n".join(line for line in lines if line), rows)


def _venues_word(texts: Texts, data: Data) -> Markup | str:
    """Why a venue refused: our words where we have some, else its own."""
    if data["reason"] in _VENUE_WORDS:
        return texts(_VENUE_WORDS[data["reason"]])
    return explain(texts, data["reason"], {}) if data["reason"] == "venue_away" else data["reason"] or "–"


def _head(data: Data, texts: Texts) -> Markup:
    state, side = data["state"], data["side"]
    if state == "DENIED":
        return texts("order-denied", why=explain(texts, data["reason"], data["reason_params"]), what=asked(data, texts))
    if state == "REJECTED":
        return texts("order-rejected", why=_venues_word(texts, data), what=asked(data, texts))
    if state == "FILLED":
        return texts(f"order-{'bought' if side == 'buy' else 'sold'}", quantity=figures.amount(data["filled_quantity"]), base=data["base"])
    head = texts(_HEADS[state], what=asked(data, texts), venue=data["venue"])
    partly = Decimal(data["filled_quantity"]) > 0
    if state in ("CANCELED", "EXPIRED", "PENDING_CANCEL") or partly:
        done = "order-done-nothing" if not partly else f"order-done-{side}"
        words = [head, texts(done, quantity=figures.amount(data["filled_quantity"]), base=data["base"])]
        if data.get("reason") in _ENDINGS:
            words.append(texts(_ENDINGS[data["reason"]]))
        return Markup("\n".join(words))
    return head


def asked(data: Data, texts: Texts) -> Markup:
    """What was asked for: `buy BTC/USDT for 100 USDT`."""
    size = data.get("size") or {}
    kind, side = size.get("kind", ""), data["side"]
    if kind == "quote_amount":
        figure = texts(f"asked-{side}-quote", amount=figures.amount(size["value"]), quote=data["quote"])
    elif kind == "percent":
        unit = data["quote"] if side == "buy" else data["base"]
        figure = texts(f"asked-{side}-percent", percent=figures.amount(size["value"]), asset=unit)
    elif kind == "base_quantity":
        figure = texts(f"asked-{side}-base", quantity=figures.amount(size["value"]), base=data["base"])
    else:
        figure = texts(f"asked-{side}-plain")
    what = Markup(texts("asked", figure=figure, symbol=data["symbol"]))
    if not is_limit(data) or data.get("limit_price") is None:
        return what
    return Markup(texts("asked-limit", what=what, price=figures.price(data["limit_price"]), quote=data["quote"]))


def _filled_lines(data: Data, texts: Texts) -> list[Markup]:
    quote, side = data["quote"], data["side"]
    lines = [texts("order-average", price=figures.price(data["average_price"]), quote=quote)]
    if data.get("notional") is not None:
        lines.append(texts("order-notional", amount=figures.amount(data["notional"], up=side == "buy"), quote=quote))
    lines += fee_lines(data["fees"], texts)
    if data.get("total") is not None:
        lines.append(texts(f"order-total-{side}", total=figures.amount(data["total"], up=side == "buy"), quote=quote))
    lines.append(texts("order-venue", venue=data["venue"]))
    lines += _position_lines(data, texts)
    return lines


def fee_lines(fees: list[Data], texts: Texts) -> list[Markup]:
    """Each fee on a line of its own."""
    return [texts(f"fee-{fee['kind']}", amount=figures.amount(fee["amount"], up=True), asset=fee["asset"]) for fee in fees]


def _position_lines(data: Data, texts: Texts) -> list[Markup]:
    lines = []
    position, balance, quote = data.get("position"), data.get("balance"), data["quote"]
    if position and data["side"] == "sell":
        lines.append(texts("order-realized", amount=figures.signed(position["realized_now"]), quote=quote))
    if balance:
        base, cash = figures.amount(balance["base"]), figures.amount(balance["quote"])
        lines.append(texts("order-balance", base_amount=base, base=data["base"], quote_amount=cash, quote=quote))
    if position and position.get("average_cost") is not None:
        quantity, cost = figures.amount(position["quantity"]), figures.price(position["average_cost"])
        lines.append(texts("order-position", quantity=quantity, base=data["base"], cost=cost, quote=quote))
    return lines


def source_lines(data: Data, texts: Texts) -> list[Markup]:
    """Where the price comes from and when it was seen; 'simulated' where it is."""
    source = data.get("price_source")
    if not source:
        return []
    at = figures.when(data.get("price_at") or "")
    line = source_text(source, texts)
    return [texts("price-source", source=line, at=at) if at else texts("price-source-only", source=line)]


def source_text(source: Data, texts: Texts) -> Markup:
    """A price's source in words."""
    kind = source.get("kind", "")
    message = {
        "recorded_book": "source-recorded-book",
        "recorded_candles": "source-recorded-candles",
        "simulated": "source-simulated",
        "live": "source-live",
    }.get(kind, "source-live")
    recorded = figures.when(source.get("recorded_at") or "")
    shown = texts(message, name=source.get("name", ""))
    return Markup(texts("source-recorded-at", source=shown, at=recorded)) if recorded else shown
