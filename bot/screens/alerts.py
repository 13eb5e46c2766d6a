"""The screens of alerts, and the digest of what was held in quiet hours. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot import figures
from bot.catalog import Markup, Texts
from bot.screens.rendered import Button, Rendered, in_rows

Data = Mapping[str, Any]


def condition(data: Data, texts: Texts) -> Markup:
    """What an alert waits for."""
    kind = data["kind"]
    if kind in ("above", "below"):
        quote = data.get("quote") or data["symbol"].partition("/")[2]
        return texts(f"alert-{kind}", symbol=data["symbol"], price=figures.price(data["threshold"]), quote=quote)
    if kind == "move":
        share = figures.basis_points(int(Decimal(data["threshold"])))
        return texts("alert-move", symbol=data["symbol"], share=share, window=texts(f"window-{data['window']}"))
    times = figures.amount(data["threshold"])
    return texts("alert-volume", symbol=data["symbol"], times=times, window=texts(f"window-{data['window']}"))


def render_alert(data: Data, texts: Texts) -> Rendered:
    """An alert fired: what, and what was seen, with source and time."""
    lines: list[str] = [texts("alert-fired", what=condition(data, texts))]
    lines += _seen(data, texts)
    return Rendered("\n".join(lines))


def _seen(data: Data, texts: Texts) -> list[str]:
    lines: list[str] = []
    window = data.get("window", "")
    change = (data.get("changes_bps") or {}).get(window)
    times = (data.get("volume_times") or {}).get(window)
    if data["kind"] == "move" and change is not None:
        lines.append(texts("alert-seen-move", change=figures.percent(str(Decimal(change).scaleb(-2))), window=texts(f"window-{window}")))
    if data["kind"] == "volume" and times is not None:
        lines.append(texts("alert-seen-volume", times=figures.amount(times)))
    if data.get("price"):
        lines.append(
            texts("alert-seen-price", price=figures.price(data["price"]), source=data.get("source") or "", at=figures.when(data["at"]))
        )
    return lines


def render_alert_armed(data: Data, texts: Texts) -> Rendered:
    """It is armed, and how far away it is."""
    lines: list[str] = [texts("alert-armed", what=condition(data, texts))]
    if data.get("price"):
        lines.append(texts("alert-now", price=figures.price(data["price"]), quote=data["quote"]))
    return Rendered("\n".join(lines), [[Button(str(texts("button-cancel-alert")), data["cancel"])]])


def render_alerts(data: Data, texts: Texts) -> Rendered:
    """What is armed, with the last look, and how to arm one."""
    lines: list[str] = [texts("alerts-head") if data["alerts"] else texts("alerts-none")]
    buttons = []
    for number, one in enumerate(data["alerts"], 1):
        lines.append(texts("alerts-line", number=str(number), what=condition(one, texts)))
        if one.get("evaluation"):
            lines.append(_last_look(one["evaluation"], texts))
        buttons.append(Button(str(texts("button-cancel-number", number=str(number))), one["cancel"]))
    lines.append(texts("alerts-how"))
    return Rendered("\n".join(lines), in_rows(buttons, 4))


def _last_look(seen: Data, texts: Texts) -> Markup:
    if not seen.get("price"):
        return texts("alerts-no-price", at=figures.when(seen["at"]))
    return texts("alerts-looked", price=figures.price(seen["price"]), at=figures.when(seen["at"]))


def render_choose_alert(data: Data, texts: Texts) -> Rendered:
    """What to be told of."""
    now = "" if data["price"] is None else figures.price(data["price"])
    text = (
        texts("choose-alert", symbol=data["symbol"], price=now, quote=data["quote"])
        if now
        else texts("choose-alert-no-price", symbol=data["symbol"])
    )
    return Rendered(text, in_rows([Button(_offer(choice["words"], texts), choice["handle"]) for choice in data["choices"]], 2))


def _offer(words: list[str], texts: Texts) -> str:
    if words[0] == "move":
        return str(texts("offer-move", share=words[1].replace("%", " %"), window=texts(f"window-{words[2]}")))
    if words[0] == "volume":
        return str(texts("offer-volume", times=words[1].removesuffix("x"), window=texts(f"window-{words[2]}")))
    return str(texts("offer-price", price=figures.price(words[0])))
