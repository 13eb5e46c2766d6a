"""The paper exchange's database: orders and fills in tables of its own, on connections and in transactions of its own.

Used by the paper venue; its matching engine's part is in `resting_store.py`. It is another house's database that happens to live in ours:
never touched inside a unit of work of ours. What is known at a moment is what has happened by then: fills with `executed_at` up to it, the
final state from `closes_at` on. What an order got while it waited in the book is never planned: it has happened when it is there, whatever
a clock says.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import asyncpg

from core.adapters.venues.paper.matching import Plan
from core.db.pool import Connection, Pool
from core.kernel.money import Price, Quantity
from core.market.types import PriceSource
from core.venues.types import Fill, Liquidity, OrderReport, OrderRequest, VenueOrderState

_LOCK = "select pg_advisory_xact_lock(hashtextextended('paper:' || $1, 0))"
_NEWEST = "select * from paper_venue_orders where client_order_id = $1 and symbol = $2 order by id desc limit 1 for update"
_INSERT_ORDER = """
    insert into paper_venue_orders (
        client_order_id, symbol, side, quantity, quote_budget, limit_price, accepted_at, closes_at, final_state, source, reason,
        order_type, time_in_force, post_only, resting, remaining, queue_ahead, taken, quote_scale, taker_fee_bps, maker_fee_bps
    ) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) returning *
"""
_INSERT_FILLS = """
    insert into paper_venue_fills (order_id, line, price, quantity, fee, executed_at)
    select $1, f.line, f.price, f.quantity, f.fee, f.executed_at
    from unnest($2::integer[], $3::numeric[], $4::numeric[], $5::numeric[], $6::timestamptz[])
        as f (line, price, quantity, fee, executed_at)
    order by f.line
"""
_FILLS = "select * from paper_venue_fills where order_id = $1 and (executed_at <= $2 or liquidity = 'maker') order by line"
_CANCEL = """
    update paper_venue_orders set
        closes_at = greatest($2, (select max(f.executed_at) from paper_venue_fills f where f.order_id = $1 and f.liquidity = 'maker')),
        final_state = 'CANCELED', resting = false
    where id = $1 returning *
"""
_CLOSE = "update paper_venue_orders set resting = false, untold = true where id = $1 and resting and closes_at <= $2"
_EXECUTED = """
    select o.client_order_id, count(distinct o.id) as orders
    from paper_venue_orders o join paper_venue_fills f on f.order_id = o.id and f.executed_at <= o.closes_at
    group by o.client_order_id
"""


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """An order in the exchange's books."""

    id: int
    client_order_id: str
    closes_at: datetime
    final_state: VenueOrderState
    reason: str
    source: PriceSource | None

    @property
    def venue_order_id(self) -> str:
        """What the exchange calls it."""
        return f"paper-{self.id}"


class PaperStore:
    """One database of one paper exchange."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def exclusive(self, client_order_id: str) -> AsyncIterator[Connection]:
        """A transaction in which nobody else looks at or changes this client order id.

        So a look-up waits for a submission that is under way, and time read inside is in the order of the answers. Raises
        ConnectionResetError, too, where the server ended the connection while this process stood still.
        """
        try:
            async with self._pool.acquire() as acquired:
                connection: Connection = acquired  # type: ignore[assignment]
                async with connection.transaction():
                    await connection.execute(_LOCK, client_order_id)
                    yield connection
        except asyncpg.InternalClientError as error:
            raise ConnectionResetError("the connection ended within the exchange's transaction") from error

    async def newest(self, connection: Connection, client_order_id: str, symbol: str) -> StoredOrder | None:
        """The last order with this id, open or closed; nobody else changes it until the transaction ends."""
        row = await connection.fetchrow(_NEWEST, client_order_id, symbol)
        return None if row is None else stored_order(row)

    async def insert(self, connection: Connection, request: OrderRequest, plan: Plan, source: PriceSource, now: datetime) -> StoredOrder:
        """Takes an order with its whole plan."""
        [row] = await connection.fetch(
            _INSERT_ORDER,
            request.client_order_id,
            request.instrument.symbol,
            request.side.value,
            None if request.quantity is None else request.quantity.value,
            request.quote_budget,
            request.limit_price.value,
            now,
            plan.closes_at,
            plan.final_state.value,
            {"name": source.name, "kind": source.kind, "recorded_at": source.recorded_at},
            plan.reason,
            request.order_type.value,
            request.time_in_force.value,
            request.post_only,
            plan.waiting is not None,
            Decimal(0) if plan.waiting is None else plan.waiting.remaining,
            None if plan.waiting is None else plan.waiting.queue_ahead,
            Decimal(0) if plan.waiting is None else plan.waiting.taken,
            request.instrument.quote.scale,
            request.instrument.taker_fee_bps,
            request.instrument.fee_bps(maker=True),
        )
        await connection.execute(
            _INSERT_FILLS,
            row["id"],
            list(range(len(plan.fills))),
            [fill.price.value for fill in plan.fills],
            [fill.quantity.value for fill in plan.fills],
            [fill.fee for fill in plan.fills],
            [fill.executed_at for fill in plan.fills],
        )
        return stored_order(row)

    async def cancel(self, connection: Connection, order: StoredOrder, now: datetime) -> StoredOrder:
        """Closes an open order now: what was to fill later never happens. The order afterwards."""
        [row] = await connection.fetch(_CANCEL, order.id, now)
        return stored_order(row)

    async def close_due(self, connection: Connection, order: StoredOrder, now: datetime) -> None:
        """Takes an order that is closed by `now` out of the book: once that was told, no engine that is behind fills it any more."""
        if order.closes_at <= now:
            await connection.execute(_CLOSE, order.id, now)

    async def report(self, connection: Connection, order: StoredOrder, now: datetime) -> OrderReport:
        """The order as it stands at `now`, with all its fills."""
        rows = await connection.fetch(_FILLS, order.id, min(now, order.closes_at))
        fills = tuple(_fill(row) for row in rows)
        filled = sum((fill.quantity.value for fill in fills), Decimal(0))
        state = order.final_state
        if now < order.closes_at:
            state = VenueOrderState.PARTIALLY_FILLED if fills else VenueOrderState.ACCEPTED
        return OrderReport(
            order.client_order_id, order.venue_order_id, state, Quantity(filled), fills, now, source=order.source, reason=order.reason
        )

    async def executed_orders(self) -> dict[str, int]:
        """The exchange's own truth, for tests: how many orders with each client order id executed anything."""
        return {row["client_order_id"]: row["orders"] for row in await self._pool.fetch(_EXECUTED)}


def stored_order(row: asyncpg.Record) -> StoredOrder:
    """The order a row describes."""
    return StoredOrder(
        row["id"], row["client_order_id"], row["closes_at"], VenueOrderState(row["final_state"]), row["reason"], _source(row["source"])
    )


def _source(stored: dict[str, str | None] | None) -> PriceSource | None:
    if stored is None:
        return None
    recorded_at = stored["recorded_at"]
    return PriceSource(stored["name"] or "", stored["kind"] or "", None if recorded_at is None else datetime.fromisoformat(recorded_at))


def _fill(row: asyncpg.Record) -> Fill:
    name = f"paper-{row['order_id']}-{row['line']}"
    return Fill(name, Price(row["price"]), Quantity(row["quantity"]), row["fee"], row["executed_at"], Liquidity(row["liquidity"]))
