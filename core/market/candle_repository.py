"""All SQL on the table `candles`. Called by `core/market/service.py` only, inside a unit of work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import asyncpg

from core.db.unit_of_work import UnitOfWork
from core.market.types import Candle, Interval, Origin, PriceSource

_FIELDS = "symbol, interval, origin, open_at, open, high, low, close, volume, minutes, jumped, source_name, source_kind, recorded_at"
_ORIGIN = "(select n.origin from candles n where n.symbol = $1 and n.interval = $2 order by n.open_at desc limit 1)"
_NEWEST = """
select * from (
    select FIELDS from candles c
     where c.symbol = $1 and c.interval = $2 and c.origin = ORIGIN and c.open_at >= $3
     order by c.open_at desc limit $4) found order by open_at""".replace("FIELDS", _FIELDS).replace("ORIGIN", _ORIGIN)
_OPENINGS = """
select c.open_at from candles c
 where c.symbol = $1 and c.interval = $2 and c.origin = ORIGIN and c.open_at >= $3 and c.open_at < $4
 order by c.open_at""".replace("ORIGIN", _ORIGIN)
_UPSERT = """
insert into candles as there (FIELDS)
select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::numeric[], $6::numeric[], $7::numeric[], $8::numeric[],
                     $9::numeric[], $10::integer[], $11::boolean[], $12::text[], $13::text[], $14::timestamptz[])
on conflict (symbol, interval, origin, open_at) do update
   set open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close, volume = excluded.volume,
       minutes = excluded.minutes, jumped = excluded.jumped, source_name = excluded.source_name, source_kind = excluded.source_kind,
       recorded_at = excluded.recorded_at
 where $15 or excluded.minutes > there.minutes""".replace("FIELDS", _FIELDS)
_LATEST = """
select distinct on (c.symbol) FIELDS from candles c
 where c.interval = '1m' and c.symbol = any ($1) and c.open_at >= $2 order by c.symbol, c.open_at desc""".replace("FIELDS", _FIELDS)
_KNOWN = """
select s.symbol from unnest($1::text[]) s (symbol)
 where exists (select from candles c where c.symbol = s.symbol and c.origin = $2)"""


async def newest(uow: UnitOfWork, symbol: str, interval: Interval, *, since: datetime, limit: int) -> list[Candle]:
    """The newest of the newest origin, oldest first."""
    return [_candle(row) for row in await uow.connection.fetch(_NEWEST, symbol, interval, since, limit)]


async def openings(uow: UnitOfWork, symbol: str, interval: Interval, *, since: datetime, until: datetime) -> list[datetime]:
    """When those of the newest origin begin, in order."""
    return [row["open_at"] for row in await uow.connection.fetch(_OPENINGS, symbol, interval, since, until)]


async def upsert(uow: UnitOfWork, candles: Sequence[Candle], *, replace: bool) -> int:
    """Writes all in one statement; without `replace` only those that saw more minutes than what is there."""
    columns = zip(*(_row(one) for one in candles), strict=True)
    status = await uow.connection.execute(_UPSERT, *(list(column) for column in columns), replace)
    return int(status.rpartition(" ")[2])


async def roll_up(
    uow: UnitOfWork, origin: Origin, symbols: Sequence[str], finer: str, coarser: str, *, since: datetime, until: datetime
) -> int:
    """Makes the coarser candles that contain moments from `since` to `until`."""
    count: int = await uow.connection.fetchval(
        "select market_roll_up($1, $2, $3, $4, $5, $6)", origin, list(symbols), finer, coarser, since, until
    )
    return count


async def latest_minutes(uow: UnitOfWork, symbols: Sequence[str], *, since: datetime) -> dict[str, Candle]:
    """The newest 1m candle of each symbol."""
    return {row["symbol"]: _candle(row) for row in await uow.connection.fetch(_LATEST, list(symbols), since)}


async def known(uow: UnitOfWork, symbols: Sequence[str], origin: Origin) -> set[str]:
    """Symbols with any candle of the origin."""
    return {row["symbol"] for row in await uow.connection.fetch(_KNOWN, list(symbols), origin)}


async def ensure_partitions(uow: UnitOfWork, interval: Interval, since: datetime, until: datetime) -> int:
    """How many months were made."""
    made: int = await uow.connection.fetchval("select market_ensure_partitions($1, $2, $3)", interval, since, until)
    return made


async def drop_partitions(uow: UnitOfWork, interval: Interval, before: datetime) -> int:
    """How many months were dropped."""
    gone: int = await uow.connection.fetchval("select market_drop_partitions($1, $2)", interval, before)
    return gone


def _row(one: Candle) -> tuple[object, ...]:
    return (
        one.symbol,
        one.interval,
        one.origin,
        one.open_at,
        one.open,
        one.high,
        one.low,
        one.close,
        one.volume,
        one.minutes,
        one.jumped,
        one.source.name,
        one.source.kind,
        one.source.recorded_at,
    )


def _candle(row: asyncpg.Record) -> Candle:
    return Candle(
        symbol=row["symbol"],
        interval=row["interval"],
        open_at=row["open_at"],
        open=_plain(row["open"]),
        high=_plain(row["high"]),
        low=_plain(row["low"]),
        close=_plain(row["close"]),
        volume=None if row["volume"] is None else _plain(row["volume"]),
        source=PriceSource(row["source_name"], row["source_kind"], row["recorded_at"]),
        minutes=row["minutes"],
        jumped=row["jumped"],
    )


def _plain(stored: Decimal) -> Decimal:
    """Without the thirty decimals of the column: `0.010000…` → `0.01`, never `1E+1`."""
    return Decimal(f"{stored.normalize():f}")
