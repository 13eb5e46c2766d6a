"""The card of an instrument: the caption under its candle picture. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot import figures
from bot.catalog import Texts
from bot.screens.order import source_text
from bot.screens.rendered import Button, Rendered, in_rows

Data = Mapping[str, Any]


def render_card(data: Data, texts: Texts) -> Rendered:
    """Every figure with its source and age; what is not known is said. At most 1,024 characters: it is a caption."""
    lines: list[str] = [texts("card-head", symbol=data["symbol"], venue=data["venue"], asset=data["asset"])]
    if data["price"] is not None:
        lines.append(texts("card-price", price=figures.price(data["price"]), quote=data["quote"], spread=_spread(data)))
    changes = " · ".join(f"{texts(f'card-window-{window}')} {_change(bps)}" for window, bps in data["changes"])
    lines.append(texts("card-changes", changes=changes))
    if data["high"] is not None:
        lines.append(texts("card-range", low=figures.price(data["low"]), high=figures.price(data["high"])))
    if data["volume"] is not None:
        lines.append(texts("card-volume", volume=figures.amount(data["volume"]), base=data["base"]))
    lines.append(texts("card-depth", bids=figures.amount(data["bid_depth"]), asks=figures.amount(data["ask_depth"]), quote=data["quote"]))
    impacts = " · ".join(f"{figures.amount(one['amount'])}: {_impact(one['impact_bps'])}" for one in data["presets"])
    lines.append(texts("card-impact", impacts=impacts, quote=data["quote"]))
    if data["held"]["available"] != "0":
        lines.append(texts("card-held", amount=figures.amount(data["held"]["available"]), base=data["base"]))
    lines.append(texts("position-source", source=source_text(data["source"], texts), age=figures.age(data["age_ms"])).strip())
    return Rendered("\n".join(lines), _buttons(data, texts))


def _spread(data: Data) -> str:
    return "–" if data["spread_bps"] is None else figures.basis_points_of(data["spread_bps"])


def _change(bps: int | None) -> str:
    return "–" if bps is None else figures.percent(str(Decimal(bps).scaleb(-2)))


def _impact(bps: int | None) -> str:
    return "–" if bps is None else figures.basis_points(bps)


def _buttons(data: Data, texts: Texts) -> list[list[Button]]:
    named: dict[str, list[Button]] = {"card_buy": [], "card_sell": [], "card_show": [], "card_alert": []}
    for one in data["buttons"]:
        named[one["name"]].append(Button(_label(one, data, texts), one["handle"]))
    rows = in_rows(named["card_buy"], 3) + in_rows(named["card_sell"], 4)
    return [*rows, named["card_show"] + named["card_alert"]]


def _label(button: Data, data: Data, texts: Texts) -> str:
    match button["name"]:
        case "card_buy":
            return str(texts("card-button-buy", amount=figures.amount(button["value"]), quote=data["quote"]))
        case "card_sell":
            return str(texts("card-button-sell", share=button["value"]))
        case "card_show":
            chosen = button["interval"] == data["interval"]
            return str(texts("card-button-refresh" if chosen else "card-button-interval", interval=button["interval"]))
    return str(texts("card-button-alert"))
