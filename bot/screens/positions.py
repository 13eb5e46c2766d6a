"""Screens of positions: the list, the sell panel, and cards. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot import figures
from bot.catalog import Markup, Texts
from bot.errors import explain
from bot.screens.order import source_text
from bot.screens.rendered import Button, Rendered, in_rows

Data = Mapping[str, Any]


def render_positions(data: Data, texts: Texts) -> Rendered:
    """Each position with value and profit, its price with source and age; the sums with fees apart."""
    if not data["rows"]:
        lines: list[str] = [texts("positions-none")]
    else:
        lines = [texts("positions-head")]
        for row in data["rows"]:
            lines += _position(row, texts)
    if data["more"]:
        lines.append(texts("positions-more", count=str(data["more"])))
    lines += _total(data["total"], texts)
    buttons = [
        [
            Button(str(texts("button-sell-position", base=row["base"])), row["sell"]),
            Button(str(texts("button-card", base=row["base"])), row["card"]),
        ]
        for row in data["rows"]
    ]
    return Rendered("\n".join(lines), [*buttons, [Button(str(texts("button-refresh")), data["refresh"])]])


def _position(row: Data, texts: Texts) -> list[Markup]:
    lines = [texts("positions-line", symbol=row["symbol"], quantity=figures.amount(row["quantity"]), base=row["base"])]
    if row["average_cost"] is not None:
        lines.append(
            texts("positions-cost", average=figures.price(row["average_cost"]), cost=figures.amount(row["cost"]), quote=row["quote"])
        )
    if row["value"] is None:
        lines.append(texts("positions-unpriced"))
    else:
        change = _change(row["unrealized"], row["cost"])
        lines.append(
            texts(
                "positions-value",
                value=figures.amount(row["value"]),
                quote=row["quote"],
                pnl=figures.signed(row["unrealized"]),
                change=change,
                price=figures.price(row["price"]),
            )
        )
        lines.append(texts("position-source", source=source_text(row["source"], texts), age=figures.age(row["age_ms"])))
    return lines


def _change(unrealized: str, cost: str) -> str:
    paid = Decimal(cost)
    return figures.percent(str(Decimal(unrealized) / paid * 100)) if paid else "–"


def _total(total: Data, texts: Texts) -> list[Markup]:
    lines = [
        texts(
            "positions-total",
            value=figures.amount(total["value"]),
            unrealized=figures.signed(total["unrealized"]),
            realized=figures.signed(total["realized"]),
            fees=figures.amount(total["fees"], up=True),
            quote=total["quote"],
        )
    ]
    if total["missing"]:
        lines.append(texts("positions-missing", names=", ".join(total["missing"]), quote=total["quote"]))
    return lines


def render_sell_panel(data: Data, texts: Texts) -> Rendered:
    """What would arrive for each share, after fees and impact."""
    lines: list[str] = [texts("panel-head", symbol=data["symbol"])]
    lines += [_offer(offer, texts) for offer in data["offers"]]
    source = next((offer["source"] for offer in data["offers"] if offer.get("source")), None)
    if source:
        lines.append(texts("panel-source", source=source_text(source, texts)))
    buttons = [Button(_label(offer, texts), offer["handle"]) for offer in data["offers"]]
    last = [Button("✏️ X", data["custom"]), Button(str(texts("button-back")), data["back"])]
    return Rendered("\n".join(lines), [*in_rows(buttons, 4), last])


def _label(offer: Data, texts: Texts) -> str:
    return str(texts("button-initials")) if offer["kind"] == "initials" else f"{offer['value']} %"


def _offer(offer: Data, texts: Texts) -> Markup:
    label = _label(offer, texts)
    if offer["denied"]:
        return texts("panel-denied", label=label, why=explain(texts, offer["denied"], offer["params"]))
    return texts(
        "panel-offer",
        label=label,
        quantity=figures.amount(offer["quantity"]),
        base=offer["base"],
        total=figures.amount(offer["total"]),
        quote=offer["quote"],
        fees=figures.amount(offer["fees"], up=True),
        impact=figures.basis_points(offer["impact_bps"]),
    )


def render_choose_card(data: Data, texts: Texts) -> Rendered:
    """With amounts or without."""
    choices = [Button(str(texts("button-card-without")), data["without"]), Button(str(texts("button-card-with")), data["with"])]
    return Rendered(texts("choose-card", symbol=data["symbol"]), [choices, [Button(str(texts("button-back")), data["back"])]])


def render_pnl_card(data: Data, texts: Texts) -> Rendered:
    """The caption of the picture."""
    return Rendered(texts("card-caption", symbol=data["figures"]["symbol"], code=data["code"], link=data["link"]))


def render_verified(data: Data, texts: Texts) -> Rendered:
    """The figures of a card, as it was issued."""
    card = data["card"]
    if card is None:
        return Rendered(texts("card-unknown"))
    told = card["figures"]
    lines: list[str] = [texts("card-verified", code=card["code"], symbol=told["symbol"], venue=told["venue"])]
    lines.append(
        texts(
            "card-figures",
            change=figures.percent(told["change_percent"]),
            average=figures.price(told["average_cost"]),
            price=figures.price(told["price"]),
        )
    )
    if "unrealized" in told:
        lines.append(
            texts("card-amounts", value=figures.amount(told["value"]), pnl=figures.signed(told["unrealized"]), quote=told["quote"])
        )
    lines.append(
        texts("card-origin", source=told["price_source"], price_at=figures.when(told["price_at"]), at=figures.when(told["issued_at"]))
    )
    return Rendered("\n".join(lines))
