"""What the chat is told about a conditional order: the data of the `conditional` screen (docs/interfaces.md). Pure; figures are text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.kernel.ids import short_code
from core.kernel.money import EXACT
from core.risk.checks import text
from core.strategies.rules import trigger_of
from core.strategies.types import Conditional, Evaluation, Leg

SCREEN = "conditional"
SHOWN = Decimal("1e-12")


def encode_evaluation(evaluation: Evaluation) -> dict[str, Any]:
    """What is kept of an evaluation on its leg."""
    return {
        "outcome": evaluation.outcome.value,
        "at": evaluation.at.isoformat(),
        "book_at": _time(evaluation.book_at),
        "sequence": evaluation.sequence,
        "price": _figure(evaluation.price),
        "trigger": _figure(evaluation.trigger),
        "distance_bps": evaluation.distance_bps,
        "best": _figure(evaluation.best),
        "reason": evaluation.reason,
    }


def conditional_data(conditional: Conditional, at: datetime, cancel: str | None = None) -> dict[str, Any]:
    """The conditional order as the chat shows it. `cancel` is a button's handle."""
    base, _, quote = conditional.symbol.partition("/")
    return {
        "id": str(conditional.id),
        "code": short_code(conditional.id),
        "kind": conditional.kind.value,
        "state": conditional.state.value,
        "side": conditional.side.value,
        "enters": conditional.enters,
        "symbol": conditional.symbol,
        "base": base,
        "quote": quote,
        "venue": conditional.venue,
        "size": {"kind": conditional.size.kind.value, "value": text(conditional.size.value)},
        "quantity": _figure(conditional.quantity),
        "budget": _figure(conditional.budget),
        "legs": [leg_data(conditional, leg) for leg in conditional.legs],
        "reason": conditional.reason,
        "reason_params": _plain(conditional.reason_params),
        "expires_at": conditional.expires_at.isoformat(),
        "cancel": cancel,
        "at": at.isoformat(),
    }


def leg_data(conditional: Conditional, leg: Leg) -> dict[str, Any]:
    """One leg: its condition, its state, and what was last seen."""
    return {
        "number": leg.number,
        "role": leg.role.value,
        "state": leg.state.value,
        "trigger": _figure(trigger_of(leg, conditional.side)),
        "trail_bps": leg.trail_bps,
        "trail_amount": _figure(leg.trail_amount),
        "best": _figure(leg.best_price),
        "limit_price": _figure(leg.limit_price),
        "act_at": _time(leg.act_at),
        "share_bps": leg.share_bps,
        "filled": text(leg.filled),
        "order_code": None if leg.order_id is None else short_code(leg.order_id),
        "attempts": leg.attempts,
        "last": None if leg.last_evaluation is None else dict(leg.last_evaluation),
    }


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, str | int | None) else str(value) for name, value in params.items()}


def _figure(value: Decimal | None) -> str | None:
    """At most 12 decimals: a display, never a comparison."""
    return None if value is None else text(value.quantize(SHOWN, context=EXACT))


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
