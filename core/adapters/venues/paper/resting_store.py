"""The matching engine's part of the paper exchange's database: orders that wait, what they got, how far trades were counted.

Used by `engine.py` alone, in the exchange's own transactions. Rows of orders are locked in id order before they change, so a cancel and a
fill of the same order come one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.adapters.venues.paper.matching import fee_of, weigh
from core.adapters.venues.paper.queueing import Waiter
from core.db.pool import Connection, Pool
from core.kernel.money import EXACT, Asset, Price
from core.market.types import Level, OrderBook, TradePrint
from core.venues.types import Side

_SYMBOLS = "select distinct symbol from paper_venue_orders where resting"
_EXPIRE = "update paper_venue_orders set resting = false, untold = true where resting and closes_at <= $1"
_CURSORS = "select symbol, print_sequence from paper_venue_cursors where symbol = any($1)"
_ADVANCE = """
    insert into paper_venue_cursors (symbol, print_at, print_sequence) values ($1, $2, $3)
    on conflict (symbol) do update set print_at = excluded.print_at, print_sequence = excluded.print_sequence
    where paper_venue_cursors.print_sequence < excluded.print_sequence
"""
_CONCERNED = """
    select o.id, o.side, o.limit_price, o.accepted_at, o.remaining, o.queue_ahead, o.taken, o.quote_scale, o.taker_fee_bps, o.maker_fee_bps
    from paper_venue_orders o
    left join unnest($3::text[], $4::numeric[], $5::numeric[]) as l (side, price, quantity) on l.side = o.side and l.price = o.limit_price
    where o.resting and o.symbol = $1 and o.closes_at > $2
        and (
            o.taken > 0
            or case o.side
                when 'buy' then o.limit_price >= least($6::numeric, $8::numeric) or (
                    o.limit_price >= $10::numeric and (o.queue_ahead is null or o.queue_ahead > coalesce(l.quantity, 0)))
                else o.limit_price <= greatest($7::numeric, $9::numeric) or (
                    o.limit_price <= $11::numeric and (o.queue_ahead is null or o.queue_ahead > coalesce(l.quantity, 0)))
            end
        )
    order by o.id for update of o
"""
_FILLED_SO_FAR = """
    select liquidity, sum(price * quantity) as notional, sum(fee) as fee, max(line) as line
    from paper_venue_fills where order_id = $1 group by liquidity
"""
_FILL = """
    insert into paper_venue_fills (order_id, line, price, quantity, fee, executed_at, liquidity) values ($1, $2, $3, $4, $5, $6, 'maker')
"""
_MOVE = """
    update paper_venue_orders set
        remaining = $2::numeric, queue_ahead = $3, taken = $4, untold = untold or $5, resting = $2::numeric > 0,
        final_state = case when $2::numeric > 0 then final_state else 'FILLED' end,
        closes_at = case when $2::numeric > 0 then closes_at else $6 end
    where id = $1
