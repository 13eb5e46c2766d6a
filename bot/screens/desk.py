"""Screens of everything but orders under way: start, help, choices, portfolio, orders, status, plain lines. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot import figures
from bot.catalog import Markup, Texts
from bot.errors import explain
from bot.screens.conditional import line as conditional_line
from bot.screens.order import source_text
from bot.screens.rendered import Button, Rendered, in_rows

Data = Mapping[str, Any]
MENU = ("buy", "sell", "positions", "orders", "portfolio", "history", "alerts", "settings", "help")


def render_text(data: Data, texts: Texts) -> Rendered:
    """One line of the catalogue."""
    return Rendered(texts(data["id"], **data.get("params", {})))


def render_denied(data: Data, texts: Texts) -> Rendered:
    """Why something was refused."""
    return Rendered(texts("denied", why=explain(texts, data["code"], data.get("params", {}))))


def render_toast(data: Data, texts: Texts) -> Rendered:
    """The short answer to a tap."""
    if data.get("code"):
        return Rendered(_unescaped(explain(texts, data["code"], data.get("params", {}))), alert=True)
    return Rendered(_unescaped(texts(data["id"], **data.get("params", {}))))


def _unescaped(text: str) -> str:
    """Toasts are plain text, at most 200 characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")[:200]


def render_start(data: Data, texts: Texts) -> Rendered:
    """Balances, what to do, the menu. The first time also what was given."""
    lines: list[str] = [texts("start-welcome" if data["opened"] else "start-again")]
    lines += _balance_lines(data["balances"], texts)
    if data.get("token"):
        lines.append(texts("start-token", token=data["token"]))
    lines.append(texts("start-what-to-do"))
    if data["mode"] == "live":
        lines.append(texts("start-live"))
    return Rendered("\n".join(lines), _menu(data["menu"], texts))


def _menu(handles: Sequence[str], texts: Texts) -> list[list[Button]]:
    return in_rows([Button(str(texts(f"menu-{name}")), handle) for name, handle in zip(MENU, handles, strict=True)], 2)


def _balance_lines(balances: Sequence[Data], texts: Texts) -> list[str]:
    if not balances:
        return [texts("balance-none")]
    return [
        texts("balance-held", amount=figures.amount(one["available"]), asset=one["asset"], held=figures.amount(one["held"]))
        if one["held"] != "0"
        else texts("balance", amount=figures.amount(one["available"]), asset=one["asset"])
        for one in balances
    ]


def render_help(data: Data, texts: Texts) -> Rendered:
    """What can be typed."""
    lines = [texts("help")]
    if data.get("operator"):
        lines.append(texts("help-operator"))
    if data.get("staff"):
        lines.append(texts("help-staff", commands=" ".join(f"/{name}" for name in data["staff"])))
    return Rendered("\n".join(lines))


def render_choose_pair(data: Data, texts: Texts) -> Rendered:
    """Which pair to buy."""
    if not data["choices"]:
        return Rendered(texts("no-instruments"))
    buttons = [Button(choice["symbol"], choice["handle"]) for choice in data["choices"]]
    return Rendered(texts("choose-pair"), in_rows(buttons, 2))


def render_choose_amount(data: Data, texts: Texts) -> Rendered:
    """How much to spend."""
    buttons = [
        Button(str(texts("button-spend", amount=figures.amount(choice["amount"]), quote=data["quote"])), choice["handle"])
        for choice in data["choices"]
    ]
    text = texts("choose-amount", symbol=data["symbol"], quote=data["quote"], available=figures.amount(data["available"]))
    return Rendered(text, in_rows(buttons, 2))


def render_choose_holding(data: Data, texts: Texts) -> Rendered:
    """Which position to sell."""
    if not data["choices"]:
        return Rendered(texts("nothing-to-sell"))
    lines: list[str] = [texts("choose-holding")]
    lines += [_position_line(choice, texts) for choice in data["choices"]]
    buttons = [Button(choice["symbol"], choice["handle"]) for choice in data["choices"]]
    return Rendered("\n".join(lines), in_rows(buttons, 2))


def render_choose_share(data: Data, texts: Texts) -> Rendered:
    """How much of a position to sell."""
    buttons = [Button(f"{choice['percent']} %", choice["handle"]) for choice in data["choices"]]
    text = texts("choose-share", symbol=data["symbol"], base=data["base"], available=figures.amount(data["available"]))
    return Rendered(text, in_rows(buttons, 4))


