"""The screens of /settings. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot import figures
from bot.catalog import Texts
from bot.screens.rendered import Button, Rendered, in_rows

Data = Mapping[str, Any]
_WIDTHS = {"language": 2, "mode": 2, "slippage": 4, "confirm": 2, "lots": 3, "quiet": 2}


def render_settings(data: Data, texts: Texts) -> Rendered:
    """The overview, or one setting with what it is now and how to change it."""
    section = data["section"]
    lines: list[str] = [texts("settings-head")] if not section else []
    names = [section] if section else [one["name"] for one in data["sections"]]
    lines += [_line(name, data, texts) for name in names]
    if section:
        lines.append(texts(f"settings-{section}-how"))
    buttons = [Button(_label(choice["label"], texts), choice["handle"]) for choice in data["choices"]]
    rows = in_rows(buttons, _WIDTHS.get(section, 1))
    rows += in_rows([Button(str(texts(f"settings-{one['name']}-button")), one["handle"]) for one in data["sections"]], 2)
    if data["back"]:
        rows.append([Button(str(texts("button-back")), data["back"])])
    return Rendered("\n".join(lines), rows)


def _line(name: str, data: Data, texts: Texts) -> str:
    return _LINES[name](data, texts)


def _presets(data: Data, texts: Texts) -> str:
    buy = " · ".join(figures.amount(one) for one in data["buy_presets"])
    sell = " · ".join(f"{one} %" for one in data["sell_presets"])
    return texts("settings-presets", buy=buy, sell=sell)


def _phrase(data: Data, texts: Texts) -> str:
    return texts("settings-phrase", phrase=data["phrase"]) if data["phrase"] else texts("settings-phrase-none")


def _quiet(data: Data, texts: Texts) -> str:
    if data["quiet"] is None:
        return texts("settings-quiet-none", timezone=data["timezone"])
    name = "settings-quiet-digest" if data["digest"] else "settings-quiet-silent"
    return texts(name, hours=data["quiet"], timezone=data["timezone"])


_LINES: Mapping[str, Callable[[Data, Texts], str]] = {
    "language": lambda data, texts: texts("settings-language", language=data["language"]),
    "mode": lambda data, texts: texts("settings-mode", mode=texts(f"mode-{data['mode']}")),
    "slippage": lambda data, texts: texts("settings-slippage", slippage=figures.basis_points(data["slippage_bps"])),
    "presets": _presets,
    "confirm": lambda data, texts: texts("settings-confirm", state=texts("setting-on" if data["confirm"] else "setting-off")),
    "notify": lambda _data, texts: texts("settings-notify"),
    "quiet": _quiet,
    "phrase": _phrase,
    "lots": lambda data, texts: texts("settings-lots", method=data["lots"].upper()),
}


def _label(label: Data, texts: Texts) -> str:
    if "event" in label:
        return str(texts("event-mode", event=texts(f"event-{label['event'].replace('_', '-')}"), mode=texts(f"told-{label['mode']}")))
    return str(texts(label["id"])) if "id" in label else str(label["text"])
