"""All SQL of alerts. Called by the service only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as insert_into

from core.alerts.models import alerts
from core.alerts.types import WINDOWS, Alert, AlertCommand, AlertKind
from core.db.unit_of_work import UnitOfWork

_ARMED = alerts.c.state == "armed"
_DUE = """
    select * from alerts
    where state = 'armed' and symbol = $1
        and (kind in ('move', 'volume') or (kind = 'above' and threshold <= $2) or (kind = 'below' and threshold >= $2))
    order by created_at, id
"""


def _alert(row: asyncpg.Record) -> Alert:
    span = timedelta(seconds=row["window_s"])
    window = next((name for name, length in WINDOWS.items() if length == span), "")
    return Alert(
        row["id"],
        row["user_id"],
        row["symbol"],
        AlertKind(row["kind"]),
        row["threshold"].normalize(),
        window,
        row["state"],
        row["evaluation"],
        row["created_at"],
        row["finished_at"],
    )


async def insert(uow: UnitOfWork, alert_id: UUID, command: AlertCommand, key: str) -> bool:
    """A new row; False where the key is there already."""
    values = {
        "id": alert_id,
        "user_id": command.user_id,
        "idempotency_key": key,
        "symbol": command.symbol,
        "kind": command.kind.value,
        "threshold": command.threshold,
        "window_s": int(WINDOWS[command.window].total_seconds()) if command.window else 0,
    }
    return await uow.execute(insert_into(alerts).values(values).on_conflict_do_nothing()) == 1


async def by_key(uow: UnitOfWork, key: str) -> Alert | None:
    """The alert that a key made."""
    row = await uow.fetch_one(select(alerts).where(alerts.c.idempotency_key == key))
    return None if row is None else _alert(row)


async def lock_and_count(uow: UnitOfWork, user_id: int) -> int:
    """How many a user has armed; the user's row is locked, so that two at once do not both take the last place."""
    await uow.connection.execute("select 1 from users where id = $1 for no key update", user_id)
    row = await uow.fetch_one(select(func.count()).select_from(alerts).where(alerts.c.user_id == user_id, _ARMED))
    return 0 if row is None else int(row[0])


async def armed_of(uow: UnitOfWork, user_id: int) -> list[Alert]:
    """A user's armed alerts, oldest first."""
    query = select(alerts).where(alerts.c.user_id == user_id, _ARMED).order_by(alerts.c.created_at, alerts.c.id)
    return [_alert(row) for row in await uow.fetch(query)]


async def watched(uow: UnitOfWork) -> dict[str, set[str]]:
    """Symbols with armed alerts, and the windows that are asked for."""
    rows = await uow.fetch(select(alerts.c.symbol, alerts.c.kind, alerts.c.window_s).where(_ARMED).distinct())
    names = {int(span.total_seconds()): name for name, span in WINDOWS.items()}
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["symbol"], set())
        if row["window_s"]:
            found[row["symbol"]].add(f"{row['kind']}:{names[row['window_s']]}")
    return found


async def due(uow: UnitOfWork, symbol: str, price: Decimal | None) -> list[Alert]:
    """Armed alerts that may fire at this price: those on the price only where it reached them."""
    return [_alert(row) for row in await uow.connection.fetch(_DUE, symbol, price)]


async def finish(uow: UnitOfWork, alert_id: UUID, state: str, evaluation: Mapping[str, Any] | None, *, user_id: int | None = None) -> bool:
    """Ends an armed alert; False where it had ended, or is another user's."""
    statement = update(alerts).where(alerts.c.id == alert_id, _ARMED)
    if user_id is not None:
        statement = statement.where(alerts.c.user_id == user_id)
    changes: dict[str, Any] = {"state": state, "finished_at": func.now()}
    if evaluation is not None:
        changes["evaluation"] = dict(evaluation)
    return await uow.execute(statement.values(changes)) == 1


async def note(uow: UnitOfWork, symbol: str, evaluation: Mapping[str, Any]) -> None:
    """Keeps the last look on every armed alert of a symbol."""
    await uow.execute(update(alerts).where(alerts.c.symbol == symbol, _ARMED).values(evaluation=dict(evaluation)))
