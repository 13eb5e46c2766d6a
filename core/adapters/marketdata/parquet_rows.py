"""Reads columns of a parquet or feather file in small batches and finds the first bad row. Called by `candles` and `trades`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
import pyarrow.parquet as pq

from core.market.errors import FeedRefused

BATCH_ROWS = 512
LATEST_MS = 7_258_118_400_000


def read_batches(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The named columns, a few hundred rows at a time. Raises FeedRefused for a missing column or a file that is none."""
    try:
        for batch in _batches(path, columns):
            for start in range(0, batch.num_rows, BATCH_ROWS):
                yield batch.slice(start, BATCH_ROWS).select(list(columns))
    except KeyError as error:
        raise FeedRefused(path.name, "", f"has no column {error.args[0]}") from error
    except (pa.ArrowException, OSError) as error:
        raise FeedRefused(path.name, "", f"cannot be read as {path.suffix.removeprefix('.')} ({type(error).__name__})") from error


def _batches(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    if path.suffix == ".parquet":
        with pq.ParquetFile(path, memory_map=True) as file:
            _require(file.schema_arrow.names, columns)
            yield from file.iter_batches(batch_size=BATCH_ROWS, columns=list(columns))
        return
    with pa.memory_map(str(path)) as source, pyarrow.ipc.open_file(source) as reader:
        _require(reader.schema.names, columns)
        for number in range(reader.num_record_batches):
            yield reader.get_batch(number)


def _require(there: Sequence[str], wanted: Sequence[str]) -> None:
    for name in wanted:
        if name not in there:
            raise KeyError(name)


def milliseconds(path: Path, column: pa.Array[Any]) -> pa.Array[Any]:
    """Timestamps or whole numbers of milliseconds as int64 milliseconds. Raises FeedRefused for another type."""
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("ms", tz="UTC"), safe=False).cast(pa.int64())
    if pa.types.is_integer(column.type):
        return column.cast(pa.int64())
    raise FeedRefused(path.name, "", f"times are of type {column.type}")


def numbers(path: Path, column: pa.Array[Any]) -> pa.Array[Any]:
    """Figures as float64. Raises FeedRefused for another type."""
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        return column.cast(pa.float64())
    raise FeedRefused(path.name, "", f"figures are of type {column.type}")


def refuse_where(path: Path, first_row: int, bad: pa.Array[Any], what: str) -> None:
    """Raises FeedRefused for the first row that is bad; nothing known (null) is bad. Rows count from 1."""
    found = pc.index(bad.fill_null(fill_value=True), pa.scalar(value=True)).as_py()
    if found >= 0:
        raise FeedRefused(path.name, f"row {first_row + found}", what)


def check_times(path: Path, rows: int, times: pa.Array[Any], last_ms: int | None, *, least_step_ms: int, what: str) -> int | None:
    """Checks that each time is at least `least_step_ms` after the one before it, `last_ms` before the first; returns the last one.

    `rows` were read before these. Raises FeedRefused with `what` for a time that comes too early.
    """
    outside = pc.or_(pc.less(times, pa.scalar(0, pa.int64())), pc.greater(times, pa.scalar(LATEST_MS, pa.int64())))
    refuse_where(path, rows + 1, outside, "no time between 1970 and 2200")
    if not len(times):
        return last_ms
    if last_ms is not None:
        times = pa.concat_arrays([pa.array([last_ms], pa.int64()), times])
    steps = pc.subtract(times[1:], times[:-1])
    refuse_where(path, rows + (2 if last_ms is None else 1), pc.less(steps, pa.scalar(least_step_ms, pa.int64())), what)
    end: int = times[-1].as_py()
    return end


def no_price(column: pa.Array[Any]) -> pa.Array[Any]:
    """Where a figure is no price between 1e-12 and 1e12."""
    return pc.invert(pc.and_(pc.greater_equal(column, pa.scalar(1e-12)), pc.less_equal(column, pa.scalar(1e12))))


def no_volume(column: pa.Array[Any]) -> pa.Array[Any]:
    """Where a figure is no volume between 0 and 1e18."""
    return pc.invert(pc.and_(pc.greater_equal(column, pa.scalar(0.0)), pc.less_equal(column, pa.scalar(1e18))))
