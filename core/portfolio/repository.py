"""All SQL on positions, lots, closures and preferences. Called by the portfolio service, inside a unit of work."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import asyncpg

from core.db.unit_of_work import UnitOfWork
from core.kernel.money import Amount, Asset
from core.market.types import Instrument
from core.portfolio.lots import left_of
from core.portfolio.types import Closure, FillPart, Lot, LotMethod, Position, Preferences

_OPEN_AND_LOCK = """
    insert into positions (user_id, venue, instrument) values ($1, $2, $3)
    on conflict (user_id, venue, instrument) do update set updated_at = positions.updated_at
    returning quantity, cost, realized_pnl, fees, coalesce((select p.lot_method from portfolio_preferences p where p.user_id = $1), 'fifo')
        as lot_method
"""
_SAVE = """
    update positions set quantity = $4, cost = $5, realized_pnl = $6, fees = $7, updated_at = now()
    where user_id = $1 and venue = $2 and instrument = $3
"""
_BUY = f"""
    with opened as (
        insert into portfolio_lots (user_id, venue, instrument, fill, quantity, cost, fees, remaining, remaining_cost, opened_at)
        select $1, $2, $3, o.fill, o.quantity, o.cost, o.fees, o.quantity, o.cost, coalesce(o.at, now())
        from unnest($8::text[], $9::numeric[], $10::numeric[], $11::numeric[], $12::timestamptz[])
            with ordinality as o (fill, quantity, cost, fees, at, n) order by o.n
    )
    {_SAVE}
"""  # noqa: S608 - constants only
_SELL = f"""
    with closed as (
        insert into portfolio_closures
            (user_id, venue, instrument, method, lot_id, fill, quantity, cost, proceeds, fees, realized, closed_at)
        select $1, $2, $3, $8, c.lot, c.fill, c.quantity, c.cost, c.proceeds, c.fees, c.realized, coalesce(c.at, now())
        from unnest($9::bigint[], $10::text[], $11::numeric[], $12::numeric[], $13::numeric[], $14::numeric[], $15::numeric[],
            $16::timestamptz[]) with ordinality as c (lot, fill, quantity, cost, proceeds, fees, realized, at, n) order by c.n
    ), changed as (
        update portfolio_lots l set remaining = u.remaining, remaining_cost = u.cost
        from unnest($17::bigint[], $18::numeric[], $19::numeric[]) as u (id, remaining, cost) where l.id = u.id
    )
    {_SAVE}
"""  # noqa: S608 - constants only
_LIST = """
    select p.instrument, p.quantity, p.cost, p.realized_pnl, p.fees, i.quote_asset, i.quote_scale
    from positions p join instruments i on i.venue = p.venue and i.symbol = p.instrument
    where p.user_id = $1 and p.venue = $2 order by p.instrument
"""
_OPEN_LOTS = """
    select id, fill, quantity, cost, fees, remaining, opened_at from portfolio_lots
    where user_id = $1 and venue = $2 and instrument = $3 and remaining > 0 order by opened_at, id
"""
_PREFERENCES = "select lot_method, quote_symbol from portfolio_preferences where user_id = $1"
_SET_PREFERENCES = """
    insert into portfolio_preferences (user_id, lot_method, quote_symbol) values ($1, coalesce($2, 'fifo'), coalesce($3, 'USDT'))
    on conflict (user_id) do update set lot_method = coalesce($2, portfolio_preferences.lot_method),
        quote_symbol = coalesce($3, portfolio_preferences.quote_symbol), updated_at = now()
    returning lot_method, quote_symbol
"""


async def lock_position(uow: UnitOfWork, user_id: int, instrument: Instrument) -> tuple[Position, LotMethod]:
    """The position, made where there is none, and the user's method of this moment. Locks the position's row: its lots are ours now."""
    [row] = await uow.connection.fetch(_OPEN_AND_LOCK, user_id, instrument.venue, instrument.symbol)
    return _position(row, user_id, instrument.venue, instrument.symbol, instrument.quote), LotMethod(row["lot_method"])


async def positions(uow: UnitOfWork, user_id: int, venue: str) -> list[Position]:
    """By symbol."""
    rows = await uow.connection.fetch(_LIST, user_id, venue)
    return [_position(row, user_id, venue, row["instrument"], Asset(row["quote_asset"], row["quote_scale"])) for row in rows]


async def open_lots(uow: UnitOfWork, user_id: int, venue: str, symbol: str, quote: Asset) -> list[Lot]:
    """Lots with something left, oldest first."""
    rows = await uow.connection.fetch(_OPEN_LOTS, user_id, venue, symbol)
    return [
        Lot(
            row["id"],
            row["fill"],
            row["quantity"],
            Amount(quote, int(row["cost"])),
            Amount(quote, int(row["fees"])),
            row["remaining"],
            row["opened_at"],
        )
        for row in rows
    ]


async def save_bought(uow: UnitOfWork, position: Position, parts: Sequence[FillPart]) -> None:
    """Opens a lot a fill and writes the position, in one round trip."""
    await uow.connection.execute(
        _BUY,
        *_values(position),
        [part.fill for part in parts],
        [part.quantity for part in parts],
        [Decimal((part.notional + part.fees).units) for part in parts],
        [Decimal(part.fees.units) for part in parts],
        [part.executed_at for part in parts],
    )


async def save_sold(uow: UnitOfWork, position: Position, method: LotMethod, closures: Sequence[Closure], lots: Sequence[Lot]) -> None:
    """Writes the pieces of a sale, the lots they come from and the position, in one round trip."""
    await uow.connection.execute(
        _SELL,
        *_values(position),
        method.value,
        [piece.lot_id for piece in closures],
        [piece.fill for piece in closures],
        [piece.quantity for piece in closures],
        [None if piece.cost is None else Decimal(piece.cost.units) for piece in closures],
        [Decimal(piece.proceeds.units) for piece in closures],
        [Decimal(piece.fees.units) for piece in closures],
        [Decimal(piece.realized.units) for piece in closures],
        [piece.closed_at for piece in closures],
        [lot.id for lot in lots],
        [lot.remaining for lot in lots],
        [Decimal(left_of(lot, lot.cost).units) for lot in lots],
    )


async def preferences(uow: UnitOfWork, user_id: int) -> Preferences:
    """The user's, or those of somebody who never chose."""
    row = await uow.connection.fetchrow(_PREFERENCES, user_id)
    return Preferences() if row is None else Preferences(LotMethod(row["lot_method"]), row["quote_symbol"])


async def set_preferences(uow: UnitOfWork, user_id: int, method: LotMethod | None, quote_symbol: str | None) -> Preferences:
    """Changes what is given; all of them afterwards."""
    [row] = await uow.connection.fetch(_SET_PREFERENCES, user_id, None if method is None else method.value, quote_symbol)
    return Preferences(LotMethod(row["lot_method"]), row["quote_symbol"])


def _values(position: Position) -> list[Any]:
    key = [position.user_id, position.venue, position.symbol]
    return [*key, position.quantity, position.cost.units, position.realized_pnl.units, position.fees.units]


def _position(row: asyncpg.Record, user_id: int, venue: str, symbol: str, quote: Asset) -> Position:
    cost, realized, fees = (Amount(quote, int(row[name])) for name in ("cost", "realized_pnl", "fees"))
    return Position(user_id, venue, symbol, row["quantity"], cost, realized, fees)