def _position_line(position: Data, texts: Texts) -> Markup:
    """Symbol, quantity, value and profit, as far as there is a price."""
    named = {"symbol": position["symbol"], "quantity": figures.amount(position["quantity"]), "base": position["base"]}
    if position.get("value") is None:
        return texts("position-unpriced", **named)
    return texts(
        "position",
        **named,
        value=figures.amount(position["value"]),
        quote=position["quote"],
        pnl=figures.signed(position["unrealized"]),
        price=figures.price(position["price"]),
    )


def render_portfolio(data: Data, texts: Texts) -> Rendered:
    """Holdings, value and profit, each price with source and age."""
    lines: list[str] = [texts("portfolio-head", venue=data["venue"])]
    lines += _balance_lines(data["balances"], texts)
    for position in data["positions"]:
        lines.append(_position_line(position, texts))
        if position.get("source"):
            lines.append(texts("position-source", source=source_text(position["source"], texts), age=figures.age(position["age_ms"])))
    for one in data["totals"]:
        unrealized, realized = figures.signed(one["unrealized"]), figures.signed(one["realized"])
        lines.append(
            texts("portfolio-total", value=figures.amount(one["value"]), quote=one["quote"], unrealized=unrealized, realized=realized)
        )
    rows = [[Button(str(texts("button-refresh")), data["refresh"])]]
    if "value" in data:
        rows.append([Button(str(texts("account-button-value")), data["value"]), Button(str(texts("button-flows")), data["flows"])])
    return Rendered("\n".join(lines), rows)


def render_orders(data: Data, texts: Texts) -> Rendered:
    """Open orders with a cancel button each, and the latest finished ones."""
    lines: list[str] = [texts("orders-open") if data["open"] else texts("orders-none-open")]
    lines += [_order_line(one, texts) for one in data["open"]]
    waiting = data.get("conditional") or []
    if waiting:
        lines += [texts("orders-conditional"), *(conditional_line(one, texts) for one in waiting)]
    if data["finished"]:
        lines.append(texts("orders-finished"))
        lines += [_order_line(one, texts) for one in data["finished"]]
    open_ones = [*data["open"], *waiting]
    buttons = [Button(str(texts("button-cancel-code", code=one["code"])), one["cancel"]) for one in open_ones if one.get("cancel")]
    return Rendered("\n".join(lines), in_rows(buttons, 2))


def _order_line(order: Data, texts: Texts) -> Markup:
    named = {"code": order["code"], "side": texts(f"side-{order['side']}"), "symbol": order["symbol"], "at": figures.when(order["at"])}
    return texts("orders-line", **named, filled=_filled(order, texts), state=texts(f"state-{order['state'].lower().replace('_', '-')}"))


def _filled(order: Data, texts: Texts) -> str:
    """How much is executed; of a limit order also of how much, and its price: `0 / 0.0999 · Limit 1,000 USDT`."""
    filled = figures.amount(order["filled"])
    if order.get("limit_price") is None or order.get("quantity") is None:
        return filled
    limit = texts("limit-price", price=figures.price(order["limit_price"]), quote=order["symbol"].partition("/")[2])
    return Markup(f"{filled} / {figures.amount(order['quantity'])} · {limit}")


def render_status(data: Data, texts: Texts) -> Rendered:
    """Health, short for everybody, with parts for operators."""
    lines: list[str] = [texts(f"status-{data['state']}")]
    lines += [_pause_line(one, texts) for one in data["pauses"]]
    lines += [
        texts("status-market", symbol=one["symbol"], source=source_text(one["source"], texts), age=figures.age(one["age_ms"]))
        for one in data["market"]
    ]
    lines += [texts("status-part", part=one["name"], state=one["state"], age=figures.age(one["age_ms"])) for one in data.get("parts", ())]
    return Rendered("\n".join(lines))


def _pause_line(one: Data, texts: Texts) -> Markup:
    named = {"scope": one["scope"], "since": figures.when(one["since"])}
    if "by" not in one:
        return texts("status-pause", **named)
    return texts("status-pause-by", **named, by=one["by"], why=one["why"] or texts("status-pause-unsaid"))