"""
_UNTOLD = "select * from paper_venue_orders where untold order by id limit $1"
_TOLD = "update paper_venue_orders set untold = false where id = $1 and remaining = $2 and resting = $3"


@dataclass(frozen=True, slots=True)
class Resting:
    """An order that waits, with what its fees need."""

    waiter: Waiter
    quote: Asset
    taker_fee_bps: int
    maker_fee_bps: int


async def symbols(pool: Pool) -> list[str]:
    """What anybody waits for."""
    return [row["symbol"] for row in await pool.fetch(_SYMBOLS)]


async def expire(connection: Connection, now: datetime) -> int:
    """Takes what has expired out of the book; how many orders those were."""
    return int((await connection.execute(_EXPIRE, now)).rpartition(" ")[2])


async def cursors(pool: Pool, wanted: Sequence[str]) -> dict[str, int]:
    """The sequence of the last trade counted, for each symbol; 0 where none was."""
    found = {row["symbol"]: row["print_sequence"] for row in await pool.fetch(_CURSORS, list(wanted))}
    return {symbol: found.get(symbol, 0) for symbol in wanted}


async def advance(connection: Connection, last: TradePrint) -> None:
    """Notes that the trades up to `last` are counted."""
    await connection.execute(_ADVANCE, last.symbol, last.at, last.sequence)


async def concerned(connection: Connection, book: OrderBook, prints: Sequence[TradePrint], now: datetime) -> list[Resting]:
    """The orders that this book or these trades may change, locked, in id order."""
    reach = _Reach.of(book, prints)
    levels = [("buy", level) for level in book.bids] + [("sell", level) for level in book.asks]
    rows = await connection.fetch(
        _CONCERNED,
        book.symbol,
        now,
        [side for side, _ in levels],
        [level.price.value for _, level in levels],
        [level.quantity.value for _, level in levels],
        reach.best_ask,
        reach.best_bid,
        reach.sold_down_to,
        reach.bought_up_to,
        reach.bids_down_to,
        reach.asks_up_to,
    )
    return [_resting(row) for row in rows]


async def fill(connection: Connection, order: Resting, quantity: Decimal, now: datetime) -> None:
    """Writes a fill as maker at the order's limit price, with the step of the order's running fee."""
    weighted = charged = Decimal(0)
    line = -1
    for row in await connection.fetch(_FILLED_SO_FAR, order.waiter.id):
        bps = order.maker_fee_bps if row["liquidity"] == "maker" else order.taker_fee_bps
        weighted = EXACT.add(weighted, EXACT.multiply(row["notional"], Decimal(bps)))
        charged, line = EXACT.add(charged, row["fee"]), max(line, row["line"])
    limit = order.waiter.limit.value
    total = fee_of(EXACT.add(weighted, weigh(limit, quantity, order.maker_fee_bps)), order.quote)
    fee = EXACT.subtract(total.to_decimal(), charged)
    await connection.execute(_FILL, order.waiter.id, line + 1, limit, quantity, fee, now)


async def move(connection: Connection, waiter: Waiter, now: datetime) -> None:
    """Writes what became of an order: what is left, its place in the queue; closed where nothing is left."""
    await connection.execute(_MOVE, waiter.id, waiter.remaining, waiter.queue_ahead, waiter.taken, waiter.filled_now > 0, now)


async def untold(connection: Connection, limit: int) -> list[Any]:
    """Rows of orders to which something happened that nobody was told."""
    return await connection.fetch(_UNTOLD, limit)


async def mark_told(pool: Pool, tokens: Sequence[Any]) -> None:
    """The orders (id, remaining, resting as told) were told of, unless more has happened since."""
    await pool.executemany(_TOLD, list(tokens))


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far the market came on each side; None where it did not."""

    best_ask: Decimal | None
    best_bid: Decimal | None
    sold_down_to: Decimal | None
    bought_up_to: Decimal | None
    bids_down_to: Decimal | None
    asks_up_to: Decimal | None

    @classmethod
    def of(cls, book: OrderBook, prints: Sequence[TradePrint]) -> _Reach:
        return cls(
            _price(book.asks, 0),
            _price(book.bids, 0),
            min((one.price.value for one in prints if one.aggressor == "sell"), default=None),
            max((one.price.value for one in prints if one.aggressor == "buy"), default=None),
            _price(book.bids, -1),
            _price(book.asks, -1),
        )


def _price(levels: Sequence[Level], place: int) -> Decimal | None:
    return levels[place].price.value if levels else None


def _resting(row: Any) -> Resting:
    waiter = Waiter(
        row["id"], Side(row["side"]), Price(row["limit_price"]), row["accepted_at"], row["remaining"], row["queue_ahead"], row["taken"]
    )
    return Resting(waiter, Asset("paper:quote", row["quote_scale"]), row["taker_fee_bps"], row["maker_fee_bps"])
