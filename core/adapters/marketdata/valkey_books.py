"""Books in Valkey: `streams` publishes them, worker, bot and api read them. Losing them loses nothing: they come again within a second.

Key `market:book:{symbol}`, JSON: `symbol`, `bids` and `asks` as lists of [price, quantity] in decimal strings (best first, at most 250
a side), `sequence`, `observed_at` (ISO 8601, UTC) and `source` (`name`, `kind`, `recorded_at`). Beside it `market:book:{symbol}:at`:
the publisher's fencing token and `observed_at` in microseconds since 1970. `market:fence` holds the newest token that published: a
publisher with an older one is refused in Valkey itself, whatever its clock says, so one that was stopped for a while cannot overwrite
its successor. Of one publisher's books an older one never replaces a newer one. After each publication the symbols that were taken
go out on the channel `market:books`, separated by spaces. Must never be called inside a unit of work.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, overload

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.kernel.errors import LeaseLost, Unavailable
from core.kernel.money import Price, Quantity
from core.kernel.transaction_guard import require_no_transaction
from core.market.types import Level, OrderBook, PriceSource

CHANNEL = "market:books"
DEPTH = 250
KEPT_FOR_MS = 3_600_000
"""An old book is still worth showing with its age, for an hour."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FENCE = "market:fence"
FENCE_FOR_MS = 60_000
"""Longer than any publisher pauses. A desk whose database was put back to an older token waits no longer than that."""
_PUBLISH = """
local token = tonumber(ARGV[3])
if token < tonumber(redis.call('GET', KEYS[1]) or '0') then return -1 end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
local taken = {}
for number = 1, (#KEYS - 1) / 2 do
    local book, at, first = KEYS[2 * number], KEYS[2 * number + 1], 3 * number + 2
    local by, there = string.match(redis.call('GET', at) or '', '^(%d+) (-?%d+)$')
    if tonumber(by) ~= token or tonumber(there) <= tonumber(ARGV[first + 1]) then
        redis.call('SET', book, ARGV[first + 2], 'PX', ARGV[1])
        redis.call('SET', at, ARGV[3] .. ' ' .. ARGV[first + 1], 'PX', ARGV[1])
        taken[#taken + 1] = ARGV[first]
    end
end
if #taken > 0 then
    redis.call('PUBLISH', ARGV[2], table.concat(taken, ' '))
end
return #taken
"""
"""Keys: the fence, then book and time for each symbol. Arguments: how long to keep, the channel, token, how long the fence stands, then
symbol, time and book for each. How many were taken; -1 for a stale token."""


def book_key(symbol: str) -> str:
    """Where the newest book of `symbol` lies."""
    return f"market:book:{symbol}"


class ValkeyBooks:
    """BookReader and BookWriter over one client, which belongs to whoever built it."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def book(self, symbol: str) -> OrderBook | None:
        """See BookReader."""
        require_no_transaction("reading a book")
        with reaching_valkey():
            stored = await self._client.get(book_key(symbol))
        return decode_book(stored) if stored is not None else None

    async def books(self, symbols: Sequence[str]) -> dict[str, OrderBook]:
        """See BookReader."""
        require_no_transaction("reading books")
        if not symbols:
            return {}
        with reaching_valkey():
            found = await self._client.mget([book_key(symbol) for symbol in symbols])
        return {symbol: decode_book(stored) for symbol, stored in zip(symbols, found, strict=True) if stored is not None}

    async def publish(self, book: OrderBook) -> None:
        """See BookWriter."""
        await self.publish_many([book])

    async def publish_many(self, books: Sequence[OrderBook], *, token: int = 0) -> None:
        """See BookWriter. Books older than what the same publisher put there are left out without an error."""
        require_no_transaction("publishing books")
        if not books:
            return
        keys = [key for book in books for key in (book_key(book.symbol), f"{book_key(book.symbol)}:at")]
        told = [part for book in books for part in (book.symbol, _microseconds(book.observed_at), encode_book(book))]
        with reaching_valkey():
            taken = await self._client.eval(_PUBLISH, len(keys) + 1, FENCE, *keys, KEPT_FOR_MS, CHANNEL, token, FENCE_FOR_MS, *told)
        if int(taken) < 0:
            raise LeaseLost(f"prices are published by a newer holder than the one of token {token}")


@contextmanager
def reaching_valkey() -> Iterator[None]:
    """Every way in which the store fails to answer, as one error: nothing was decided, asking again is safe."""
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        raise Unavailable(f"the price store does not answer ({type(error).__name__})") from error


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def encode_book(book: OrderBook) -> bytes:
    """The stored form: the best 250 levels a side, figures as recorded."""
    source = book.source
    return orjson.dumps(
        {
            "symbol": book.symbol,
            "bids": _texts(book.bids),
            "asks": _texts(book.asks),
            "sequence": book.sequence,
            "observed_at": book.observed_at.isoformat(),
            "source": {
                "name": source.name,
                "kind": source.kind,
                "recorded_at": source.recorded_at.isoformat() if source.recorded_at else None,
            },
        }
    )


def _texts(levels: Sequence[Level]) -> list[tuple[str, str]]:
    return [(f"{level.price.value:f}", f"{level.quantity.value:f}") for level in levels[:DEPTH]]


def decode_book(stored: bytes | str) -> OrderBook:
    """The book from its stored form. Levels become objects only when they are looked at: a walk needs the first few of them.

    Raises Unavailable for a form it does not know (another version of the desk may have written it).
    """
    try:
        told: dict[str, Any] = orjson.loads(stored)
        source = told["source"]
        recorded_at = source["recorded_at"]
        return OrderBook(
            symbol=told["symbol"],
            bids=StoredLevels(told["bids"]),
            asks=StoredLevels(told["asks"]),
            sequence=int(told["sequence"]),
            observed_at=datetime.fromisoformat(told["observed_at"]),
            source=PriceSource(source["name"], source["kind"], datetime.fromisoformat(recorded_at) if recorded_at else None),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Unavailable("the price store holds a book of another form") from error


class StoredLevels(Sequence[Level]):
    """Levels as pairs of strings, made into Level objects on demand. Read-only; equal to any sequence of the same levels."""

    __slots__ = ("_pairs",)

    def __init__(self, pairs: list[list[str]]) -> None:
        self._pairs = pairs

    def __len__(self) -> int:
        return len(self._pairs)

    @overload
    def __getitem__(self, index: int) -> Level: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Level]: ...

    def __getitem__(self, index: int | slice) -> Level | Sequence[Level]:
        return StoredLevels(self._pairs[index]) if isinstance(index, slice) else _level(self._pairs[index])

    def __iter__(self) -> Iterator[Level]:
        return map(_level, self._pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


def _level(pair: list[str]) -> Level:
    try:
        price, quantity = pair
        return Level(Price(Decimal(price)), Quantity(Decimal(quantity)))
    except (ValueError, TypeError, InvalidOperation) as error:
        raise Unavailable("the price store holds a level that is none") from error
