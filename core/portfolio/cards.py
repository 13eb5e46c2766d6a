"""Cards about a position that anybody can verify: issued for its owner, found again by the code on them.

Called by the chat (issue, verify) and the HTTP door (verify). A card's row holds what the card shows and nothing else: without amounts
on the card there are none in the row. Must never tell whose card it is.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from core.db.unit_of_work import UnitOfWork
from core.kernel.errors import Denied
from core.kernel.money import EXACT, Rounding, divide, multiply
from core.kernel.secret import Secret
from core.portfolio import codes
from core.portfolio.conversion import Mark
from core.portfolio.rules import average_cost
from core.portfolio.spreadsheet import exact
from core.portfolio.types import Position

_HUNDRED = Decimal(100)
_INSERT = "insert into portfolio_cards (id, user_id, figures) values ($1, $2, $3) on conflict do nothing returning id"
_FIND = "select figures from portfolio_cards where id = $1"
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Card:
    """`code` as shown; `figures` as the card shows them (strings, times in ISO 8601)."""

    code: str
    figures: Mapping[str, Any]


def figures_of(position: Position, mark: Mark, *, amounts: bool, now: datetime) -> dict[str, Any]:
    """What a card about an open position says. Raises Denied('nothing_to_show') where nothing is held or it cost nothing.

    `change_percent` is what the position is up or down on what was paid for it, fees included, to two decimals, rounded down.
    """
    average = average_cost(position)
    if average is None or average == 0:
        raise Denied("nothing_to_show")
    value = multiply(position.quantity, mark.price)
    cost = position.cost.to_decimal()
    profit = EXACT.subtract(value, cost)
    change = divide(multiply(profit, _HUNDRED), cost, Rounding.DOWN)
    told = {
        "symbol": position.symbol,
        "venue": position.venue,
        "average_cost": exact(average),
        "price": exact(mark.price),
        "change_percent": exact(_floor(change, "0.01")),
        "price_source": mark.source.name,
        "price_at": mark.seen_at.isoformat(),
        "issued_at": now.isoformat(),
    }
    if amounts:
        told |= {
            "value": exact(_floor(value, "1e-8")),
            "unrealized": exact(_floor(profit, "1e-8")),
            "quote": position.cost.asset.symbol,
        }
    return told


async def issue_card(uow: UnitOfWork, key: Secret, user_id: int, figures: Mapping[str, Any]) -> Card:
    """Keeps the figures and signs them. Raises Denied('cards_unavailable') where the desk has no key for cards."""
    if not key:
        raise Denied("cards_unavailable")
    for _ in range(_ATTEMPTS):
        card_id = codes.new_card_id()
        if await uow.connection.fetchval(_INSERT, card_id, user_id, dict(figures)):
            return Card(codes.shown(card_id, codes.sign(key, card_id, figures)), figures)
    raise Denied("cards_unavailable")


async def verify_card(uow: UnitOfWork, key: Secret, text: str) -> Card | None:
    """The card a code is on, as it was issued; None where this desk issued none such, or the row is not what was signed."""
    found = codes.parse(text)
    if found is None or not key:
        return None
    card_id, signature = found
    figures = await uow.connection.fetchval(_FIND, card_id)
    right = codes.sign(key, card_id, {} if figures is None else figures)
    return Card(codes.shown(*found), figures) if hmac.compare_digest(right, signature) and figures is not None else None


def _floor(value: Decimal, step: str) -> Decimal:
    return value.quantize(Decimal(step), rounding=ROUND_FLOOR, context=EXACT)
