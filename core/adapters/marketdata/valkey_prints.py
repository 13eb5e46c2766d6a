"""Trade prints in Valkey: `streams` appends what its feeds saw, the paper exchange and others read it. Losing them loses the past only.

Stream `market:trades:{symbol}`: an entry a print, its id the print's sequence (`{sequence}-0`), so that telling a print twice changes
nothing. Fields `p` price, `q` quantity, `s` side that took (`buy` or `sell`), `t` time (ISO 8601, UTC). About the newest 2,000 are kept,
an hour long. The fence of the books (`market:fence`) is the fence here: a publisher with an older token is refused in Valkey itself.
After each publication the symbols that were added to go out on the channel `market:trades`, separated by spaces. Must never be called
inside a unit of work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import Any, Literal

from redis.asyncio import Redis

from core.adapters.marketdata.valkey_books import FENCE, FENCE_FOR_MS, KEPT_FOR_MS, reaching_valkey
from core.kernel.errors import LeaseLost, Unavailable
from core.kernel.money import Price, Quantity
from core.kernel.transaction_guard import require_no_transaction
from core.market.types import TradePrint

CHANNEL = "market:trades"
KEPT = 2_000
_APPEND = """
local token = tonumber(ARGV[1])
if token < tonumber(redis.call('GET', KEYS[1]) or '0') then return -1 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local place, grown, added = 6, {}, 0
for number = 2, #KEYS do
    local stream, symbol, count = KEYS[number], ARGV[place], tonumber(ARGV[place + 1])
    local newest = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)
    local last = newest[1] and tonumber(string.match(newest[1][1], '^%d+')) or 0
    local before = added
    place = place + 2
    for _ = 1, count do
        if tonumber(ARGV[place]) > last then
            redis.call('XADD', stream, 'MAXLEN', '~', ARGV[4], ARGV[place] .. '-0',
                'p', ARGV[place + 1], 'q', ARGV[place + 2], 's', ARGV[place + 3], 't', ARGV[place + 4])
            added = added + 1
        end
        place = place + 5
    end
    if added > before then
        redis.call('PEXPIRE', stream, ARGV[3])
        grown[#grown + 1] = symbol
    end
end
if #grown > 0 then redis.call('PUBLISH', ARGV[5], table.concat(grown, ' ')) end
return added
"""
"""Keys: the fence, then a stream for each symbol. Arguments: token, how long the fence stands, how long to keep, how many to keep, the
channel; then for each symbol its name, how many prints, and sequence, price, quantity, side and time of each. How many were added;
-1 for a stale token."""


def stream_key(symbol: str) -> str:
    """Where the prints of `symbol` lie."""
    return f"market:trades:{symbol}"


class ValkeyPrints:
    """TradeReader and TradeWriter over one client, which belongs to whoever built it."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def prints(self, since: Mapping[str, int], *, limit: int = 1_000) -> dict[str, list[TradePrint]]:
        """See TradeReader."""
        require_no_transaction("reading trades")
        if not since:
            return {}
        with reaching_valkey():
            async with self._client.pipeline(transaction=False) as pipe:
                for symbol, sequence in since.items():
                    pipe.xrange(stream_key(symbol), min=f"{sequence + 1}-0", max="+", count=limit)
                found = await pipe.execute()
        read = {symbol: [_decode(symbol, *entry) for entry in entries] for symbol, entries in zip(since, found, strict=True)}
        return {symbol: prints for symbol, prints in read.items() if prints}

    async def publish_prints(self, prints: Sequence[TradePrint], *, token: int = 0) -> None:
        """See TradeWriter."""
        require_no_transaction("publishing trades")
        if not prints:
            return
        keys, told = [FENCE], []
        ordered = sorted(prints, key=lambda one: (one.symbol, one.sequence))
        for symbol, group in groupby(ordered, key=lambda one: one.symbol):
            mine = list(group)
            keys.append(stream_key(symbol))
            told += [symbol, len(mine), *(part for one in mine for part in _encode(one))]
        with reaching_valkey():
            added = await self._client.eval(_APPEND, len(keys), *keys, token, FENCE_FOR_MS, KEPT_FOR_MS, KEPT, CHANNEL, *told)
        if int(added) < 0:
            raise LeaseLost(f"trades are published by a newer holder than the one of token {token}")


def _encode(one: TradePrint) -> tuple[int | str, ...]:
    return one.sequence, f"{one.price.value:f}", f"{one.quantity.value:f}", one.aggressor, one.at.isoformat()


def _decode(symbol: str, entry_id: bytes, fields: Mapping[bytes, bytes]) -> TradePrint:
    """Raises Unavailable for a form it does not know (another version of the desk may have written it)."""
    try:
        return TradePrint(
            symbol=symbol,
            price=Price(Decimal(fields[b"p"].decode())),
            quantity=Quantity(Decimal(fields[b"q"].decode())),
            aggressor=_side(fields[b"s"]),
            sequence=int(entry_id.partition(b"-")[0]),
            at=datetime.fromisoformat(fields[b"t"].decode()),
        )
    except (ValueError, KeyError, TypeError, InvalidOperation) as error:
        raise Unavailable("the price store holds a trade of another form") from error


def _side(stored: Any) -> Literal["buy", "sell"]:
    if stored == b"buy":
        return "buy"
    if stored == b"sell":
        return "sell"
    raise ValueError(stored)
