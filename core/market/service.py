"""What is tradable, and what prices were. Called by edges, trading, risk and the `streams` process inside their unit of work.

The price of now is never kept here: books are read through `core/market/ports.BookReader`, outside a unit of work.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from core.db.unit_of_work import UnitOfWork
from core.ledger import service as ledger
from core.market import candle_repository, candle_rules, repository
from core.market.types import INTERVALS, Candle, DayChange, Instrument, Interval, Origin

VOLATILITY_OVER = timedelta(days=7)
MADE_AHEAD = timedelta(days=62)


async def instrument(uow: UnitOfWork, venue: str, symbol: str) -> Instrument | None:
    """The instrument, active or not (see its `active`); None where the venue never had it."""
    return await repository.find(uow, venue, symbol)


async def instruments(uow: UnitOfWork, venue: str) -> list[Instrument]:
    """What can be traded at `venue` now, by symbol."""
    return await repository.active(uow, venue)


async def save_instruments(uow: UnitOfWork, instruments: Sequence[Instrument]) -> None:
    """Writes instruments and their rules, replacing what was there, and makes their assets known to the ledger.

    The last of two with the same venue and symbol counts. ValueError where an asset is known with another scale.
    """
    unique = {(one.venue, one.symbol): one for one in instruments}
    if not unique:
        return
    for asset in sorted({asset for one in unique.values() for asset in (one.base, one.quote)}, key=lambda asset: asset.code):
        await ledger.ensure_asset(uow, asset)
    await repository.upsert(uow, list(unique.values()))


async def retire_other_instruments(uow: UnitOfWork, venue: str, kept: Collection[str]) -> int:
    """Ends trading in all instruments of `venue` but the symbols `kept`: they have no prices any more. Returns how many."""
    return await repository.deactivate_others(uow, venue, kept)


async def candles(uow: UnitOfWork, symbol: str, interval: Interval, *, since: datetime, limit: int = 1_000) -> list[Candle]:
    """The newest `limit` candles of `symbol` that began at `since` or later, oldest first, the unfinished one too.

    All of one origin: the one of the newest candle. What is missing is missing (`candle_gaps`).
    """
    return await candle_repository.newest(uow, symbol, interval, since=since, limit=limit)


async def candle_gaps(
    uow: UnitOfWork, symbol: str, interval: Interval, *, since: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """Where candles of the newest origin are missing between two moments: from the first missing opening to the next one there is."""
    opened = await candle_repository.openings(uow, symbol, interval, since=since, until=until)
    return candle_rules.gaps(opened, interval, since, until)


async def volatility_bps(uow: UnitOfWork, symbol: str, *, now: datetime | None = None) -> int | None:
    """How much `symbol` moves in a day: the standard deviation of its hourly changes over the last week, scaled to a day, in basis points.

    None while fewer than twelve hourly changes are known. Jumps where a recording starts again do not count.
    """
    at = now or datetime.now(UTC)
    this_hour = candle_rules.opening_of(at, "1h")
    hours = await candle_repository.newest(uow, symbol, "1h", since=this_hour - VOLATILITY_OVER, limit=200)
    return candle_rules.volatility_bps([one for one in hours if one.open_at < this_hour])


async def day_change(uow: UnitOfWork, symbol: str, *, now: datetime | None = None) -> DayChange | None:
    """What `symbol` did over 5 minutes, an hour and a day; None where there are no candles. For the instrument card."""
    at = now or datetime.now(UTC)
    minutes = await candle_repository.newest(uow, symbol, "1m", since=at - INTERVALS["1h"] - INTERVALS["1m"], limit=70)
    fives = await candle_repository.newest(uow, symbol, "5m", since=at - candle_rules.DAY - INTERVALS["5m"], limit=300)
    hours = await candle_repository.newest(uow, symbol, "1h", since=at - candle_rules.DAY - INTERVALS["1h"], limit=30)
    reaches_back = fives and (not hours or fives[0].open_at <= hours[0].open_at + INTERVALS["1h"])
    return candle_rules.day_change(minutes, fives if reaches_back else hours, at)


async def save_candles(uow: UnitOfWork, candles: Sequence[Candle], *, replace: bool = True) -> int:
    """Writes candles as they are, each whole; saving them again changes nothing. How many rows were written.

    Without `replace`, rows that saw as many minutes stay as they are: for history that is brought later. The partitions must be there.
    """
    unique = {(one.interval, one.symbol, one.origin, one.open_at): one for one in candles}
    return await candle_repository.upsert(uow, [unique[key] for key in sorted(unique)], replace=replace) if unique else 0


async def roll_up_candles(uow: UnitOfWork, origin: Origin, symbols: Sequence[str], *, since: datetime, until: datetime) -> None:
    """Makes 5m, 1h and 1d candles anew wherever they contain a 1m candle between `since` and `until`."""
    for finer, coarser in (("1m", "5m"), ("5m", "1h"), ("1h", "1d")):
        await candle_repository.roll_up(uow, origin, symbols, finer, coarser, since=since, until=until)


async def unfinished_candles(uow: UnitOfWork, symbols: Sequence[str], *, now: datetime) -> dict[str, Candle]:
    """The newest 1m candle of each symbol that has any since the day before: what a restarted builder goes on from."""
    return await candle_repository.latest_minutes(uow, symbols, since=now - candle_rules.DAY)


async def symbols_with_candles(uow: UnitOfWork, symbols: Sequence[str], origin: Origin) -> set[str]:
    """Which of `symbols` have any candle of `origin`."""
    return await candle_repository.known(uow, symbols, origin)


async def ensure_partitions(uow: UnitOfWork, interval: Interval, since: datetime, until: datetime) -> int:
    """Makes the table's partitions for these months where they are not there; how many were made."""
    return await candle_repository.ensure_partitions(uow, interval, since, until)


async def bring_candles(uow: UnitOfWork, past: Sequence[Candle]) -> int:
    """Writes candles of the past, with the partitions they need; how many rows are new or saw more than what was there."""
    for interval in sorted({candle.interval for candle in past}):
        opened = [candle.open_at for candle in past if candle.interval == interval]
        await candle_repository.ensure_partitions(uow, interval, min(opened), max(opened))
    return await save_candles(uow, past, replace=False)


async def bring_partitions(uow: UnitOfWork, since: datetime, until: datetime) -> None:
    """Partitions of all intervals for these months: before candles of the past are rolled up."""
    for interval in INTERVALS:
        await candle_repository.ensure_partitions(uow, interval, candle_rules.opening_of(since, "1d"), until)


async def keep_partitions(uow: UnitOfWork, *, now: datetime, minute_days: int) -> tuple[int, int]:
    """The maintenance job: partitions for this month and the next two, and those beyond retention dropped. How many came and went.

    1m candles are kept `minute_days` days, 5m candles four times as long, 1h and 1d for ever; whole months go at a time.
    """
    made = gone = 0
    for interval in INTERVALS:
        made += await candle_repository.ensure_partitions(uow, interval, now, now + MADE_AHEAD)
    for interval, days in (("1m", minute_days), ("5m", 4 * minute_days)):
        gone += await candle_repository.drop_partitions(uow, interval, now - timedelta(days=days))
    return made, gone
