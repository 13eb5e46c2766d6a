"""Rows of conditional orders. Called by the modules of `core/strategies` inside a unit of work.

A conditional order's row is locked before anything about it or its legs changes; only evaluations are written without the lock, set-wise,
and never over a newer book's. Every change tells the channel `conditional_changes` the id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import insert, select, update

from core.db.unit_of_work import UnitOfWork
from core.strategies.models import conditional_legs as legs_table
from core.strategies.models import conditional_orders as table
from core.strategies.types import Conditional, ConditionalKind, ConditionalState, Leg, LegRole, LegState
from core.trading.types import ChatTarget, OrderSize, SizeKind
from core.venues.types import Side

CHANGES = "conditional_changes"
LIVE = (ConditionalState.ARMED.value, ConditionalState.TRIGGERED.value)
_LEG_COLUMNS = [column.name for column in legs_table.columns if column.name != "conditional_id"]


@dataclass(frozen=True, slots=True)
class Seen:
    """An evaluation to keep: the leg, the book's time, a trail's best price, and what was seen."""

    conditional_id: UUID
    number: int
    book_at: datetime | None
    best_price: Decimal | None
    evaluation: dict[str, Any]


async def lock_user(uow: UnitOfWork, user_id: int) -> None:
    """One user arms one conditional order after the other: limits and keys are looked at under this lock."""
    await uow.connection.execute("select id from users where id = $1 for update", user_id)


async def insert_conditional(uow: UnitOfWork, conditional: Conditional, *, key: str, request_hash: bytes) -> None:
    """A new row with its legs."""
    values = {
        "id": conditional.id,
        "user_id": conditional.user_id,
        "idempotency_key": key,
        "request_hash": request_hash,
        "venue": conditional.venue,
        "instrument": conditional.symbol,
        "kind": conditional.kind.value,
        "side": conditional.side.value,
        "enters": conditional.enters,
        "size_kind": conditional.size.kind.value,
        "size_value": conditional.size.value,
        "slippage_bps": conditional.slippage_bps,
        "chat_id": conditional.chat.chat_id,
        "message_key": conditional.chat.message_key,
        "language": conditional.chat.language,
        "correlation_id": conditional.correlation_id,
        "created_at": conditional.created_at,
        "expires_at": conditional.expires_at,
        **_changing(conditional),
    }
    await uow.execute(insert(table).values(**values))
    for leg in conditional.legs:
        await uow.execute(insert(legs_table).values(conditional_id=conditional.id, **_leg_values(leg)))
    await tell(uow, conditional.id)


async def save(uow: UnitOfWork, before: Conditional, after: Conditional, now: datetime) -> None:
    """Writes what changed of a conditional order whose row the caller has locked."""
    await uow.execute(update(table).where(table.c.id == after.id).values(updated_at=now, **_changing(after)))
    known = {leg.number: leg for leg in before.legs}
    for leg in after.legs:
        if known.get(leg.number) != leg:
            found = (legs_table.c.conditional_id == after.id) & (legs_table.c.number == leg.number)
            await uow.execute(update(legs_table).where(found).values(**_leg_values(leg)))
    await tell(uow, after.id)


async def tell(uow: UnitOfWork, conditional_id: UUID) -> None:
    """Wakes whoever keeps conditional orders in memory, after the commit."""
    await uow.connection.execute("select pg_notify($1, $2)", CHANGES, str(conditional_id))


async def by_key(uow: UnitOfWork, user_id: int, key: str) -> tuple[Conditional, bytes] | None:
    """The conditional order armed with this key, and the hash of that request."""
    row = await uow.connection.fetchrow(
        "select id, request_hash from conditional_orders where user_id = $1 and idempotency_key = $2", user_id, key
    )
    if row is None:
        return None
    [found] = await read(uow, [row["id"]])
    return found, row["request_hash"]


async def lock(uow: UnitOfWork, conditional_id: UUID) -> Conditional | None:
    """Locks the row until the transaction ends."""
    if await uow.connection.fetchval("select id from conditional_orders where id = $1 for update", conditional_id) is None:
        return None
    [found] = await _read(uow, table.c.id == conditional_id)
    return found


async def read(uow: UnitOfWork, ids: Collection[UUID]) -> list[Conditional]:
    """These, in no order, whatever their state."""
    return await _read(uow, table.c.id.in_(list(ids))) if ids else []


async def live(uow: UnitOfWork) -> list[Conditional]:
    """Everything that is ARMED or TRIGGERED."""
    return await _read(uow, table.c.state.in_(LIVE))


async def live_of_user(uow: UnitOfWork, user_id: int) -> list[Conditional]:
    """A user's that are ARMED or TRIGGERED, oldest first."""
    return await _read(uow, (table.c.user_id == user_id) & table.c.state.in_(LIVE))


