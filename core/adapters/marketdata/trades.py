"""Recorded trades as a source of prices, for pairs that have neither a book nor candles: the last trade's price, depth modelled.

Reads parquet or feather with a time (`timestamp`, timestamp or milliseconds), `price`, and `quantity` or `amount`. Streamed, in a loop.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from core.adapters.marketdata.book_replay import scaled_microseconds
from core.adapters.marketdata.candle_replay import EPOCH, MINUTE_MS
from core.adapters.marketdata.modelled_depth import ModelledBook
from core.adapters.marketdata.parquet_rows import check_times, milliseconds, no_price, no_volume, numbers, read_batches, refuse_where
from core.kernel.money import Rounding, divide
from core.market.errors import FeedRefused
from core.market.instruments import paper_instrument, step_of
from core.market.types import Instrument, OrderBook, PriceSource

SAMPLE = 500
OLDER = "the trade is older than the one before it"
MOST_TRADES_AT_ONCE = 5_000
PAUSE_MS = 1_000


@dataclass(frozen=True, slots=True)
class TradeRecording:
    """A file of trades that was checked. `minute_volume` in base coins, over the whole file."""

    path: Path
    symbol: str
    size_column: str
    first_price: Decimal
    price_step: Decimal
    end_ms: int
    minute_volume: Decimal


def check_trades(path: Path, symbol: str) -> TradeRecording:
    """Reads all of it. Raises FeedRefused with the row of the first trade that cannot be right."""
    size_column = _size_column(path)
    rows, last_ms, volume = 0, None, Decimal(0)
    for batch in read_batches(path, ("timestamp", "price", size_column)):
        prices, sizes = numbers(path, batch.column(1)), numbers(path, batch.column(2))
        last_ms = check_times(path, rows, milliseconds(path, batch.column(0)), last_ms, least_step_ms=0, what=OLDER)
        refuse_where(path, rows + 1, no_price(prices), "no price between 1e-12 and 1e12")
        refuse_where(path, rows + 1, no_volume(sizes), "the quantity is negative or beyond 1e18")
        volume += Decimal(repr(pc.sum(sizes).as_py()))
        rows += batch.num_rows
    sample = list(islice(read_trades(path, size_column), SAMPLE))
    if not sample or last_ms is None:
        raise FeedRefused(path.name, "", "no trades in the recording")
    (start_ms, price), step = sample[0], step_of(price for _, price in sample)
    minutes = max(1, (last_ms - start_ms) // MINUTE_MS)
    return TradeRecording(path, symbol, size_column, price, step or Decimal(1), last_ms, divide(volume, Decimal(minutes), Rounding.DOWN))


def _size_column(path: Path) -> str:
    for name in ("quantity", "amount"):
        try:
            next(read_batches(path, (name,)), None)
        except FeedRefused as error:
            if "no column" not in error.what:
                raise
        else:
            return name
    raise FeedRefused(path.name, "", "has no column quantity or amount")


def read_trades(path: Path, size_column: str) -> Iterator[tuple[int, Decimal]]:
    """Time in milliseconds and price of each trade."""
    for batch in read_batches(path, ("timestamp", "price", size_column)):
        times: list[Any] = milliseconds(path, batch.column(0)).to_pylist()
        for at_ms, price in zip(times, numbers(path, batch.column(1)).to_pylist(), strict=True):
            yield at_ms, Decimal(repr(price))


class TradeReplay:
    """One file of trades in an endless loop: a PriceFeed."""

    def __init__(self, recording: TradeRecording, speed: Decimal) -> None:
        self.instrument: Instrument = paper_instrument(recording.symbol, recording.first_price, tick=recording.price_step)
        self._recording = recording
        self._speed = speed
        self._model = ModelledBook(self.instrument)
        self._trades: Iterator[tuple[int, Decimal]] = iter(())
        self._last: tuple[int, Decimal] | None = None
        self._next: tuple[int, Decimal] | None = None
        self._anchor: tuple[datetime, int] | None = None

    def observe(self, now: datetime) -> OrderBook:
        """See PriceFeed."""
        at_ms, price = self._move_to(now)
        recorded_at = EPOCH + timedelta(milliseconds=at_ms)
        source = PriceSource(f"recorded trades {recorded_at:%Y-%m-%d} (depth modelled)", "recorded_trades", recorded_at)
        return self._model.at(now, price, self._recording.minute_volume, source)

    def _move_to(self, now: datetime) -> tuple[int, Decimal]:
        if self._anchor is None or self._last is None:
            return self._begin(now)
        since, start_ms = self._anchor
        position = start_ms + scaled_microseconds(now - since, self._speed) // 1_000
        if position >= self._recording.end_ms + PAUSE_MS:
            return self._begin(now)
        taken = 0
        while self._next is not None and self._next[0] <= position and taken < MOST_TRADES_AT_ONCE:
            self._last, self._next, taken = self._next, next(self._trades, None), taken + 1
        if taken == MOST_TRADES_AT_ONCE:
            self._anchor = (now, self._last[0])
        return self._last

    def _begin(self, now: datetime) -> tuple[int, Decimal]:
        self._trades = read_trades(self._recording.path, self._recording.size_column)
        first = next(self._trades, None)
        if first is None:
            raise FeedRefused(self._recording.path.name, "", "the recording changed while it was replayed")
        self._last, self._next, self._anchor = first, next(self._trades, None), (now, first[0])
        return first
