"""Reads a Bybit `orderbook.<depth>` recording: one JSON object a line, a snapshot and the deltas after it, `u` counting by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.adapters.marketdata.depth_changes import Change, Snapshot, parse_pairs, parse_sequence
from core.adapters.marketdata.lines import Line, read_lines
from core.market.book_building import DepthDiff


def read_bybit(path: Path, symbol: str) -> Iterator[Change]:
    """The changes of `symbol` (`XRP/USDT`) in the order of the file; times never run backward. Raises FeedRefused."""
    joined, last_ns = symbol.replace("/", ""), 0
    for line in read_lines(path):
        told = line.json_object(line.text)
        last_ns = max(last_ns, _milliseconds(line, told) * 1_000_000)
        yield Change(last_ns, line, _content(line, told, joined))


def _milliseconds(line: Line, told: dict[str, Any]) -> int:
    at_ms = told.get("ts")
    if type(at_ms) is not int or not 0 <= at_ms < 10**13:
        raise line.refuse("the time ts in milliseconds is missing")
    return at_ms


def _content(line: Line, told: dict[str, Any], joined: str) -> Snapshot | DepthDiff:
    data = told.get("data")
    if not isinstance(data, dict):
        raise line.refuse("bad JSON: data is missing")
    if data.get("s", joined) != joined:
        raise line.refuse(f"a book of another symbol than {joined}")
    sequence = parse_sequence(line, data, "u")
    bids, asks = parse_pairs(line, data.get("b"), "b"), parse_pairs(line, data.get("a"), "a")
    if told.get("type") == "snapshot":
        return Snapshot(sequence, bids, asks)
    if told.get("type") == "delta":
        return DepthDiff(sequence, sequence, bids, asks)
    raise line.refuse("neither a snapshot nor a delta")
