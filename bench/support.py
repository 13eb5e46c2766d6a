"""What all benchmarks share: timing of a loop, a table with its yardstick, results kept as text with machine and date."""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass
class Timing:
    """Operations counted over wall time and this process's CPU time; latencies in seconds of what was timed one by one."""

    operations: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return self.operations / self.wall_s if self.wall_s else 0.0

    def percentile_ms(self, percent: int) -> float:
        """Of the latencies, in milliseconds."""
        if len(self.latencies) < 2:
            return 0.0
        return statistics.quantiles(self.latencies, n=100, method="inclusive")[percent - 1] * 1000


class Stopwatch:
    """Measures wall and CPU time of a block into a Timing."""

    def __init__(self, timing: Timing) -> None:
        self.timing = timing

    def __enter__(self) -> Timing:
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self.timing

    def __exit__(self, *_: object) -> None:
        self.timing.wall_s += time.perf_counter() - self._wall
        self.timing.cpu_s += time.process_time() - self._cpu


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns side by side; the first one to the left, figures to the right."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]

    def line(row: Sequence[str]) -> str:
        return "  ".join(
            cell.ljust(width) if not at else cell.rjust(width) for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )

    return "\n".join([line(head), "  ".join("-" * width for width in widths), *(line(row) for row in rows)])


def machine() -> str:
    """One line: cores, processor, Python, date."""
    return (
        f"{os.cpu_count()} cores, {_processor()}, {platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def report(name: str, text: str, *, save: bool) -> None:
    """Prints; with `save` keeps it as `bench/results/<name>.txt` with machine and date on top."""
    whole = f"{machine()}\n\n{text}\n"
    sys.stdout.write(whole)
    if save:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}.txt").write_text(whole)
