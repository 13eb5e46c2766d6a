"""/why: the reason of an order, of a conditional order, and of silence. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot import figures
from bot.catalog import Markup, Texts
from bot.errors import explain
from bot.screens.conditional import head, last_line, leg_line, reason_line, why
from bot.screens.order import asked
from bot.screens.rendered import Rendered

Data = Mapping[str, Any]
SHOWN = ("price", "trigger", "size", "filled", "available", "remaining", "age_ms", "limit_ms", "hold", "scope", "average_price")
"""Inputs of a step that a person wants to see."""


def render_why(data: Data, texts: Texts) -> Rendered:
    """What waits and what it saw last; what ended lately and why."""
    lines: list[Markup] = [texts("why-head")]
    if not data["armed"] and not data["ended"] and not data["orders"]:
        return Rendered("\n".join([*lines, texts("why-nothing")]))
    for one in data["armed"]:
        lines += [_coded(one, head(one, texts), texts), *_looks(one, texts)]
    lines += [_coded(one, _ended(one, texts), texts) for one in data["ended"]]
    lines += [_coded(one, _outcome(one, texts), texts) for one in data["orders"]]
    lines.append(texts("why-how"))
    return Rendered("\n".join(lines))


def render_why_conditional(data: Data, texts: Texts) -> Rendered:
    """One conditional order: its state, what was seen last, and every step with its figures."""
    lines = [_coded(data, head(data, texts), texts), *_looks(data, texts)]
    reason = reason_line(data, texts)
    if reason is not None:
        lines.append(reason)
    return Rendered("\n".join([*lines, texts("why-steps"), *_steps(data, texts)]))


def render_why_order(data: Data, texts: Texts) -> Rendered:
    """One order: its outcome, and what each check said."""
    return Rendered("\n".join([_coded(data, _outcome(data, texts), texts), texts("why-steps"), *_steps(data, texts)]))


def _coded(data: Data, text: Markup, texts: Texts) -> Markup:
    return texts("why-one", code=data["code"], text=text)


def _looks(data: Data, texts: Texts) -> list[Markup]:
    lines: list[Markup] = []
    for leg in data["legs"]:
        if leg["role"] != "entry":
            lines.append(leg_line(data, leg, texts))
            if leg["state"] in ("ARMED", "WAITING"):
                lines.append(last_line(data, leg, texts))
    return lines


def _ended(data: Data, texts: Texts) -> Markup:
    reason = reason_line(data, texts)
    ended = head(data, texts)
    return ended if reason is None else Markup(f"{ended} {reason}")


def _outcome(data: Data, texts: Texts) -> Markup:
    state = texts(f"state-{data['state'].lower().replace('_', '-')}")
    if not data["reason"]:
        return texts("why-order", what=asked(data, texts), state=state)
    words = explain(texts, data["reason"], data["reason_params"]) if data["state"] == "DENIED" else why(data["reason"], {}, texts)
    return texts("why-order-because", what=asked(data, texts), state=state, why=words)


def _steps(data: Data, texts: Texts) -> list[Markup]:
    if not data["steps"]:
        return [texts("why-no-steps")]
    return [_step(one, texts) for one in data["steps"]]


def _step(step: Data, texts: Texts) -> Markup:
    """`12:00:01 · price age: passed (age_ms 200 · limit_ms 5000)`: names of checks are the ones in the rows."""
    inputs = " · ".join(f"{name} {step['inputs'][name]}" for name in SHOWN if step["inputs"].get(name) not in (None, ""))
    verdict = texts(f"verdict-{step['verdict']}")
    named = {"at": figures.when(step["at"]), "check": step["check"].replace("_", " "), "verdict": verdict, "inputs": inputs or "–"}
    if step["reason"]:
        return texts("why-step-because", **named, reason=step["reason"].replace("_", " "))
    return texts("why-step", **named)
