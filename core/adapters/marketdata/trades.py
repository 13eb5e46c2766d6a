"""Recorded trades as a source of prices, for pairs that have neither a book nor candles: the last trade's price, depth modelled.

Reads parquet or feather with a time (`timestamp`, timestamp or milliseconds), `price`, and `quantity` or `amount`; who took stands in
`side` (`buy`, `sell`) or `buyer_maker`, and without them the trades are prices only, no prints. Streamed, in a loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice, repeat
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from core.adapters.marketdata.book_replay import scaled_microseconds
from core.adapters.marketdata.candle_replay import EPOCH, MINUTE_MS
from core.adapters.marketdata.modelled_depth import ModelledBook
from core.adapters.marketdata.parquet_rows import check_times, milliseconds, no_price, no_volume, numbers, read_batches, refuse_where
from core.adapters.marketdata.print_log import PrintLog
from core.kernel.money import Rounding, divide
from core.market.errors import FeedRefused
from core.market.instruments import paper_instrument, step_of
from core.market.types import Instrument, OrderBook, PriceSource, TradePrint

Side = Literal["buy", "sell"]
SIZES = ("quantity", "amount")
TAKERS = ("side", "buyer_maker")
_SIDES: dict[str, Side] = {"buy": "buy", "sell": "sell", "true": "sell", "false": "buy"}
"""`buyer_maker` true: the buyer's order rested, so a seller took."""
SAMPLE = 500
OLDER = "the trade is older than the one before it"
MOST_TRADES_AT_ONCE = 5_000
PAUSE_MS = 1_000


@dataclass(frozen=True, slots=True)
class Columns:
    """How a file calls its columns; `taker` is empty where it does not say who took."""

    size: str
    taker: str

    @property
    def names(self) -> tuple[str, ...]:
        """Those to read, in order."""
        return ("timestamp", "price", self.size, *([self.taker] if self.taker else []))


@dataclass(frozen=True, slots=True)
class Recorded:
    """One trade of the file; `aggressor` is None where the file does not say it."""

    at_ms: int
    price: Decimal
    quantity: Decimal
    aggressor: Side | None


@dataclass(frozen=True, slots=True)
class TradeRecording:
    """A file of trades that was checked. `minute_volume` in base coins, over the whole file."""

    path: Path
    symbol: str
    columns: Columns
    first_price: Decimal
    price_step: Decimal
    end_ms: int
    minute_volume: Decimal


