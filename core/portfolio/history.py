"""A user's fills with what they made: by pages for the chat, whole as CSV. Reads only; called by the edges.

Pages are cut at a fill (its time and id), so a page stays what it is while new fills come in.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import asyncpg

from core.db.pool import Pool
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.kernel.money import Amount, Asset
from core.portfolio.spreadsheet import line
from core.venues.types import Side

PAGE = 20
EXPORT_PAGE = 500
_FILLS = """
    select f.id, f.order_id, f.venue, f.instrument, f.side, f.price, f.quantity, f.notional, f.venue_fee, f.platform_fee, f.executed_at,
        i.quote_asset, i.quote_scale,
        (select sum(c.realized) from portfolio_closures c
            where c.venue = f.venue and c.instrument = f.instrument and c.fill = f.venue_fill_id) as realized
    from fills f join instruments i on i.venue = f.venue and i.symbol = f.instrument
    where f.user_id = $1 and ($2::timestamptz is null or (f.executed_at, f.id) < ($2, $3))
    order by f.executed_at desc, f.id desc limit $4
"""
_FILL = ("time", "venue", "instrument", "side", "quantity", "price")
_MONEY = ("notional", "venue_fee", "platform_fee", "realized", "quote")
COLUMNS = (*_FILL, *_MONEY, "order", "fill")


@dataclass(frozen=True, slots=True)
class HistoryFill:
    """A fill. `notional` before fees, fees apart, all in quote; `realized` is None for a buy and for sales before lots were kept."""

    id: UUID
    order_id: UUID
    venue: str
    symbol: str
    side: Side
    price: Decimal
    quantity: Decimal
    notional: Amount
    venue_fee: Amount
    platform_fee: Amount
    realized: Amount | None
    executed_at: datetime


@dataclass(frozen=True, slots=True)
class FillPage:
    """Newest first. `older` is the cursor of the next page, None at the end."""

    fills: tuple[HistoryFill, ...]
    older: str | None


async def fill_history(uow: UnitOfWork, user_id: int, *, before: str | None = None, limit: int = PAGE) -> FillPage:
    """One page of the user's fills, over all venues. `before` is the `older` of another page. ValueError for what is no cursor."""
    at, fill_id = read_cursor(before) if before else (None, None)
    rows = await uow.connection.fetch(_FILLS, user_id, at, fill_id, limit + 1)
    fills = tuple(_fill(row) for row in rows[:limit])
    return FillPage(fills, cursor(fills[-1]) if len(rows) > limit else None)


def cursor(fill: HistoryFill) -> str:
    """Names the place after a fill."""
    return f"{fill.executed_at.isoformat()}~{fill.id}"


def read_cursor(text: str) -> tuple[datetime, UUID]:
    """The place it names. ValueError for anything else."""
    at, _, fill_id = text.partition("~")
    moment = datetime.fromisoformat(at)
    if moment.tzinfo is None:
        raise ValueError("a cursor has a time zone")
    return moment, UUID(fill_id)


async def export_fills(pool: Pool, user_id: int, *, until: datetime | None = None, page: int = EXPORT_PAGE) -> AsyncIterator[bytes]:
    """All fills, newest first, as the lines of a CSV file (RFC 4180, UTF-8): the header, then pages, each read in a transaction of its own.

    With `until` what was executed later is left out, so the same file can be made again.
    """
    yield line(COLUMNS)
    before = None if until is None else f"{until.isoformat()}~{UUID(int=2**128 - 1)}"
    while True:
        async with unit_of_work(pool) as uow:
            found = await fill_history(uow, user_id, before=before, limit=page)
        if found.fills:
            yield b"".join(line(_cells(fill)) for fill in found.fills)
        if found.older is None:
            return
        before = found.older


def _cells(fill: HistoryFill) -> Sequence[str | Decimal | datetime | None]:
    return (
        fill.executed_at,
        fill.venue,
        fill.symbol,
        fill.side.value,
        fill.quantity,
        fill.price,
        fill.notional.to_decimal(),
        fill.venue_fee.to_decimal(),
        fill.platform_fee.to_decimal(),
        None if fill.realized is None else fill.realized.to_decimal(),
        fill.notional.asset.symbol,
        str(fill.order_id),
        str(fill.id),
    )


def _fill(row: asyncpg.Record) -> HistoryFill:
    quote = Asset(row["quote_asset"], row["quote_scale"])
    notional, venue_fee, platform_fee = (Amount(quote, int(row[name])) for name in ("notional", "venue_fee", "platform_fee"))
    return HistoryFill(
        row["id"],
        row["order_id"],
        row["venue"],
        row["instrument"],
        Side(row["side"]),
        row["price"],
        row["quantity"],
        notional,
        venue_fee,
        platform_fee,
        None if row["realized"] is None else Amount(quote, int(row["realized"])),
        row["executed_at"],
    )
