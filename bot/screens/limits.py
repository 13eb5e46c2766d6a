"""The questions of /limit: side, pair, size, price, each with buttons. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot import figures
from bot.catalog import Texts
from bot.screens.rendered import Button, Rendered, in_rows

Data = Mapping[str, Any]
_WIDTH = 2


def render_choose_limit(data: Data, texts: Texts) -> Rendered:
    """One question; a choice is a side, a pair, an amount, a share or a price."""
    params = {name: data[name] for name in ("symbol", "asset", "quote", "example") if name in data}
    if "available" in data:
        params["available"] = figures.amount(data["available"])
    if "price" in data:
        params["price"] = figures.price(data["price"])
    buttons = [Button(_label(choice, texts), choice["handle"]) for choice in data["choices"]]
    return Rendered(texts(data["question"], **params), in_rows(buttons, _WIDTH))


def _label(choice: Data, texts: Texts) -> str:
    if "side" in choice:
        return str(texts(f"limit-choice-{choice['side']}"))
    if "percent" in choice:
        return str(texts("limit-choice-percent", percent=choice["percent"]))
    if "amount" in choice:
        return str(texts("limit-choice-amount", amount=figures.amount(choice["amount"]), asset=choice["asset"]))
    if "price" in choice:
        return str(texts("limit-choice-price", price=figures.price(choice["price"]), off=figures.percent(choice["off"])))
    return str(choice["symbol"])
