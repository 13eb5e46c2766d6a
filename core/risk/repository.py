"""All SQL of risk. Called by the service only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import asyncpg

from core.db.unit_of_work import UnitOfWork

_SET = """
    insert into risk_limits (scope, name, value, raises, begins_at, set_by, note)
    values ($1, $2, $3, $4, coalesce($5, now()), $6, $7)
"""
_HISTORY = """
    select scope, name, value, raises, begins_at, set_by, note from risk_limits
    where ($1 = '' or scope = $1) and ($2 = '' or name = $2)
    order by begins_at desc, id desc limit $3
"""
_RELEASE = """
    update risk_accounts set tripped_until = least(tripped_until, $2) where user_id = $1 and tripped_until > $2
"""


async def facts(
    uow: UnitOfWork, user_id: int, venue: str, symbol: str, now: datetime, marks: Mapping[str, Decimal], *, remember: bool
) -> asyncpg.Record:
    """The one row of `risk_facts`."""
    [row] = await uow.connection.fetch(
        "select * from risk_facts($1, $2, $3, $4, $5, $6, $7)", user_id, venue, symbol, now, list(marks), list(marks.values()), remember
    )
    return row


async def begun(uow: UnitOfWork, scopes: Sequence[str]) -> list[asyncpg.Record]:
    """The newest row that has begun of each limit in these scopes."""
    return await uow.connection.fetch("select * from risk_limits_begun($1)", list(scopes))


async def add_limit(
    uow: UnitOfWork, scope: str, name: str, value: Decimal | None, *, raises: bool, begins_at: datetime | None, set_by: str, note: str
) -> None:
    """One more row; now where no beginning is given."""
    await uow.connection.execute(_SET, scope, name, value, raises, begins_at, set_by, note)


async def history(uow: UnitOfWork, scope: str, name: str, limit: int) -> list[Mapping[str, Any]]:
    """Rows, newest first; empty `scope` and `name` mean all."""
    return [dict(row) for row in await uow.connection.fetch(_HISTORY, scope, name, limit)]


async def trip(uow: UnitOfWork, user_id: int, venue: str, quote_asset: str, now: datetime, until: datetime) -> bool:
    """Opens the breaker; False where it is open."""
    return bool(await uow.connection.fetchval("select risk_trip($1, $2, $3, $4, $5)", user_id, venue, quote_asset, now, until))


async def release(uow: UnitOfWork, user_id: int, now: datetime) -> int:
    """Ends every open breaker of the account now; how many there were."""
    status = await uow.connection.execute(_RELEASE, user_id, now)
    return int(status.rpartition(" ")[2])