def check_trades(path: Path, symbol: str) -> TradeRecording:
    """Reads all of it. Raises FeedRefused with the row of the first trade that cannot be right."""
    columns = Columns(_column(path, SIZES), _column(path, TAKERS))
    if not columns.size:
        raise FeedRefused(path.name, "", "has no column quantity or amount")
    rows, last_ms, volume = 0, None, Decimal(0)
    for batch in read_batches(path, columns.names):
        prices, sizes = numbers(path, batch.column(1)), numbers(path, batch.column(2))
        last_ms = check_times(path, rows, milliseconds(path, batch.column(0)), last_ms, least_step_ms=0, what=OLDER)
        refuse_where(path, rows + 1, no_price(prices), "no price between 1e-12 and 1e12")
        refuse_where(path, rows + 1, no_volume(sizes), "the quantity is negative or beyond 1e18")
        volume += Decimal(repr(pc.sum(sizes).as_py()))
        _check_takers(path, rows, columns, batch)
        rows += batch.num_rows
    sample = list(islice(read_trades(path, columns), SAMPLE))
    if not sample or last_ms is None:
        raise FeedRefused(path.name, "", "no trades in the recording")
    step = step_of(one.price for one in sample)
    minutes = max(1, (last_ms - sample[0].at_ms) // MINUTE_MS)
    return TradeRecording(
        path, symbol, columns, sample[0].price, step or Decimal(1), last_ms, divide(volume, Decimal(minutes), Rounding.DOWN)
    )


def _check_takers(path: Path, rows: int, columns: Columns, batch: pa.RecordBatch) -> None:
    if columns.taker and not {str(told).lower() for told in pc.unique(batch.column(3)).to_pylist()} <= set(_SIDES):
        sides = [str(told).lower() in _SIDES for told in batch.column(3).to_pylist()]
        raise FeedRefused(path.name, f"row {rows + 1 + sides.index(False)}", f"{columns.taker} is neither of both sides")


def _column(path: Path, names: tuple[str, ...]) -> str:
    """The first of `names` that the file has; empty without one."""
    for name in names:
        try:
            next(read_batches(path, (name,)), None)
        except FeedRefused as error:
            if "no column" not in error.what:
                raise
        else:
            return name
    return ""


def read_trades(path: Path, columns: Columns) -> Iterator[Recorded]:
    """The trades in the order of the file. Raises FeedRefused when the file can no longer be read."""
    for batch in read_batches(path, columns.names):
        times: list[Any] = milliseconds(path, batch.column(0)).to_pylist()
        prices, sizes = (numbers(path, batch.column(index)).to_pylist() for index in (1, 2))
        takers: Iterable[Any] = batch.column(3).to_pylist() if columns.taker else repeat(None, len(times))
        for at_ms, price, size, told in zip(times, prices, sizes, takers, strict=True):
            yield Recorded(at_ms, Decimal(repr(price)), Decimal(repr(size)), _SIDES.get(str(told).lower()))


class TradeReplay:
    """One file of trades in an endless loop: a PriceFeed."""

    def __init__(self, recording: TradeRecording, speed: Decimal) -> None:
        self.instrument: Instrument = paper_instrument(recording.symbol, recording.first_price, tick=recording.price_step)
        self._recording = recording
        self._speed = speed
        self._model = ModelledBook(self.instrument)
        self._trades: Iterator[Recorded] = iter(())
        self._last: Recorded | None = None
        self._next: Recorded | None = None
        self._anchor: tuple[datetime, int] | None = None
        self._prints = PrintLog(recording.symbol)

    def prints(self, since_sequence: int) -> list[TradePrint]:
        """See PriceFeed."""
        return self._prints.since(since_sequence)

    def observe(self, now: datetime) -> OrderBook:
        """See PriceFeed."""
        last = self._move_to(now)
        recorded_at = EPOCH + timedelta(milliseconds=last.at_ms)
        source = PriceSource(f"recorded trades {recorded_at:%Y-%m-%d} (depth modelled)", "recorded_trades", recorded_at)
        return self._model.at(now, last.price, self._recording.minute_volume, source)

    def _move_to(self, now: datetime) -> Recorded:
        if self._anchor is None or self._last is None:
            return self._begin(now)
        since, start_ms = self._anchor
        position = start_ms + scaled_microseconds(now - since, self._speed) // 1_000
        if position >= self._recording.end_ms + PAUSE_MS:
            return self._begin(now)
        taken = 0
        while self._next is not None and self._next.at_ms <= position and taken < MOST_TRADES_AT_ONCE:
            self._last, self._next, taken = self._next, next(self._trades, None), taken + 1
            self._note(self._last, now)
        if taken == MOST_TRADES_AT_ONCE:
            self._anchor = (now, self._last.at_ms)
        return self._last

    def _note(self, trade: Recorded, now: datetime) -> None:
        if trade.aggressor is not None:
            since, start_ms = self._anchor or (now, trade.at_ms)
            into_us = int(divide(Decimal((trade.at_ms - start_ms) * 1_000), self._speed, Rounding.DOWN))
            self._prints.add(min(now, since + timedelta(microseconds=into_us)), trade.price, trade.quantity, trade.aggressor)

    def _begin(self, now: datetime) -> Recorded:
        self._trades = read_trades(self._recording.path, self._recording.columns)
        first = next(self._trades, None)
        if first is None:
            raise FeedRefused(self._recording.path.name, "", "the recording changed while it was replayed")
        self._last, self._next, self._anchor = first, next(self._trades, None), (now, first.at_ms)
        self._note(first, now)
        return first
