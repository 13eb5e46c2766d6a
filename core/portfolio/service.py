"""Positions at average cost. Changed by settlement, in the transaction that books the fill; read by the edges."""

from __future__ import annotations

from decimal import Decimal

import asyncpg

from core.db.unit_of_work import UnitOfWork
from core.kernel.money import Amount, Asset
from core.market.types import Instrument
from core.portfolio.rules import average_cost, bought, sold
from core.portfolio.types import Position, PositionChange
from core.venues.types import Side

_OPEN_AND_LOCK = """
    insert into positions (user_id, venue, instrument) values ($1, $2, $3)
    on conflict (user_id, venue, instrument) do update set updated_at = positions.updated_at
    returning quantity, cost, realized_pnl, fees
"""
_SAVE = """
    update positions set quantity = $4, cost = $5, realized_pnl = $6, fees = $7, updated_at = now()
    where user_id = $1 and venue = $2 and instrument = $3
"""
_LIST = """
    select p.instrument, p.quantity, p.cost, p.realized_pnl, p.fees, i.quote_asset, i.quote_scale
    from positions p join instruments i on i.venue = p.venue and i.symbol = p.instrument
    where p.user_id = $1 and p.venue = $2 order by p.instrument
"""


async def apply_fill(
    uow: UnitOfWork, *, user_id: int, instrument: Instrument, side: Side, quantity: Decimal, notional: Amount, fees: Amount
) -> PositionChange:
    """Moves the position by a fill (or several of one order at once). Amounts in the quote asset. Locks the position's row."""
    row = await uow.connection.fetchrow(_OPEN_AND_LOCK, user_id, instrument.venue, instrument.symbol)
    if row is None:
        raise LookupError("an upsert returned no row")
    position = _position(row, user_id, instrument.venue, instrument.symbol, instrument.quote)
    realized_now = Amount.zero(instrument.quote)
    if side is Side.BUY:
        position = bought(position, quantity, notional, fees)
    else:
        position, realized_now = sold(position, quantity, notional, fees)
    await uow.connection.execute(
        _SAVE,
        user_id,
        instrument.venue,
        instrument.symbol,
        position.quantity,
        position.cost.units,
        position.realized_pnl.units,
        position.fees.units,
    )
    return PositionChange(position.quantity, average_cost(position), position.realized_pnl, realized_now)


async def positions(uow: UnitOfWork, user_id: int, venue: str) -> list[Position]:
    """A user's positions at a venue, by symbol, closed ones included (their realized profit counts)."""
    rows = await uow.connection.fetch(_LIST, user_id, venue)
    return [_position(row, user_id, venue, row["instrument"], Asset(row["quote_asset"], row["quote_scale"])) for row in rows]


def _position(row: asyncpg.Record, user_id: int, venue: str, symbol: str, quote: Asset) -> Position:
    cost, realized, fees = (Amount(quote, int(row[name])) for name in ("cost", "realized_pnl", "fees"))
    return Position(user_id, venue, symbol, row["quantity"], cost, realized, fees)