async def of_user(uow: UnitOfWork, user_id: int, limit: int) -> list[Conditional]:
    """A user's newest, newest first."""
    rows = await uow.connection.fetch(
        "select id from conditional_orders where user_id = $1 order by created_at desc, id desc limit $2", user_id, limit
    )
    return list(reversed(await read(uow, [row["id"] for row in rows])))


async def by_code(uow: UnitOfWork, user_id: int, code: str) -> Conditional | None:
    """A user's newest whose id ends in `code` (hex digits)."""
    found = await uow.connection.fetchval(
        """
        select id from conditional_orders
        where user_id = $1 and right(replace(id::text, '-', ''), 8) = lower($2) order by created_at desc limit 1
        """,
        user_id,
        code,
    )
    return None if found is None else (await read(uow, [found]))[0]


async def keep_evaluations(uow: UnitOfWork, seen: Sequence[Seen]) -> None:
    """Writes what evaluations saw, except over a newer book's, and only on legs that still wait."""
    await uow.connection.execute(
        """
        update conditional_legs l
           set last_evaluation = s.evaluation, book_at = coalesce(s.book_at, l.book_at), best_price = coalesce(s.best, l.best_price)
          from unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::numeric[], $5::jsonb[]) as s (id, number, book_at, best, evaluation)
         where l.conditional_id = s.id and l.number = s.number and l.state in ('ARMED', 'WAITING')
           and (l.book_at is null or s.book_at is null or l.book_at <= s.book_at)
        """,
        [one.conditional_id for one in seen],
        [one.number for one in seen],
        [one.book_at for one in seen],
        [one.best_price for one in seen],
        [one.evaluation for one in seen],
    )


async def _read(uow: UnitOfWork, condition: Any) -> list[Conditional]:
    rows = await uow.fetch(select(table).where(condition).order_by(table.c.created_at, table.c.id))
    if not rows:
        return []
    found = await uow.connection.fetch(
        "select * from conditional_legs where conditional_id = any($1) order by conditional_id, number", [row["id"] for row in rows]
    )
    legs: defaultdict[UUID, list[Leg]] = defaultdict(list)
    for row in found:
        legs[row["conditional_id"]].append(_leg(row))
    return [_conditional(row, tuple(legs[row["id"]])) for row in rows]


def _changing(conditional: Conditional) -> dict[str, Any]:
    return {
        "state": conditional.state.value,
        "quantity": conditional.quantity,
        "budget": conditional.budget,
        "reason": conditional.reason,
        "reason_params": dict(conditional.reason_params),
        "cancel_requested": conditional.cancel_requested,
    }


def _leg_values(leg: Leg) -> dict[str, Any]:
    values = {name: getattr(leg, name) for name in _LEG_COLUMNS}
    last = None if leg.last_evaluation is None else dict(leg.last_evaluation)
    return {**values, "role": leg.role.value, "state": leg.state.value, "last_evaluation": last}


def _leg(row: asyncpg.Record) -> Leg:
    values = {name: row[name] for name in _LEG_COLUMNS}
    return Leg(**{**values, "role": LegRole(row["role"]), "state": LegState(row["state"])})


def _conditional(row: asyncpg.Record, legs: tuple[Leg, ...]) -> Conditional:
    return Conditional(
        id=row["id"],
        user_id=row["user_id"],
        venue=row["venue"],
        symbol=row["instrument"],
        kind=ConditionalKind(row["kind"]),
        side=Side(row["side"]),
        enters=row["enters"],
        size=OrderSize(SizeKind(row["size_kind"]), row["size_value"]),
        quantity=row["quantity"],
        budget=row["budget"],
        slippage_bps=row["slippage_bps"],
        state=ConditionalState(row["state"]),
        reason=row["reason"],
        reason_params=row["reason_params"],
        cancel_requested=row["cancel_requested"],
        chat=ChatTarget(row["chat_id"], row["message_key"], row["language"]),
        correlation_id=row["correlation_id"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        legs=legs,
    )
