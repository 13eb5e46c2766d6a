"""Rows of orders. Called by the modules of `core/trading` inside a unit of work.

An order's row is locked before anything about it changes. What decisions read and write is in `decision_rows.py`, reports and fills
are in `report_rows.py`; the hot statements of all three are functions in `sql/trading.sql`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from core.db.pool import Pool
from core.db.unit_of_work import UnitOfWork
from core.kernel.money import Asset
from core.market.types import Instrument
from core.risk.facts import OrderTerms
from core.trading.reports import decode_source
from core.trading.types import ChatTarget, Order, OrderCommand, OrderSize, OrderState, SizeKind
from core.venues.types import OrderType, Side, TimeInForce

_COLUMNS = """
    o.id, o.user_id, o.venue, o.instrument, o.side, o.size_kind, o.size_value, o.slippage_bps, o.state, o.quantity, o.limit_price,
    o.client_order_id, o.venue_order_id, o.hold_id, o.send_until, o.filled_quantity, o.filled_notional, o.venue_fee, o.platform_fee,
    o.platform_fee_bps, o.reason, o.reason_params, o.chat_id, o.message_key, o.language, o.correlation_id, o.created_at, o.held,
    o.price_source, o.price_at, o.order_type, o.time_in_force, o.post_only, o.expires_at, o.origin, o.parent, o.risk_terms
"""
_INSTRUMENT = """
    i.base_asset, i.base_scale, i.quote_asset, i.quote_scale, i.tick, i.lot, i.minimum_notional, i.taker_fee_bps, i.active, i.maker_fee_bps
"""
_READ = f"select {_COLUMNS} from orders o where o.id = $1"  # noqa: S608 - constants only
_LOCK_WITH_INSTRUMENT = f"""
    select {_COLUMNS}, {_INSTRUMENT} from orders o left join instruments i on i.venue = o.venue and i.symbol = o.instrument
    where o.id = $1 for update of o
"""  # noqa: S608
_BY_KEY = f"select {_COLUMNS}, o.request_hash from orders o where o.user_id = $1 and o.idempotency_key = $2"  # noqa: S608
_OPEN = f"""
    select {_COLUMNS} from orders o
    where o.user_id = $1 and o.state in ('INITIALIZED', 'SUBMITTED', 'ACCEPTED', 'PARTIALLY_FILLED', 'PENDING_CANCEL')
    order by o.created_at, o.id
"""  # noqa: S608
_BY_CODE = f"""
    select {_COLUMNS} from orders o
    where o.user_id = $1 and right(replace(o.id::text, '-', ''), 8) = lower($2) order by o.created_at desc limit 1
"""  # noqa: S608
_BY_IDS = f"select {_COLUMNS} from orders o where o.id = any($1) order by o.created_at, o.id"  # noqa: S608
_FINISHED = f"""
    select {_COLUMNS} from orders o
    where o.user_id = $1 and o.state in ('FILLED', 'CANCELED', 'EXPIRED', 'REJECTED', 'DENIED')
    order by o.created_at desc, o.id desc limit $2
"""  # noqa: S608
_INSERT = """
    insert into orders (
        id, user_id, idempotency_key, request_hash, venue, instrument, side, size_kind, size_value, slippage_bps, chat_id, message_key,
        language, correlation_id, order_type, limit_price, time_in_force, post_only, expires_at, origin, parent, risk_terms
    ) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
    on conflict (user_id, idempotency_key) do nothing returning created_at
"""


def order_from_row(row: asyncpg.Record) -> Order:
    """The order a row describes."""
    return Order(
        id=row["id"],
        user_id=row["user_id"],
        venue=row["venue"],
        symbol=row["instrument"],
        side=Side(row["side"]),
        size=OrderSize(SizeKind(row["size_kind"]), row["size_value"]),
        slippage_bps=row["slippage_bps"],
        state=OrderState(row["state"]),
        quantity=row["quantity"],
        limit_price=row["limit_price"],
        client_order_id=row["client_order_id"],
        venue_order_id=row["venue_order_id"],
        hold_id=row["hold_id"],
        send_until=row["send_until"],
        filled_quantity=row["filled_quantity"],
        filled_notional=row["filled_notional"],
        venue_fee_units=int(row["venue_fee"]),
        platform_fee_units=int(row["platform_fee"]),
        platform_fee_bps=row["platform_fee_bps"],
        reason=row["reason"],
        reason_params=row["reason_params"],
        chat=ChatTarget(row["chat_id"], row["message_key"], row["language"]),
        correlation_id=row["correlation_id"],
        created_at=row["created_at"],
        held_units=None if row["held"] is None else int(row["held"]),
        price_source=decode_source(row["price_source"]),
        price_at=row["price_at"],
        order_type=OrderType(row["order_type"]),
        time_in_force=TimeInForce(row["time_in_force"]),
        post_only=row["post_only"],
        expires_at=row["expires_at"],
        origin=row["origin"],
        parent=row["parent"],
        risk=OrderTerms.decode(row["risk_terms"]),
    )


def instrument_from_row(row: asyncpg.Record, venue: str, symbol: str) -> Instrument | None:
    """The instrument whose columns were joined to the row; None where the join found none."""
    if row["base_asset"] is None:
        return None
    return Instrument(
        venue,
        symbol,
        Asset(row["base_asset"], row["base_scale"]),
        Asset(row["quote_asset"], row["quote_scale"]),
        row["tick"],
        row["lot"],
        row["minimum_notional"],
        row["taker_fee_bps"],
        row["active"],
        row["maker_fee_bps"],
    )


async def insert_order(
    uow: UnitOfWork, order_id: UUID, command: OrderCommand, *, key: str, request_hash: bytes, chat: ChatTarget, correlation_id: str
) -> bool:
    """A new row in INITIALIZED; False when the user's key was used before."""
    created = await uow.connection.fetchval(
        _INSERT,
        order_id,
        command.user_id,
        key,
        request_hash,
        command.venue,
        command.symbol,
        command.side.value,
        command.size.kind.value,
        command.size.value,
        command.slippage_bps,
        chat.chat_id,
        chat.message_key,
        chat.language,
        correlation_id,
        command.order_type.value,
        command.limit_price,
        command.time_in_force.value,
        command.post_only,
        command.expires_at,
        command.origin,
        command.parent,
        command.risk.encode(),
    )
    return created is not None


