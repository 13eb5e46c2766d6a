"""Reads recorded candles: parquet with `date` (opening time), `open`, `high`, `low`, `close`, `volume` in base coins.

Checked as a whole before use, then streamed bar by bar. A hole between bars is kept as a hole: nothing is filled in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from core.adapters.marketdata.parquet_rows import check_times, milliseconds, no_price, no_volume, numbers, read_batches, refuse_where
from core.market.errors import FeedRefused
from core.market.instruments import step_of

COLUMNS = ("date", "open", "high", "low", "close", "volume")
INTERVALS_MS = {
    "1m": 60_000,
    "3m": 180_000,
    "5m": 300_000,
    "15m": 900_000,
    "30m": 1_800_000,
    "1h": 3_600_000,
    "4h": 14_400_000,
    "1d": 86_400_000,
}
"""Finest first: the order in which they are preferred."""
SAMPLE = 500
OVERLAP = "the bar begins before the one before it ends"


@dataclass(frozen=True, slots=True)
class Bar:
    """One candle: `start_ms` since the epoch, prices, volume in base coins."""

    start_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


@dataclass(frozen=True, slots=True)
class CandleRecording:
    """A file of candles that was checked."""

    path: Path
    symbol: str
    interval: str
    bars: int
    first_price: Decimal
    price_step: Decimal

    @property
    def interval_ms(self) -> int:
        """How long a bar lasts."""
        return INTERVALS_MS[self.interval]


def check_candles(path: Path, symbol: str, interval: str) -> CandleRecording:
    """Reads all of it. Raises FeedRefused with the row of the first bar that cannot be right."""
    rows, last_ms = 0, None
    for batch in read_batches(path, COLUMNS):
        times = milliseconds(path, batch.column(0))
        last_ms = check_times(path, rows, times, last_ms, least_step_ms=INTERVALS_MS[interval], what=OVERLAP)
        _check_figures(path, rows, batch)
        rows += batch.num_rows
    sample = list(islice(read_bars(path), SAMPLE))
    if not sample:
        raise FeedRefused(path.name, "", "no bars in the recording")
    step = step_of(price for bar in sample for price in (bar.open, bar.high, bar.low, bar.close))
    return CandleRecording(path, symbol, interval, rows, sample[0].open, step or Decimal(1))


def _check_figures(path: Path, rows: int, batch: pa.RecordBatch) -> None:
    opened, high, low, close, volume = (numbers(path, batch.column(index)) for index in range(1, 6))
    for name, column in (("open", opened), ("high", high), ("low", low), ("close", close)):
        refuse_where(path, rows + 1, no_price(column), f"{name} is no price between 1e-12 and 1e12")
    refuse_where(path, rows + 1, no_volume(volume), "volume is negative or beyond 1e18")
    refuse_where(path, rows + 1, pc.less(high, pc.max_element_wise(opened, close, low)), "high is below another price of the bar")
    refuse_where(path, rows + 1, pc.greater(low, pc.min_element_wise(opened, close)), "low is above another price of the bar")


def read_bars(path: Path) -> Iterator[Bar]:
    """The bars in the order of the file. Raises FeedRefused when the file can no longer be read."""
    for batch in read_batches(path, COLUMNS):
        yield from _bars(path, batch)


def _bars(path: Path, batch: pa.RecordBatch) -> Iterator[Bar]:
    times = milliseconds(path, batch.column(0)).to_pylist()
    figures = [numbers(path, batch.column(index)).to_pylist() for index in range(1, 6)]
    for start_ms, *row in zip(times, *figures, strict=True):
        yield Bar(start_ms, *(Decimal(repr(figure)) for figure in row))


def bars_between(path: Path, since_ms: int, until_ms: int) -> Iterator[Bar]:
    """The bars that begin at `since_ms` or later and before `until_ms`, in their order. Raises FeedRefused."""
    for batch in read_batches(path, COLUMNS):
        times = milliseconds(path, batch.column(0))
        if len(times) and times[0].as_py() < until_ms and times[-1].as_py() >= since_ms:
            wanted = pc.and_(pc.greater_equal(times, pa.scalar(since_ms)), pc.less(times, pa.scalar(until_ms)))
            yield from _bars(path, batch.filter(wanted))


def span_of(path: Path) -> tuple[int, int]:
    """When the first and the last bar begin. Raises FeedRefused, also for a file without bars."""
    first = last = None
    for batch in read_batches(path, COLUMNS[:1]):
        times = milliseconds(path, batch.column(0))
        first = times[0].as_py() if first is None else first
        last = times[-1].as_py()
    if first is None or last is None:
        raise FeedRefused(path.name, "", "no bars in the recording")
    return first, last
