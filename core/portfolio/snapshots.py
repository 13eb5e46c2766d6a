"""What every account with positions was worth at each full hour: taken set-wise, read as a history, thinned when old.

Called by the task `portfolio.snapshot` every minute: what is missing for the last full hour is written, whatever was missed is caught
up within the hour, and twice at once does no harm. Balances are those of the hour itself, prices those of now, with their time.
Must never measure a deposit or a withdrawal as profit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import asyncpg

from core.config.logging import get_logger
from core.db.pool import Pool
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.market import service as market
from core.market.ports import BookReader
from core.portfolio import accounts
from core.portfolio.conversion import Mark, marks_of
from core.portfolio.growth import Rates, Snapshot, next_snapshot, worth

SETTLED = timedelta(seconds=15)
"""A unit of work takes milliseconds, seconds at worst: what began before the hour is committed by then."""
PRICE_LIVES = timedelta(minutes=5)
HOURLY_FOR = timedelta(days=90)
BATCH = 500
THIN_AT_ONCE = 5_000
_ONE = Decimal(1)
_log = get_logger()

_DUE = """
    select p.user_id, coalesce(max(c.quote_symbol), 'USDT') as quote_symbol from positions p
    left join portfolio_preferences c on c.user_id = p.user_id
    where p.venue = $1 and not exists (
        select from portfolio_snapshots s where s.user_id = p.user_id and s.venue = $1 and s.taken_at = $2)
    group by p.user_id order by p.user_id limit $3
"""
_VENUES = "select distinct venue from positions order by venue"
_LAST = """
    select s.* from unnest($1::bigint[]) as u (id) cross join lateral (
        select * from portfolio_snapshots s
        where s.user_id = u.id and s.venue = $2 and s.taken_at < $3 and s.unpriced = '{}' order by s.taken_at desc limit 1) s
"""
_INSERT = """
    insert into portfolio_snapshots (user_id, venue, taken_at, quote_symbol, value, flow, growth, unpriced, priced_at)
    select s.user_id, $2, $3, s.quote_symbol, s.value, s.flow, s.growth, string_to_array(s.unpriced, ','), s.priced_at
    from unnest($1::bigint[], $4::text[], $5::numeric[], $6::numeric[], $7::numeric[], $8::text[], $9::timestamptz[])
        as s (user_id, quote_symbol, value, flow, growth, unpriced, priced_at)
    on conflict do nothing
"""
_HISTORY = "select * from portfolio_snapshots where user_id = $1 and venue = $2 and taken_at >= $3 order by taken_at"


async def take_snapshots(pool: Pool, books: BookReader, now: datetime, *, batch: int = BATCH) -> int:
    """Writes what is missing for the last full hour; how many. Raises Unavailable while prices cannot be read (nothing is written)."""
    at = (now - SETTLED).replace(minute=0, second=0, microsecond=0)
    async with unit_of_work(pool) as uow:
        venues = [row["venue"] for row in await uow.connection.fetch(_VENUES)]
    taken = 0
    for venue in venues:
        taken += await _take_venue(pool, books, venue, at, now, batch)
    if taken:
        _log.info("snapshots_taken", count=taken)
    return taken


async def _take_venue(pool: Pool, books: BookReader, venue: str, at: datetime, now: datetime, batch: int) -> int:
    async with unit_of_work(pool) as uow:
        if not await uow.connection.fetch(_DUE, venue, at, 1):
            return 0
        symbols = [one.symbol for one in await market.instruments(uow, venue)]
    found = await books.books(symbols) if symbols else {}
    marks = {symbol: mark for symbol, mark in marks_of(found).items() if now - mark.seen_at <= PRICE_LIVES}
    taken = 0
    while True:
        async with unit_of_work(pool) as uow:
            due = {row["user_id"]: row["quote_symbol"] for row in await uow.connection.fetch(_DUE, venue, at, batch)}
            await _take(uow, due, venue, at, marks)
        taken += len(due)
        if len(due) < batch:
            return taken


async def _take(uow: UnitOfWork, due: Mapping[int, str], venue: str, at: datetime, marks: Mapping[str, Mark]) -> None:
    """One statement a question, whatever the number of users."""
    users = list(due)
    before = {row["user_id"]: _snapshot(row) for row in await uow.connection.fetch(_LAST, users, venue, at)}
    balances = await accounts.balances_at(uow, users, venue, at)
    since = min((one.taken_at for one in before.values()), default=at)
    moved = await accounts.moved_between(uow, list(before), venue, since, at)
    rates = {quote: Rates(quote, marks) for quote in due.values()}
    made = []
    for user_id, quote in due.items():
        last, value = before.get(user_id), worth(balances[user_id], rates[quote])
        now = Snapshot(user_id, venue, at, quote, value.value, Decimal(0), _ONE, value.unpriced, value.priced_at)
        came = [one for one in moved.get(user_id, []) if last is not None and one.at >= last.taken_at]
        made.append(next_snapshot(last, now, came, rates[quote]))
    await _insert(uow, made, venue, at)


async def _insert(uow: UnitOfWork, made: Sequence[Snapshot], venue: str, at: datetime) -> None:
    await uow.connection.execute(
        _INSERT,
        [one.user_id for one in made],
        venue,
        at,
        [one.quote_symbol for one in made],
        [one.value for one in made],
        [one.flow for one in made],
        [one.growth for one in made],
        [",".join(one.unpriced) for one in made],
        [one.priced_at for one in made],
    )


async def thin_snapshots(pool: Pool, now: datetime) -> int:
    """Of what is older than 90 days only midnights (UTC) stay; how many rows went, some thousands at most."""
    async with unit_of_work(pool) as uow:
        return int(await uow.connection.fetchval("select portfolio_thin_snapshots($1, $2)", now - HOURLY_FOR, THIN_AT_ONCE))


async def value_history(uow: UnitOfWork, user_id: int, venue: str, since: datetime) -> list[Snapshot]:
    """The user's snapshots from `since` on, oldest first. `growth.total_return` tells what it made of them."""
    return [_snapshot(row) for row in await uow.connection.fetch(_HISTORY, user_id, venue, since)]


def _snapshot(row: asyncpg.Record) -> Snapshot:
    made = Snapshot(
        row["user_id"], row["venue"], row["taken_at"], row["quote_symbol"], row["value"], row["flow"], row["growth"], tuple(row["unpriced"])
    )
    return replace(made, priced_at=row["priced_at"])
