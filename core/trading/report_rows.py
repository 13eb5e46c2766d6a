"""Raw reports, fills, and what applying them changes in an order's row. Called inside the unit of work that locked the row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.db.unit_of_work import UnitOfWork
from core.kernel.ids import new_id
from core.market.types import PriceSource
from core.trading.booking import BookedFill
from core.trading.reports import encode_source
from core.trading.types import OrderState


@dataclass(frozen=True, slots=True)
class Progress:
    """What a settlement writes into the order's row."""

    state: OrderState
    venue_order_id: str | None
    filled_quantity: Decimal
    filled_notional: Decimal
    venue_fee_units: int
    platform_fee_units: int
    reason: str
    source: PriceSource | None
    price_at: datetime | None
    reconcile_after: datetime | None
    now: datetime


async def record_report(uow: UnitOfWork, order_id: UUID, key: str, payload: Mapping[str, Any]) -> bool:
    """Keeps a raw report; False when it was recorded before."""
    status = await uow.connection.execute(
        "insert into order_reports (order_id, report_key, payload) values ($1, $2, $3) on conflict (order_id, report_key) do nothing",
        order_id,
        key,
        dict(payload),
    )
    return status.endswith(" 1")


async def waiting_reports(uow: UnitOfWork, order_id: UUID) -> list[tuple[int, Mapping[str, Any]]]:
    """Reports not applied yet, in order of arrival: row id and payload."""
    rows = await uow.connection.fetch(
        "select id, payload from order_reports where order_id = $1 and applied_at is null order by id", order_id
    )
    return [(row["id"], row["payload"]) for row in rows]


async def mark_applied(uow: UnitOfWork, report_ids: Sequence[int], now: datetime) -> None:
    """The reports are applied."""
    await uow.connection.execute("update order_reports set applied_at = $2 where id = any($1)", list(report_ids), now)


async def claim_waiting_reports(uow: UnitOfWork, *, before: datetime, now: datetime, limit: int) -> list[UUID]:
    """Orders with a report received before `before` that nobody applied; nobody else gets those for a while, longer each time."""
    rows = await uow.connection.fetch("select trading_claim_waiting_reports($1, $2, $3) as order_id", before, now, limit)
    return [row["order_id"] for row in rows]


async def fill_ids(uow: UnitOfWork, order_id: UUID) -> set[str]:
    """The venue's ids of the fills booked for an order."""
    rows = await uow.connection.fetch("select venue_fill_id from fills where order_id = $1", order_id)
    return {row["venue_fill_id"] for row in rows}


async def insert_fills(uow: UnitOfWork, order_id: UUID, booked: Sequence[BookedFill]) -> None:
    """One row a fill. A fill that another row has under the same venue, instrument and id raises UniqueViolationError."""
    await uow.connection.execute(
        "select trading_insert_fills($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        order_id,
        [new_id() for _ in booked],
        [one.fill.venue_fill_id for one in booked],
        [one.fill.price.value for one in booked],
        [one.fill.quantity.value for one in booked],
        [Decimal(one.notional) for one in booked],
        [Decimal(one.base) for one in booked],
        [Decimal(one.venue_fee) for one in booked],
        [Decimal(one.platform_fee) for one in booked],
        [one.fill.executed_at for one in booked],
        [one.fill.liquidity.value for one in booked],
    )


async def save_progress(uow: UnitOfWork, order_id: UUID, progress: Progress) -> None:
    """Writes what a settlement changed. The row is locked by the caller."""
    await uow.connection.execute(
        """
        update orders set state = $2, state_version = state_version + 1, venue_order_id = $3, filled_quantity = $4, filled_notional = $5,
            venue_fee = $6, platform_fee = $7, reason = $8, price_source = coalesce($9, price_source), price_at = coalesce($10, price_at),
            reconcile_after = $11, updated_at = $12
        where id = $1
        """,
        order_id,
        progress.state.value,
        progress.venue_order_id,
        progress.filled_quantity,
        progress.filled_notional,
        progress.venue_fee_units,
        progress.platform_fee_units,
        progress.reason,
        encode_source(progress.source),
        progress.price_at,
        progress.reconcile_after,
        progress.now,
    )


@dataclass(frozen=True, slots=True)
class UnappliedReport:
    """A report that is recorded and not applied."""

    id: int
    order_id: UUID
    user_id: int
    payload: Mapping[str, Any]
    received_at: datetime
    tries: int


_UNAPPLIED = """
select r.id, r.order_id, o.user_id, r.payload, r.received_at, r.tries from order_reports r join orders o on o.id = r.order_id
 where r.applied_at is null and ($1::bigint is null or r.id = $1) order by r.id limit $2"""


async def unapplied_reports(uow: UnitOfWork, *, report_id: int | None = None, limit: int = 50) -> list[UnappliedReport]:
    """What waits to be applied, oldest first; with `report_id` that one only."""
    return [UnappliedReport(**dict(row)) for row in await uow.connection.fetch(_UNAPPLIED, report_id, limit)]
