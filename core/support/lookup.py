"""What people who help see of an account: standing, balances, orders, limits, reasons. Called by /user and `ops users show`.

Every look is a row of `operator_actions`, written in the same transaction: no row, no look. Must never show a key, a chat, a message,
what somebody wrote, the anti-phishing phrase or what /start carried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.audit import service as audit
from core.controls import service as controls
from core.db.unit_of_work import UnitOfWork
from core.decisions import service as decisions
from core.kernel.errors import Denied
from core.kernel.ids import short_code
from core.ledger import service as ledger
from core.ledger.rules import coins
from core.risk import service as risk
from core.risk.checks import text
from core.support.rules import Kind, Who
from core.trading import funds, repository
from core.trading.types import Order
from core.users import service as users
from core.users.types import User

VENUE = "paper"
"""Whose limits are shown: the one venue there is."""
MOST_ORDERS = 5
MOST_REASONS = 8
_BY_ORDER = "select user_id from orders where right(replace(id::text, '-', ''), 8) = lower($1) limit 2"


async def find(uow: UnitOfWork, who: Who) -> User | None:
    """The account, or None. Raises Denied('ambiguous_user') where a number or a code means two of them."""
    found: dict[int, User] = {}
    for user in await _candidates(uow, who):
        if user is not None:
            found[user.id] = user
    if len(found) > 1:
        raise Denied("ambiguous_user")
    return next(iter(found.values()), None)


async def _candidates(uow: UnitOfWork, who: Who) -> list[User | None]:
    match who.kind:
        case Kind.ID:
            return [await users.by_id(uow, who.number)]
        case Kind.TELEGRAM:
            return [await users.by_telegram_id(uow, who.number)]
        case Kind.NUMBER:
            return [await users.by_id(uow, who.number), await users.by_telegram_id(uow, who.number)]
    by_code = await users.by_referral_code(uow, who.value)
    if by_code is not None:
        return [by_code]
    rows = await uow.connection.fetch(_BY_ORDER, who.value)
    return [await users.by_id(uow, row["user_id"]) for row in rows]


async def look_up(uow: UnitOfWork, user: User, *, actor: str) -> dict[str, Any]:
    """All that may be seen of an account, as figures and words; and the row that says who looked.

    Amounts are strings of whole coins, times ISO 8601. Keys: id, telegram_user_id, referral_code, role, standing, tier, mode, language,
    balances, owes, paused, open_orders, last_orders, limits, reasons, changes.
    """
    await audit.record(uow, actor=actor, action="look_up", subject=f"user:{user.id}")
    orders = await repository.open_orders(uow, user.id)
    last = await repository.finished_orders(uow, user.id, MOST_ORDERS)
    in_force = await risk.limits(uow, venue=VENUE, tier=user.tier, user_id=user.id)
    return {
        "id": user.id,
        "telegram_user_id": user.telegram_user_id,
        "referral_code": user.referral_code,
        "role": user.role,
        "standing": user.standing,
        "tier": user.tier,
        "mode": user.mode,
        "language": user.language,
        "balances": await _balances(uow, user.id),
        "owes": {amount.asset.code: coins(amount) for amount in await funds.receivables(uow, user.id)},
        "paused": any(one.scope == f"user:{user.id}" for one in await controls.open_pauses(uow)),
        "open_orders": [_order(one) for one in orders[-MOST_ORDERS:]],
        "open_count": len(orders),
        "last_orders": [_order(one) for one in last],
        "limits": [{"name": one.name, "value": text(one.value), "scope": one.scope} for _, one in sorted(in_force.items())],
        "reasons": await _reasons(uow, [*last, *orders[-MOST_ORDERS:]]),
        "changes": await _changes(uow, user.id),
    }


async def _balances(uow: UnitOfWork, user_id: int) -> list[dict[str, str]]:
    """A line an asset and place, what is empty left out."""
    lines: dict[tuple[str, str], dict[str, str]] = {}
    for one in await ledger.account_balances(uow, f"user:{user_id}:"):
        _, _, place, purpose = one.address.split(":")
        if one.amount.units:
            line = lines.setdefault((place, one.amount.asset.code), {"asset": one.amount.asset.code, "available": "0", "held": "0"})
            line[purpose] = coins(one.amount)
    return [lines[key] for key in sorted(lines)]


def _order(order: Order) -> dict[str, str]:
    return {
        "code": short_code(order.id),
        "side": order.side.value,
        "symbol": order.symbol,
        "state": order.state.value,
        "reason": order.reason,
        "at": order.created_at.isoformat(),
    }


async def _reasons(uow: UnitOfWork, orders: Sequence[Order]) -> list[dict[str, str]]:
    """Why the last orders were refused or made smaller, newest first."""
    found = []
    for order in orders:
        for one in await decisions.reasons(uow, "order", str(order.id)):
            if one.verdict != "passed":
                row = {"code": short_code(order.id), "check": one.check, "verdict": one.verdict, "reason": one.reason}
                found.append({**row, "at": one.decided_at.isoformat()})
    return sorted(found, key=lambda row: row["at"], reverse=True)[:MOST_REASONS]


async def _changes(uow: UnitOfWork, user_id: int) -> list[Mapping[str, Any]]:
    """What was changed by hand, or froze by itself, with the reason that was given."""
    return [
        {"at": one.decided_at.isoformat(), "what": one.check, **one.inputs} for one in await decisions.reasons(uow, "user", str(user_id))
    ]