async def order_by_key(uow: UnitOfWork, user_id: int, key: str) -> tuple[Order, bytes]:
    """The order requested with this key, and the hash of that request."""
    row = await uow.connection.fetchrow(_BY_KEY, user_id, key)
    if row is None:
        raise LookupError("no order with this key")
    return order_from_row(row), row["request_hash"]


async def read_order(source: Pool | UnitOfWork, order_id: UUID) -> Order | None:
    """The order as it stands, without a lock; inside a unit of work or on its own."""
    row = await (source.connection if isinstance(source, UnitOfWork) else source).fetchrow(_READ, order_id)
    return None if row is None else order_from_row(row)


async def lock_order(uow: UnitOfWork, order_id: UUID) -> tuple[Order, Instrument | None] | None:
    """Locks the order's row until the transaction ends; with its instrument."""
    row = await uow.connection.fetchrow(_LOCK_WITH_INSTRUMENT, order_id)
    if row is None:
        return None
    order = order_from_row(row)
    return order, instrument_from_row(row, order.venue, order.symbol)


async def finished_orders(uow: UnitOfWork, user_id: int, limit: int) -> list[Order]:
    """A user's final orders, newest first."""
    return [order_from_row(row) for row in await uow.connection.fetch(_FINISHED, user_id, limit)]


async def open_orders(uow: UnitOfWork, user_id: int) -> list[Order]:
    """A user's orders that are not final, oldest first."""
    return [order_from_row(row) for row in await uow.connection.fetch(_OPEN, user_id)]


async def orders_by_id(uow: UnitOfWork, ids: Collection[UUID]) -> list[Order]:
    """The orders with these ids, oldest first; those that are not there are left out."""
    return [order_from_row(row) for row in await uow.connection.fetch(_BY_IDS, list(ids))]


async def order_by_code(uow: UnitOfWork, user_id: int, code: str) -> Order | None:
    """A user's newest order with this short code (`core.kernel.ids.short_code`)."""
    row = await uow.connection.fetchrow(_BY_CODE, user_id, code)
    return None if row is None else order_from_row(row)


async def ids_by_client_order_id(uow: UnitOfWork, venue: str, names: Collection[str]) -> dict[str, UUID]:
    """Which of our orders the venue means."""
    rows = await uow.connection.fetch(
        "select client_order_id, id from orders where venue = $1 and client_order_id = any($2)", venue, list(names)
    )
    return {row["client_order_id"]: row["id"] for row in rows}


async def set_state(
    uow: UnitOfWork, order_id: UUID, state: OrderState, *, now: datetime, reason: str, reconcile_after: datetime | None
) -> None:
    """Changes the state alone. The row is locked by the caller."""
    await uow.connection.execute(
        "update orders set state = $2, state_version = state_version + 1, reason = $3, reconcile_after = $4, updated_at = $5 where id = $1",
        order_id,
        state.value,
        reason,
        reconcile_after,
        now,
    )


async def ask_again_at(uow: UnitOfWork, order_id: UUID, moment: datetime) -> None:
    """When reconciliation looks at an open order next, if that is sooner than planned."""
    await uow.connection.execute(
        """
        update orders set reconcile_after = least(reconcile_after, $2)
        where id = $1 and state in ('SUBMITTED', 'ACCEPTED', 'PARTIALLY_FILLED', 'PENDING_CANCEL')
        """,
        order_id,
        moment,
    )


async def put_off(uow: UnitOfWork, order_id: UUID, moment: datetime) -> None:
    """Reconciliation leaves an open order alone until then."""
    await uow.connection.execute(
        "update orders set reconcile_after = $2 where id = $1 and state in ('SUBMITTED', 'ACCEPTED', 'PARTIALLY_FILLED', 'PENDING_CANCEL')",
        order_id,
        moment,
    )


async def claim_for_reconciliation(
    uow: UnitOfWork, *, now: datetime, again: datetime, limit: int, seldom: timedelta, expiry_grace: timedelta
) -> list[UUID]:
    """Open orders to ask about now; nobody else gets them before `again`, those that rest undisturbed not for up to `seldom`."""
    rows = await uow.connection.fetch(
        "select trading_claim_for_reconciliation($1, $2, $3, $4, $5) as id", now, again, limit, seldom, expiry_grace
    )
    return [row["id"] for row in rows]


async def claim_undecided(uow: UnitOfWork, *, before: datetime, now: datetime, again: datetime, limit: int) -> list[UUID]:
    """Orders INITIALIZED since `before`, to hand off again; nobody else gets them before `again`."""
    rows = await uow.connection.fetch("select trading_claim_undecided($1, $2, $3, $4) as id", before, now, again, limit)
    return [row["id"] for row in rows]
