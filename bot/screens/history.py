"""Screens of fills: a page, and the caption of the file. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot import figures
from bot.catalog import Markup, Texts
from bot.screens.rendered import Button, Rendered

Data = Mapping[str, Any]


def render_history(data: Data, texts: Texts) -> Rendered:
    """Fills, newest first, with what each sale made after fees."""
    if not data["fills"]:
        return Rendered(texts("history-none"), _buttons(data, texts))
    lines: list[str] = [texts("history-head", page=str(data["page"]))]
    lines += [_fill(fill, texts) for fill in data["fills"]]
    return Rendered("\n".join(lines), _buttons(data, texts))


def _fill(fill: Data, texts: Texts) -> Markup:
    named = {
        "quantity": figures.amount(fill["quantity"]),
        "base": fill["base"],
        "price": figures.price(fill["price"]),
        "quote": fill["quote"],
        "fees": figures.amount(fill["fees"], up=True),
        "venue": fill["venue"],
        "at": figures.when(fill["at"]),
    }
    if fill["realized"] is not None:
        return texts("history-sold", **named, pnl=figures.signed(fill["realized"]))
    return texts(f"history-{'bought' if fill['side'] == 'buy' else 'sold-before-lots'}", **named)


def _buttons(data: Data, texts: Texts) -> list[list[Button]]:
    labels = (("newer", "button-newer"), ("older", "button-older"), ("csv", "button-csv"))
    row = [Button(str(texts(label)), data["buttons"][name]) for name, label in labels if name in data["buttons"]]
    return [row] if row else []


def render_history_file(data: Data, texts: Texts) -> Rendered:
    """The caption of the file."""
    return Rendered(texts("history-file", at=figures.when(data["until"])))
