"""Reads a raw Binance spot feed: lines of `<local nanoseconds> <JSON>`, with depth differences and one REST snapshot among them.

Differences carry U (first) and u (last update id), the snapshot `lastUpdateId`; other streams (trades, bookTicker) are read past.
Source: Binance spot API, 'How to manage a local order book correctly'.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.adapters.marketdata.depth_changes import Change, Snapshot, parse_pairs, parse_sequence
from core.adapters.marketdata.lines import Line, read_lines
from core.market.book_building import DepthDiff


def read_binance(path: Path, symbol: str) -> Iterator[Change]:
    """The changes of `symbol` (`BTC/USDT`) in the order of the file; times never run backward. Raises FeedRefused."""
    joined, last_ns = symbol.replace("/", ""), 0
    for line in read_lines(path):
        at_ns, told = _parse(line)
        last_ns = max(last_ns, at_ns)
        if "lastUpdateId" in told:
            yield Change(last_ns, line, _snapshot(line, told))
            continue
        data = told.get("data", told)
        if isinstance(data, dict) and data.get("e") == "depthUpdate":
            yield Change(last_ns, line, _difference(line, data, joined))


def _parse(line: Line) -> tuple[int, dict[str, Any]]:
    stamp, _, text = line.text.partition(b" ")
    if not stamp.isdigit() or len(stamp) > 19:
        raise line.refuse("bad JSON: not a time in nanoseconds, a space and an object" if line.whole else "truncated line")
    return int(stamp), line.json_object(text)


def _snapshot(line: Line, told: dict[str, Any]) -> Snapshot:
    bids, asks = parse_pairs(line, told.get("bids"), "bids"), parse_pairs(line, told.get("asks"), "asks")
    return Snapshot(parse_sequence(line, told, "lastUpdateId"), bids, asks)


def _difference(line: Line, data: dict[str, Any], joined: str) -> DepthDiff:
    if "pu" in data:
        raise line.refuse("this is a futures feed, not a spot feed")
    if data.get("s", joined) != joined:
        raise line.refuse(f"a difference of another symbol than {joined}")
    bids, asks = parse_pairs(line, data.get("b"), "b"), parse_pairs(line, data.get("a"), "a")
    return DepthDiff(parse_sequence(line, data, "U"), parse_sequence(line, data, "u"), bids, asks)
