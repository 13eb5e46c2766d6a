"""Positions and their lots. Changed by settlement, in the transaction that books the fill; read by the edges.

Must never change a lot, a closure or a position outside `apply_fill`, and never make a profit of coins whose cost is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from core.db.unit_of_work import UnitOfWork
from core.kernel.money import Amount
from core.market import service as market
from core.market.types import Instrument
from core.portfolio import accounts, repository
from core.portfolio.lots import close_lots
from core.portfolio.rules import average_cost, bought, sold, whole_of
from core.portfolio.types import FillPart, Lot, LotMethod, Position, PositionChange, Preferences
from core.portfolio.waterfall import Waterfall, waterfalls
from core.venues.types import Side


async def apply_fill(
    uow: UnitOfWork,
    *,
    user_id: int,
    instrument: Instrument,
    side: Side,
    quantity: Decimal,
    notional: Amount,
    fees: Amount,
    parts: Sequence[FillPart] = (),
) -> PositionChange:
    """Moves the position by a fill, or by several of one order at once (`parts`: each of them; they add up to the figures).

    Amounts in the quote asset. A buy opens a lot a fill; a sale closes lots by the user's method of this moment. Locks the position's
    row, and with it its lots. ValueError where the parts do not add up; the lot of a fill that has one already is a UniqueViolationError.
    """
    told = whole_of(parts, quantity, notional, fees)
    position, method = await repository.lock_position(uow, user_id, instrument)
    realized_now = Amount.zero(instrument.quote)
    if side is Side.BUY:
        position = bought(position, quantity, notional, fees)
        await repository.save_bought(uow, position, told)
    else:
        lots = await repository.open_lots(uow, user_id, instrument.venue, instrument.symbol, instrument.quote)
        closed = close_lots(lots, told, method)
        position, realized_now = sold(position, closed.closures)
        await repository.save_sold(uow, position, method, closed.closures, closed.lots)
    return PositionChange(position.quantity, average_cost(position), position.realized_pnl, realized_now)


async def positions(uow: UnitOfWork, user_id: int, venue: str) -> list[Position]:
    """A user's positions at a venue, by symbol, closed ones included (their realized profit counts)."""
    return await repository.positions(uow, user_id, venue)


async def lots(uow: UnitOfWork, user_id: int, venue: str, symbol: str) -> list[Lot]:
    """The open lots of a position, oldest first; none for an instrument that is not known."""
    instrument = await market.instrument(uow, venue, symbol)
    return [] if instrument is None else await repository.open_lots(uow, user_id, venue, symbol, instrument.quote)


async def preferences(uow: UnitOfWork, user_id: int) -> Preferences:
    """The user's method of closing lots and currency of totals."""
    return await repository.preferences(uow, user_id)


async def set_preferences(
    uow: UnitOfWork, user_id: int, *, lot_method: LotMethod | None = None, quote_symbol: str | None = None
) -> Preferences:
    """Changes what is given. A new method counts for sales booked from now on; what was closed stays as it was closed."""
    return await repository.set_preferences(uow, user_id, lot_method, quote_symbol)


async def waterfall(uow: UnitOfWork, user_id: int, venue: str, since: datetime, until: datetime) -> tuple[Waterfall, ...]:
    """What became of each asset of the user at a place from `since` up to (not including) `until`: by asset, adding up to the unit.

    From the ledger's own postings, in one snapshot. A transaction counts at the moment it began.
    """
    found = await accounts.read_flows(uow, user_id, venue, since, until)
    return waterfalls(found.flows, found.later, found.balances, found.own)
