"""What makes an order a limit order, in words: price, how long it may wait, what is filled and what waits. Pure; used by order screens."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot import figures
from bot.catalog import Markup, Texts

Data = Mapping[str, Any]
_LIVE = frozenset({"INITIALIZED", "SUBMITTED", "ACCEPTED", "PARTIALLY_FILLED", "PENDING_CANCEL"})


def is_limit(data: Data) -> bool:
    """Whether the data are of a limit order; rows of before say nothing and are of market orders."""
    return data.get("order_type") == "limit"


def terms_line(data: Data, texts: Texts) -> Markup:
    """`Limit 58,000 USDT, until canceled or 2026-01-08 …, post only`."""
    price = texts("limit-price", price=figures.price(data["limit_price"]), quote=data["quote"])
    until = figures.when(data.get("expires_at") or "")
    time = texts("limit-until", at=until) if until else texts(f"limit-time-{data['time_in_force']}")
    return texts("limit-terms-post" if data.get("post_only") else "limit-terms", price=price, time=time)


def limit_lines(data: Data, texts: Texts) -> list[Markup]:
    """The terms, and while it lives how much is filled and how much is not."""
    if not is_limit(data) or data.get("limit_price") is None:
        return []
    lines = [terms_line(data, texts)]
    if data["state"] in _LIVE and data.get("remaining") is not None:
        filled, left = figures.amount(data["filled_quantity"]), figures.amount(data["remaining"])
        lines.append(texts("limit-progress", filled=filled, remaining=left, base=data["base"]))
    return lines


def preview_lines(data: Data, texts: Texts) -> list[Markup]:
    """What would fill at once, what would wait or end, and what is held for it."""
    base = data["base"]
    now, later = Decimal(data["quantity"]), Decimal(data["beyond"])
    lines = [terms_line(data, texts)]
    if now > 0:
        average = figures.price(data["average_price"])
        lines.append(texts("limit-at-once", quantity=figures.amount(data["quantity"]), base=base, price=average, quote=data["quote"]))
    else:
        lines.append(texts("limit-nothing-at-once"))
    if later > 0:
        fate = "limit-rest-waits" if data["time_in_force"] in ("gtc", "gtd") else "limit-rest-ends"
        lines.append(texts(fate, quantity=figures.amount(data["beyond"]), base=base))
    if data.get("venue_refusal"):
        lines.append(texts("limit-would-take"))
    if data.get("held"):
        lines.append(texts("limit-held", amount=figures.amount(data["held"]["amount"], up=True), asset=data["held"]["asset"]))
    return lines
