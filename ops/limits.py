"""`ops limits`: what orders may do, as data with history: seen, set by scope, and an account's breaker closed by hand.

Orders decided before a change keep their decision. Every row says who set it and why; nothing is ever rewritten.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from core.audit import service as audit
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.decisions import service as decisions
from core.risk import service
from core.risk.checks import text
from core.risk.limits import KINDS, STANDARD_TIER, Limit
from core.risk.service import LimitRow
from core.users import service as users
from ops.desk import actor, open_pool
from ops.output import Answer

SET_BY = "ops"
NOBODY = 0


def register(areas: Any, common: argparse.ArgumentParser) -> None:
    """The commands and their options."""
    area = areas.add_parser("limits", help="what orders may do").add_subparsers(dest="command", required=True)
    command = area.add_parser("show", parents=[common], help="the limits in force, and who said so")
    command.add_argument("--venue", default="paper")
    command.add_argument("--user", type=int, help="Telegram id")
    command.add_argument("--tier", default=STANDARD_TIER)
    command.set_defaults(run=lambda given: show(given.venue, given.user, given.tier))
    command = area.add_parser("set", parents=[common], help="a new value from now on; a narrower scope only narrows, unless it is a raise")
    command.add_argument("scope", help="global, venue:paper, tier:gold or user:TELEGRAM_ID")
    command.add_argument("name", help="such as in_flight or exposure:USDT; see: ops limits show")
    command.add_argument("value", help="a number, or none to take the scope's word back")
    command.add_argument("--raise", dest="raises", action="store_true", help="may be wider than what the wider scopes say")
    command.add_argument("--from", dest="begins", default="", help="when it begins, such as 2026-12-24T00:00+00:00")
    command.add_argument("--note", required=True, help="why; kept with the limit")
    command.set_defaults(run=lambda given: set_limit(given.scope, given.name, given.value, given.note, given.begins, raises=given.raises))
    command = area.add_parser("history", parents=[common], help="what was ever set, newest first")
    command.add_argument("name", nargs="?", default="")
    command.add_argument("--scope", default="")
    command.set_defaults(run=lambda given: history(given.scope, given.name))
    command = area.add_parser("release", parents=[common], help="closes a user's breaker: it may buy again at once")
    command.add_argument("telegram_id", type=int)
    command.add_argument("--note", required=True, help="why; kept with the account")
    command.set_defaults(run=lambda given: release(given.telegram_id, given.note))


async def show(venue: str, telegram_id: int | None, tier: str) -> Answer:
    """What is in force for an order at a venue: of a user, or of anybody of a tier."""
    async with open_pool() as pool, unit_of_work(pool) as uow:
        user_id = NOBODY
        if telegram_id is not None:
            user = await users.by_telegram_id(uow, telegram_id)
            if user is None:
                return _unknown(telegram_id)
            user_id, tier = user.id, user.tier
        found = await service.limits(uow, venue=venue, tier=tier or STANDARD_TIER, user_id=user_id)
    limits = [found[name] for name in sorted(found)]
    return Answer([_line(limit) for limit in limits], [_data(limit) for limit in limits])


async def set_limit(scope: str, name: str, value: str, note: str, begins: str, *, raises: bool) -> Answer:
    """A new value from now (or `begins`) on; `none` takes the scope's word back. A user's scope is user:TELEGRAM_ID here."""
    try:
        said = None if value == "none" else Decimal(value)
        begins_at = datetime.fromisoformat(begins).astimezone(UTC) if begins else None
    except (InvalidOperation, ValueError):
        return Answer([], [], 1, "a value is a number or none, a beginning a time such as 2026-12-24T00:00+00:00")
    try:
        async with open_pool() as pool, unit_of_work(pool) as uow:
            named = await _scope(uow, scope)
            await service.set_limit(uow, scope=named, name=name, value=said, set_by=SET_BY, raises=raises, note=note, begins_at=begins_at)
            details = {"name": name, "value": value, "raises": raises, "note": note}
            await audit.record(uow, actor=actor(), action="limit", subject=named, details=details)
    except ValueError as refusal:
        return Answer([], [], 1, f"nothing was changed: {refusal}")
    return await history("", name)


async def history(scope: str, name: str) -> Answer:
    """What was ever set, newest first."""
    try:
        async with open_pool() as pool, unit_of_work(pool) as uow:
            rows = await service.history(uow, scope=await _scope(uow, scope) if scope else "", name=name)
    except ValueError as refusal:
        return Answer([], [], 1, str(refusal))
    return Answer([_row_line(row) for row in rows] or ["nothing was ever set: the defaults hold"], [_row_data(row) for row in rows])


async def release(telegram_id: int, note: str) -> Answer:
    """Closes a user's breakers, so that it may buy again before midnight. The reason stays with the account."""
    if not note.strip():
        return Answer([], [], 1, "say why: --note '…'")
    async with open_pool() as pool, unit_of_work(pool) as uow:
        user = await users.by_telegram_id(uow, telegram_id)
        if user is None:
            return _unknown(telegram_id)
        closed = await service.close_breakers(uow, user.id, datetime.now(UTC))
        inputs = {"note": note.strip(), "closed": closed}
        await audit.record(uow, actor=actor(), action="breaker_closed", subject=f"user:{user.id}", details=inputs)
        await decisions.record(
            uow, "user", str(user.id), [{"check": "close_breakers", "verdict": "passed", "reason": "", "inputs": inputs}]
        )
    return Answer([f"closed {closed}"], [{"closed": closed}])


async def _scope(uow: UnitOfWork, scope: str) -> str:
    kind, _, telegram_id = scope.partition(":")
    if kind != "user" or not telegram_id.isdigit():
        return scope
    user = await users.by_telegram_id(uow, int(telegram_id))
    if user is None:
        raise ValueError(f"nobody with the Telegram id {telegram_id} has an account")
    return f"user:{user.id}"


def _line(limit: Limit) -> str:
    kind = KINDS[limit.name.partition(":")[0]]
    return f"{limit.name:<22} {text(limit.value):>12} {kind.unit.value:<6} {limit.scope:<16} {kind.meaning}"


def _data(limit: Limit) -> Mapping[str, Any]:
    return {"name": limit.name, "value": text(limit.value), "scope": limit.scope, "raises": limit.raises}


def _row_line(row: LimitRow) -> str:
    value = "none" if row.value is None else text(row.value)
    raised = "  raise" if row.raises else ""
    return f"{row.begins_at:%Y-%m-%d %H:%M:%S}  {row.scope}  {row.name}  {value}{raised}  {row.set_by}  {row.note}".rstrip()


def _row_data(row: LimitRow) -> Mapping[str, Any]:
    return {
        "scope": row.scope,
        "name": row.name,
        "value": None if row.value is None else text(row.value),
        "raises": row.raises,
        "begins_at": row.begins_at.isoformat(),
        "set_by": row.set_by,
        "note": row.note,
    }


def _unknown(telegram_id: int) -> Answer:
    return Answer([], [], 1, f"nobody with the Telegram id {telegram_id} has an account")
