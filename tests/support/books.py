"""Books for tests: an in-memory BookReader, and recordings written to files as an exchange's feed would be recorded."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import orjson

from core.kernel.money import Price, Quantity
from core.market.types import Level, OrderBook, PriceSource

Figure = str | int | Decimal
Pair = tuple[Figure, Figure]

ODD_ASKS: tuple[Pair, ...] = ((100, 1), (200, 1), (500, 10))
ODD_BIDS: tuple[Pair, ...] = ((90, 1), (50, 2), (10, 10))
START_NS = 1_723_161_254_000_000_000
"""2024-08-08 23:54:14 UTC: when the recordings written here begin."""
TEST_SOURCE = PriceSource("test book", "recorded_book", datetime(2024, 8, 8, tzinfo=UTC))


def levels(pairs: Iterable[Pair]) -> tuple[Level, ...]:
    """Pairs of price and quantity as levels."""
    return tuple(Level(Price(Decimal(price)), Quantity(Decimal(quantity))) for price, quantity in pairs)


class StaticBooks:
    """A BookReader that answers what it was told. `failure`, when set, is raised instead. By default a book is as old as its `set`."""

    def __init__(self) -> None:
        self._books: dict[str, OrderBook] = {}
        self.failure: Exception | None = None

    def set(
        self,
        symbol: str,
        bids: Iterable[Pair] = ODD_BIDS,
        asks: Iterable[Pair] = ODD_ASKS,
        *,
        observed_at: datetime | None = None,
        source: PriceSource = TEST_SOURCE,
        sequence: int = 1,
    ) -> OrderBook:
        """Replaces the book of `symbol`."""
        made = OrderBook(symbol, levels(bids), levels(asks), sequence, observed_at or datetime.now(UTC), source)
        self._books[symbol] = made
        return made

    def remove(self, symbol: str) -> None:
        """From now on there is none."""
        self._books.pop(symbol, None)

    async def book(self, symbol: str) -> OrderBook | None:
        if self.failure:
            raise self.failure
        return self._books.get(symbol)

    async def books(self, symbols: Sequence[str]) -> dict[str, OrderBook]:
        if self.failure:
            raise self.failure
        return {symbol: self._books[symbol] for symbol in symbols if symbol in self._books}


def recording_lines(
    bids: Iterable[Pair] = ODD_BIDS,
    asks: Iterable[Pair] = ODD_ASKS,
    diffs: Iterable[tuple[Iterable[Pair], Iterable[Pair]]] = (),
    *,
    symbol: str = "BTCUSDT",
    sequence: int = 1_000,
    start_ns: int = START_NS,
    step_ms: int = 100,
) -> list[str]:
    """A raw Binance spot feed: the snapshot, then one gapless difference for each pair (bids, asks) in `diffs`, `step_ms` apart."""
    stored = [f"{start_ns} " + _json({"lastUpdateId": sequence, "bids": _texts(bids), "asks": _texts(asks)})]
    for number, (changed_bids, changed_asks) in enumerate(diffs, 1):
        at_ns = start_ns + number * step_ms * 1_000_000
        data = {"e": "depthUpdate", "E": at_ns // 1_000_000, "s": symbol, "U": sequence + number, "u": sequence + number}
        data |= {"b": _texts(changed_bids), "a": _texts(changed_asks)}
        stored.append(f"{at_ns} " + _json({"stream": f"{symbol.lower()}@depth@100ms", "data": data}))
    return stored


def write_recording(
    path: Path,
    bids: Iterable[Pair] = ODD_BIDS,
    asks: Iterable[Pair] = ODD_ASKS,
    diffs: Iterable[tuple[Iterable[Pair], Iterable[Pair]]] = (),
    *,
    symbol: str = "BTCUSDT",
    step_ms: int = 100,
) -> Path:
    """Writes a valid recording and returns its path. A folder gets `l2/binance_spot_btcusdt_20240808.gz`; `.gz` files are compressed."""
    if path.is_dir():
        path = path / "l2" / f"binance_spot_{symbol.lower()}_20240808.gz"
    return write_lines(path, recording_lines(bids, asks, diffs, symbol=symbol, step_ms=step_ms))


def write_lines(path: Path, lines: Iterable[str]) -> Path:
    """Any lines as a recording, for broken ones."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _texts(pairs: Iterable[Pair]) -> list[tuple[str, str]]:
    return [(str(price), str(quantity)) for price, quantity in pairs]
