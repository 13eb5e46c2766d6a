"""Records a live feed in the raw format that replays read: a line a message, `<local nanoseconds> <JSON>`, one REST snapshot among them.

Called by `python -m ops market record`. A file a pair, `binance_spot_<symbol>_<date>`; prices stay the text that the exchange sent.
A file is finished only when its chain is whole: it is read once as a replay would before it gets its name.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any, Protocol

import orjson

from core.adapters.marketdata.binance_feed import read_binance
from core.adapters.marketdata.depth_changes import BookRecording, check_recording
from core.adapters.marketdata.live_exchange import ID
from core.kernel.errors import Unavailable

FIRST_MESSAGE_S = 10.0
"""A subscription that is silent for so long may be one to quiet pairs; the snapshot is taken then."""


class Recordable(Protocol):
    """What a LiveExchange offers here."""

    async def snapshot(self, symbol: str) -> dict[str, Any]: ...
    async def stream(self, symbols: Sequence[str], on_message: Callable[[dict[str, Any]], None]) -> None: ...


@dataclass(frozen=True, slots=True)
class Recorded:
    """A finished recording: its file, how many lines it has, and how many of them changed the book."""

    symbol: str
    path: Path
    lines: int
    changes: int


async def record(exchange: Recordable, symbols: Sequence[str], folder: Path, *, seconds: float) -> list[Recorded]:
    """Records for so long after the first snapshot. Raises Unavailable where the stream ends early (what came is thrown away), FeedRefused
    where the exchange sent a broken chain, OSError where the files cannot be written."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    day = f"{datetime.now(UTC):%Y%m%d}"
    parts = {symbol.replace("/", ""): folder / f"{ID}_spot_{symbol.replace('/', '').lower()}_{day}.part" for symbol in symbols}
    lines = dict.fromkeys(parts, 0)
    try:
        with ExitStack() as stack:
            files = {name: stack.enter_context(path.open("wb")) for name, path in parts.items()}

            def note(name: str, message: dict[str, Any]) -> None:
                if name in files:
                    _write(files[name], message)
                    lines[name] += 1

            await _listen(exchange, symbols, note, seconds)
        return [_finished(symbol, parts[symbol.replace("/", "")], lines[symbol.replace("/", "")]) for symbol in symbols]
    finally:
        for path in parts.values():
            path.unlink(missing_ok=True)


async def _listen(exchange: Recordable, symbols: Sequence[str], note: Callable[[str, dict[str, Any]], None], seconds: float) -> None:
    """Differences first, then each pair's snapshot, which some of them may overlap: the order in which a chain is whole."""
    subscribed = asyncio.Event()

    def take(message: dict[str, Any]) -> None:
        subscribed.set()
        note(str(message.get("s")), message)

    reading = asyncio.create_task(exchange.stream(symbols, take))
    try:
        first = asyncio.create_task(subscribed.wait())
        await asyncio.wait({reading, first}, timeout=FIRST_MESSAGE_S, return_when=asyncio.FIRST_COMPLETED)
        first.cancel()
        for symbol in symbols:
            if not reading.done():
                note(symbol.replace("/", ""), await exchange.snapshot(symbol))
        await asyncio.wait({reading}, timeout=seconds)
        if reading.done():
            await reading
            raise Unavailable("the stream ended")
    finally:
        reading.cancel()
        await asyncio.wait({reading})


def _write(file: IO[bytes], message: dict[str, Any]) -> None:
    file.write(b"%d %s\n" % (time.time_ns(), orjson.dumps(message)))


def _finished(symbol: str, part: Path, lines: int) -> Recorded:
    facts = check_recording(BookRecording(part, symbol, "", partial(read_binance, part, symbol)))
    path = part.with_suffix("")
    part.rename(path)
    return Recorded(symbol, path, lines, facts.changes)
