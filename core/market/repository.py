"""All SQL on the table `instruments`. Called by `core/market/service.py` only, inside a unit of work."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

import asyncpg
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from core.db.unit_of_work import UnitOfWork
from core.kernel.money import Asset
from core.market.models import instruments
from core.market.types import Instrument

_KEY = ("venue", "symbol")


async def find(uow: UnitOfWork, venue: str, symbol: str) -> Instrument | None:
    """The row, active or not."""
    row = await uow.fetch_one(select(instruments).where(instruments.c.venue == venue, instruments.c.symbol == symbol))
    return _from_row(row) if row else None


async def active(uow: UnitOfWork, venue: str) -> list[Instrument]:
    """Active rows of a venue by symbol."""
    query = select(instruments).where(instruments.c.venue == venue, instruments.c.active).order_by(instruments.c.symbol)
    return [_from_row(row) for row in await uow.fetch(query)]


async def upsert(uow: UnitOfWork, rows: Sequence[Instrument]) -> None:
    """Writes all in one statement, in key order."""
    ordered = sorted(rows, key=lambda one: (one.venue, one.symbol))
    statement = insert(instruments).values([_to_row(one) for one in ordered])
    changed = {column.name: statement.excluded[column.name] for column in instruments.columns if column.name not in _KEY}
    await uow.execute(statement.on_conflict_do_update(index_elements=list(_KEY), set_={**changed, "updated_at": func.now()}))


async def deactivate_others(uow: UnitOfWork, venue: str, kept: Collection[str]) -> int:
    """Marks the venue's instruments outside `kept` as not active; how many those were."""
    others = instruments.c.symbol.not_in(sorted(kept)) if kept else instruments.c.symbol.is_not(None)
    query = update(instruments).where(instruments.c.venue == venue, instruments.c.active, others)
    return await uow.execute(query.values(active=False, updated_at=func.now()))


def _to_row(one: Instrument) -> dict[str, Any]:
    return {
        "venue": one.venue,
        "symbol": one.symbol,
        "base_asset": one.base.code,
        "base_scale": one.base.scale,
        "quote_asset": one.quote.code,
        "quote_scale": one.quote.scale,
        "tick": one.tick,
        "lot": one.lot,
        "minimum_notional": one.minimum_notional,
        "taker_fee_bps": one.taker_fee_bps,
        "active": one.active,
        "maker_fee_bps": one.maker_fee_bps,
    }


def _from_row(row: asyncpg.Record) -> Instrument:
    return Instrument(
        venue=row["venue"],
        symbol=row["symbol"],
        base=Asset(row["base_asset"], row["base_scale"]),
        quote=Asset(row["quote_asset"], row["quote_scale"]),
        tick=_plain(row["tick"]),
        lot=_plain(row["lot"]),
        minimum_notional=_plain(row["minimum_notional"]),
        taker_fee_bps=row["taker_fee_bps"],
        active=row["active"],
        maker_fee_bps=row["maker_fee_bps"],
    )


def _plain(stored: Decimal) -> Decimal:
    """Without the thirty decimals of the column: `0.010000…` → `0.01`, never `1E+1`."""
    return Decimal(f"{stored.normalize():f}")
