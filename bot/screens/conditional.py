"""Conditional orders: the question, the one message of each, its line in /orders, and how a condition reads. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot import figures
from bot.catalog import Markup, Texts
from bot.errors import WORDS, explain
from bot.screens.order import asked
from bot.screens.rendered import Button, Rendered

Data = Mapping[str, Any]
EXPLAINED = frozenset({"held_back", "armed_again", "leg_failed"})
"""Reasons whose own cause stands in their parameters."""


def render_conditional(data: Data, texts: Texts) -> Rendered:
    """The message as it stands now."""
    lines = [head(data, texts), *leg_lines(data, texts)]
    why = reason_line(data, texts)
    if why:
        lines.append(why)
    if data["state"] == "ARMED":
        lines.append(texts("conditional-not-held"))
    lines.append(texts("conditional-code", code=data["code"], at=figures.when(data["at"])))
    rows = [[Button(str(texts("button-cancel-code", code=data["code"])), data["cancel"])]] if data.get("cancel") else []
    return Rendered("\n".join(lines), rows)


def render_conditional_preview(data: Data, texts: Texts) -> Rendered:
    """A question with two buttons: what would be armed, and how far each trigger is now."""
    lines = [texts("conditional-preview", kind=kind(data, texts), what=asked({**data, "side": data["said_side"]}, texts))]
    for leg in data["legs"]:
        if leg["role"] != "entry":
            lines.append(leg_line(data, leg, texts) if data["enters"] else Markup(f"• {condition(data, leg, texts)}"))
            lines.append(last_line(data, leg, texts))
    lines.append(texts("conditional-not-held"))
    buttons = [Button(str(texts("button-confirm")), data["confirm"]), Button(str(texts("button-cancel")), data["dismiss"])]
    return Rendered("\n".join(lines), [buttons])


def head(data: Data, texts: Texts) -> Markup:
    """What it is, of how much, and its state."""
    side = "buy" if data["enters"] else data["side"]
    message = f"conditional-{data['state'].lower()}"
    return texts(message, kind=kind(data, texts), what=asked({**data, "side": side}, texts))


def kind(data: Data, texts: Texts) -> Markup:
    """What it is called."""
    return texts(f"conditional-kind-{data['kind'].replace('_', '-')}")


def leg_lines(data: Data, texts: Texts) -> list[Markup]:
    """Each condition with what became of it."""
    return [leg_line(data, leg, texts) for leg in data["legs"] if leg["role"] != "entry"]


def leg_line(data: Data, leg: Data, texts: Texts) -> Markup:
    """One condition: `stop at 58,000 USDT`, and its state."""
    state = texts(f"leg-state-{leg['state'].lower()}")
    return texts("leg", condition=condition(data, leg, texts), state=state)


def condition(data: Data, leg: Data, texts: Texts) -> Markup:
    """What must happen."""
    quote, role = data["quote"], leg["role"]
    if role == "time_exit":
        return texts("leg-time-exit", at=figures.when(leg["act_at"] or ""))
    if role == "trailing_stop":
        return _trail(data, leg, texts)
    price = figures.price(leg["trigger"])
    if role == "take_profit":
        share = figures.basis_points(leg["share_bps"])
        return texts("leg-take-profit-share" if leg["share_bps"] < 10_000 else "leg-take-profit", price=price, quote=quote, share=share)
    if leg["limit_price"] is not None:
        return texts("leg-stop-limit", price=price, quote=quote, limit=figures.price(leg["limit_price"]))
    return texts("leg-stop", price=price, quote=quote)


def _trail(data: Data, leg: Data, texts: Texts) -> Markup:
    quote = data["quote"]
    room = figures.basis_points(leg["trail_bps"]) if leg["trail_bps"] else f"{figures.price(leg['trail_amount'])} {quote}"
    if leg["best"] is None or leg["trigger"] is None:
        return texts("leg-trail", room=room)
    return texts("leg-trail-at", room=room, quote=quote, best=figures.price(leg["best"]), price=figures.price(leg["trigger"]))


def last_line(data: Data, leg: Data, texts: Texts) -> Markup:
    """What was seen at the last look: the price that counted, the book's time, how far the trigger is; or why nothing was seen."""
    last = leg["last"]
    if last is None:
        return texts("looked-not-yet")
    seen = {"at": figures.when(last["at"]), "book": figures.when(last["book_at"] or "") or "–"}
    outcome = last["outcome"].replace("_", "-")
    if last["price"] is None or last["trigger"] is None:
        return texts(f"looked-{outcome}", **seen) if texts.has(f"looked-{outcome}") else texts("looked-other", **seen)
    price, trigger = figures.price(last["price"]), figures.price(last["trigger"])
    distance = figures.percent(str(Decimal(last["distance_bps"] or 0).scaleb(-2)))
    looked = texts(
        "looked", **seen, side=texts(f"book-{data['side']}"), price=price, trigger=trigger, quote=data["quote"], distance=distance
    )
    also = f"looked-but-{outcome}"
    return Markup(f"{looked} {texts(also)}") if texts.has(also) else looked


def reason_line(data: Data, texts: Texts) -> Markup | None:
    """Why it stands as it does, where there is something to say."""
    reason, params = data["reason"], data["reason_params"]
    if not reason:
        return None
    if reason in EXPLAINED:
        return texts(f"conditional-why-{reason.replace('_', '-')}", why=why(str(params.get("why", "")), params, texts))
    if reason == "less_available":
        return texts("conditional-why-less-available", size=figures.amount(params["size"]), wanted=figures.amount(params["wanted"]))
    return texts("conditional-why", why=why(reason, params, texts))


def why(code: str, params: Data, texts: Texts) -> Markup:
    """A cause in words: ours for conditional orders, else those of a denial, else the code itself."""
    own = f"cause-{code.replace('_', '-')}"
    if texts.has(own):
        return texts(own)
    return explain(texts, code, params) if code in WORDS else texts("cause-other", code=code.replace("_", " "))


def line(data: Data, texts: Texts) -> Markup:
    """Its line in /orders."""
    conditions = " · ".join(condition(data, leg, texts) for leg in data["legs"] if leg["role"] != "entry")
    state = texts(f"conditional-state-{data['state'].lower()}")
    return texts(
        "conditional-line", code=data["code"], kind=kind(data, texts), symbol=data["symbol"], state=state, conditions=Markup(conditions)
    )
