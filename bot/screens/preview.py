"""The second look before an order: minimum received, every fee, source and age of the price, Confirm and Cancel. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot import figures
from bot.catalog import Markup, Texts
from bot.errors import explain
from bot.screens.order import asked, fee_lines, source_text
from bot.screens.rendered import Button, Rendered
from bot.screens.terms import is_limit, preview_lines


def render_preview(data: Mapping[str, Any], texts: Texts) -> Rendered:
    """A question with two buttons; a preview that would be denied says so first and has none."""
    if data.get("denied"):
        lines = [texts("preview-denied", why=explain(texts, data["denied"], data["reason_params"]), what=asked(data, texts))]
        if data.get("price_source"):
            lines.append(_source(data, texts))
        accept = [[Button(str(texts("button-accept-impact")), data["accept"])]] if data.get("accept") else []
        return Rendered("\n".join(lines), accept)
    lines = _limit_lines(data, texts) if is_limit(data) else _market_lines(data, texts)
    lines += [texts("order-venue", venue=data["venue"]), _source(data, texts)]
    buttons = [Button(str(texts("button-confirm")), data["confirm"]), Button(str(texts("button-cancel")), data["cancel"])]
    return Rendered("\n".join(lines), [buttons])


def _limit_lines(data: Mapping[str, Any], texts: Texts) -> list[Markup]:
    """What fills at once with its fees, what waits, what all of it brings at the limit price."""
    side, base, quote = data["side"], data["base"], data["quote"]
    whole = figures.amount(str(Decimal(data["quantity"]) + Decimal(data["beyond"])))
    lines = [texts(f"preview-head-limit-{side}", quantity=whole, base=base, symbol=data["symbol"]), *preview_lines(data, texts)]
    if Decimal(data["quantity"]) > 0:
        lines += fee_lines(data["fees"], texts)
        lines.append(texts(f"preview-total-{side}", total=figures.amount(data["total"], up=side == "buy"), quote=quote))
    received = base if side == "buy" else quote
    return [*lines, texts("preview-minimum-filled", amount=figures.amount(data["minimum_received"]), asset=received)]


def _market_lines(data: Mapping[str, Any], texts: Texts) -> list[Markup]:
    side, base, quote = data["side"], data["base"], data["quote"]
    received = base if side == "buy" else quote
    return [
        texts(f"preview-{side}", quantity=figures.amount(data["quantity"]), base=base, symbol=data["symbol"]),
        texts("preview-average", price=figures.price(data["average_price"]), quote=quote),
        *fee_lines(data["fees"], texts),
        texts(f"preview-total-{side}", total=figures.amount(data["total"], up=side == "buy"), quote=quote),
        texts("preview-minimum", amount=figures.amount(data["minimum_received"]), asset=received),
        texts(f"preview-limit-{side}", price=figures.price(data["limit_price"]), quote=quote),
        texts("preview-impact", impact=figures.basis_points(data["price_impact_bps"])),
    ]


def _source(data: Mapping[str, Any], texts: Texts) -> Markup:
    return texts("preview-source", source=source_text(data["price_source"], texts), age=figures.age(data["price_age_ms"]))
