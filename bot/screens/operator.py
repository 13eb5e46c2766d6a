"""What people with a role see: an account, parked updates, fees, limits, broadcasts; and a broadcast as its readers see it. Pure."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from bot import figures
from bot.catalog import Markup, Texts
from bot.names import visible
from bot.screens.rendered import Button, Rendered, in_rows

Data = Mapping[str, Any]
PIECE = 200
"""Lines are cleaned in pieces: what cleans a name cuts what is longer."""


def plain_text(text: str) -> Markup:
    """What an operator wrote: its lines and words, nothing of it markup."""
    lines = (" ".join(visible(piece) for piece in textwrap.wrap(line, PIECE)) for line in text.splitlines())
    return Markup(html.escape("\n".join(lines), quote=False))


def render_broadcast(data: Data, texts: Texts) -> Rendered:
    """The message itself."""
    return Rendered(texts("broadcast", text=plain_text(data["text"])))


def render_broadcast_control(data: Data, texts: Texts) -> Rendered:
    """A draft, or how far it got, with what can be done."""
    total, state = str(data["total"]), texts(f"broadcast-{data['state']}")
    lines = [texts("broadcast-head", number=str(data["id"]), state=state)]
    lines.append(texts("broadcast-to", segment=_segment(data["segment"], texts), count=total, languages=", ".join(data["languages"])))
    if data["state"] == "draft":
        lines += [plain_text(data["text"]), texts("broadcast-how", number=str(data["id"]))]
    else:
        counts = {name: str(data[name]) for name in ("done", "sent", "waiting", "failed", "held", "dropped")}
        lines.append(texts("broadcast-progress", total=total, **counts))
    buttons = [Button(str(texts(f"button-broadcast-{one['name']}")), one["handle"]) for one in data["buttons"]]
    return Rendered("\n".join(lines), in_rows(buttons, 2))


def _segment(segment: Data, texts: Texts) -> str:
    return ", ".join(f"{name.removesuffix('_days').removesuffix('_id')} {value}" for name, value in segment.items()) or str(
        texts("broadcast-everybody")
    )


def render_broadcasts(data: Data, texts: Texts) -> Rendered:
    """The newest ones."""
    lines = [texts("broadcasts-head") if data["broadcasts"] else texts("broadcasts-none")]
    for one in data["broadcasts"]:
        state = texts(f"broadcast-{one['state']}")
        lines.append(texts("broadcasts-line", number=str(one["id"]), state=state, done=str(one["done"]), total=str(one["total"])))
    return Rendered("\n".join([*lines, texts("usage-broadcast")]))


def render_user(data: Data, texts: Texts) -> Rendered:
    """An account as somebody who helps sees it: figures and states, nothing that somebody wrote."""
    names = ("id", "telegram_user_id", "role", "standing", "tier", "mode", "language", "referral_code")
    lines = [texts("user-head", **{name.replace("_", "-"): str(data[name]) for name in names})]
    if data["paused"]:
        lines.append(texts("user-paused"))
    owes = ", ".join(f"{amount} {asset}" for asset, amount in data["owes"].items())
    lines.append(texts("user-owes", amounts=owes) if owes else texts("user-owes-nothing"))
    for one in data["balances"]:
        shown = {"asset": one["asset"], "amount": figures.amount(one["available"])}
        lines.append(texts("balance-held", **shown, held=figures.amount(one["held"])) if one["held"] != "0" else texts("balance", **shown))
    lines.append(texts("user-open", count=str(data["open_count"])))
    lines += [_order(one, texts) for one in (*data["open_orders"], *data["last_orders"])]
    lines += [_reason(one, texts) for one in data["reasons"]]
    lines += [_limit(one, texts) for one in data["limits"]]
    lines += [texts("user-change", at=figures.when(one["at"]), what=one["what"]) for one in data["changes"]]
    return Rendered("\n".join(lines))


def _order(one: Data, texts: Texts) -> Markup:
    state = texts(f"state-{one['state'].lower().replace('_', '-')}")
    return texts("user-order", code=one["code"], side=one["side"], symbol=one["symbol"], state=state, at=figures.when(one["at"]))


def _reason(one: Data, texts: Texts) -> Markup:
    why = (one["reason"] or one["verdict"]).replace("_", " ")
    return texts("user-reason", code=one["code"], check=one["check"].replace("_", " "), why=why, at=figures.when(one["at"]))


def _limit(one: Data, texts: Texts) -> Markup:
    return texts("limit-line", name=one["name"], value=one["value"], scope=one["scope"])


def render_parked(data: Data, texts: Texts) -> Rendered:
    """Updates that failed for good: who sent them, when, why they failed; never what they say."""
    if not data["parked"]:
        return Rendered(texts("parked-none"))
    lines = [texts("parked-head")]
    buttons: list[Button] = []
    for one in data["parked"]:
        shown = {"number": str(one["id"]), "kind": one["kind"], "sender": str(one["sender"]), "at": figures.when(one["at"])}
        lines.append(texts("parked-line", **shown, attempts=str(one["attempts"]), error=one["error"]))
        buttons.append(Button(str(texts("button-release", number=str(one["id"]))), one["release"]))
        buttons.append(Button(str(texts("button-drop", number=str(one["id"]))), one["drop"]))
    return Rendered("\n".join([*lines, texts("parked-how")]), in_rows(buttons, 2))


def render_fees(data: Data, texts: Texts) -> Rendered:
    """The rate in force first, then those before."""
    lines = [texts("fees-head") if data["fees"] else texts("fees-none")]
    for one in data["fees"]:
        share = figures.basis_points(one["bps"])
        lines.append(texts("fees-line", share=share, since=figures.when(one["since"]), note=_or_dash(one["note"])))
    return Rendered("\n".join([*lines, texts("fees-how")]))


def render_limits(data: Data, texts: Texts) -> Rendered:
    """What holds for an ordinary account, and what was set lately."""
    lines: list[Markup] = [texts("limits-head"), *(_limit(one, texts) for one in data["limits"])]
    lines += _history(data["history"], texts)
    return Rendered("\n".join([*lines, texts("limits-how")]))


def _history(rows: Sequence[Data], texts: Texts) -> list[Markup]:
    lines = [texts("limits-history")] if rows else []
    for one in rows:
        shown = {name: one[name] for name in ("name", "scope", "by")}
        value = one["value"] if one["value"] is not None else texts("limits-taken-back")
        lines.append(texts("limits-set", **shown, value=value, at=figures.when(one["at"]), note=_or_dash(one["note"])))
    return lines


def _or_dash(note: str) -> str:
    return note or "–"
