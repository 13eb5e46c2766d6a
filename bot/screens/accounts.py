"""The account's value over time and its waterfall. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot import figures
from bot.catalog import Markup, Texts
from bot.screens.rendered import Button, Rendered

Data = Mapping[str, Any]


def render_account_value(data: Data, texts: Texts) -> Rendered:
    """What it was worth, and how much it grew apart from what came and went."""
    newest = data["newest"]
    if newest is None:
        return Rendered(texts("account-no-value"), _buttons(data, texts))
    lines: list[str] = [texts("account-value-head")]
    lines.append(texts("account-value-newest", value=figures.amount(newest["value"]), quote=newest["quote"], at=figures.when(newest["at"])))
    lines += [_period(one, texts) for one in data["periods"]]
    if newest["unpriced"]:
        lines.append(texts("account-unpriced", assets=", ".join(newest["unpriced"])))
    lines.append(texts("account-value-how"))
    return Rendered("\n".join(lines), _buttons(data, texts))


def _period(one: Data, texts: Texts) -> Markup:
    period = texts(f"period-{one['name']}")
    if one["first"] is None or one["growth_percent"] is None:
        return texts("account-period-unknown", period=period)
    value, quote = figures.amount(one["first"]["value"]), one["first"]["quote"]
    return texts("account-period", period=period, value=value, quote=quote, growth=figures.percent(one["growth_percent"]))


def render_account_flows(data: Data, texts: Texts) -> Rendered:
    """From the opening to the closing balance, asset by asset."""
    lines: list[str] = [texts("account-flows-head", period=texts(f"period-{data['period']}"))]
    for one in data["assets"]:
        lines.append(texts("account-asset", asset=one["asset"]))
        lines.append(texts("account-opening", amount=figures.amount(one["opening"])))
        for item in one["items"]:
            sign = "−" if item["taken"] or item["amount"].startswith("-") else "+"
            amount = figures.amount(item["amount"].removeprefix("-"), up=True)
            lines.append(texts(f"account-item-{item['item'].replace('_', '-')}", amount=f"{sign}{amount}"))
        lines.append(texts("account-closing", amount=figures.amount(one["closing"])))
    if not data["assets"]:
        lines.append(texts("account-nothing"))
    return Rendered("\n".join(lines), _buttons(data, texts))


def _buttons(data: Data, texts: Texts) -> list[list[Button]]:
    flows = [Button(str(texts("account-button-flows", period=texts(f"period-{one['name']}"))), one["handle"]) for one in data["flows"]]
    return [flows, [Button(str(texts("account-button-value")), data["value"]), Button(str(texts("button-back")), data["back"])]]
