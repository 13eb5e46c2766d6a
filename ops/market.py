"""`ops market`: records a live feed, brings candles of the past, shows what is missing. Prices and candles only, never money."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from redis.asyncio import Redis

from core.bootstrap.market import book_of, exchange_candles, record_market, recorded_candles
from core.config.settings import MarketDataSettings
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.kernel.errors import Unavailable
from core.market import service as market
from core.market.errors import FeedRefused
from core.market.types import INTERVALS, Candle, Interval
from ops.desk import open_pool, redis_url
from ops.output import Answer

BATCH = 2_000


def parse_since(text: str) -> datetime:
    """`2026-05-01`, `2026-05-01T12:00` (UTC), or how long ago: `90m`, `36h`, `7d`. ValueError with an example."""
    units = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
    if text[:-1].isdigit() and text[-1:] in units:
        return datetime.now(UTC) - int(text[:-1]) * units[text[-1]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"no moment: {text}; write 2026-05-01, 2026-05-01T12:00 or 36h") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def moment(text: str) -> datetime:
    """The same for argparse, which shows what is accepted."""
    try:
        return parse_since(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from problem


async def record(symbols: Sequence[str], minutes: float, out: str) -> Answer:
    """Records so many minutes of the exchange's public feed into files that the desk replays."""
    try:
        made = await record_market(MarketDataSettings(), [symbol.upper() for symbol in symbols], Path(out), seconds=minutes * 60)
    except (Unavailable, FeedRefused, OSError) as problem:
        return Answer([], [], 1, f"nothing was recorded: {problem}")
    lines = [f"{one.symbol}  {one.path}  {one.lines} lines, {one.changes} changes of the book" for one in made]
    return Answer(lines, [{"symbol": one.symbol, "file": str(one.path), "lines": one.lines, "changes": one.changes} for one in made])


async def backfill(symbol: str, begins: datetime) -> Answer:
    """Brings candles since a moment: for live prices the exchange's own, otherwise the recordings' with shifted times.

    What the desk saw itself as a whole stays as it is. Says what is still missing.
    """
    symbol = symbol.upper()
    try:
        candles = await _past(symbol, begins)
    except (Unavailable, FeedRefused, OSError) as problem:
        return Answer([], [], 1, f"nothing was brought: {problem}")
    async with open_pool() as pool:
        written = 0
        for start in range(0, len(candles), BATCH):
            async with unit_of_work(pool) as uow:
                written += await _bring(uow, candles[start : start + BATCH])
        async with unit_of_work(pool) as uow:
            missing = await _missing(uow, symbol, begins)
    lines = [f"{symbol}  {len(candles)} candles found, {written} written", *_gap_lines(missing)]
    return Answer(lines, [{"symbol": symbol, "found": len(candles), "written": written, "gaps": missing}])


async def gaps(symbol: str, since: datetime, interval: Interval) -> Answer:
    """Where candles are missing."""
    symbol = symbol.upper()
    async with open_pool() as pool, unit_of_work(pool) as uow:
        missing = await _missing(uow, symbol, since, interval)
    return Answer(_gap_lines(missing) or [f"{symbol}  nothing is missing"], [{"symbol": symbol, "gaps": missing}])


async def _past(symbol: str, since: datetime) -> list[Candle]:
    settings = MarketDataSettings()
    client = Redis.from_url(redis_url().reveal())
    try:
        book = await book_of(client, symbol)
    finally:
        await client.aclose()
    if book is None:
        raise Unavailable(f"{symbol} has no price here now: is the desk running?")
    if book.source.kind == "live":
        return await exchange_candles(settings, symbol, since)
    if book.source.kind == "simulated":
        raise Unavailable("a simulated market has no past")
    return await recorded_candles(settings, book, since)


async def _bring(uow: UnitOfWork, candles: Sequence[Candle]) -> int:
    written = await market.bring_candles(uow, candles)
    minutes = [one for one in candles if one.interval == "1m"]
    if minutes:
        first, last = minutes[0], minutes[-1]
        await market.bring_partitions(uow, first.open_at, last.open_at)
        await market.roll_up_candles(uow, first.origin, [first.symbol], since=first.open_at, until=last.open_at)
    return written


async def _missing(uow: UnitOfWork, symbol: str, since: datetime, interval: Interval = "1m") -> list[dict[str, str]]:
    found = await market.candle_gaps(uow, symbol, interval, since=since, until=datetime.now(UTC))
    length = INTERVALS[interval]
    return [{"from": begins.isoformat(), "until": ends.isoformat(), "candles": str((ends - begins) // length)} for begins, ends in found]


def _gap_lines(missing: Sequence[dict[str, str]]) -> list[str]:
    return [f"missing  {one['from']}  to  {one['until']}  ({one['candles']} candles)" for one in missing]
