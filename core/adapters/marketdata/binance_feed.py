"""Reads a raw Binance spot feed: lines of `<local nanoseconds> <JSON>`, with depth differences and one REST snapshot among them.

Differences carry U (first) and u (last update id), the snapshot `lastUpdateId`. Trades carry p, q and m (the buyer's order rested, so a
seller took); those that do not say who took, trades told a second time, and other streams (bookTicker) are read past.
Source: Binance spot API, 'How to manage a local order book correctly' and 'Trade Streams'.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.adapters.marketdata.depth_changes import Change, Snapshot, Trade, parse_pairs, parse_sequence, parse_trade
from core.adapters.marketdata.lines import Line, read_lines
from core.market.book_building import DepthDiff


def read_binance(path: Path, symbol: str) -> Iterator[Change]:
    """The changes of `symbol` (`BTC/USDT`) in the order of the file; times never run backward. Raises FeedRefused."""
    reader, last_ns = BinanceMessages(symbol), 0
    for line in read_lines(path):
        at_ns, told = _parse(line)
        last_ns = max(last_ns, at_ns)
        content = reader.read(line, told)
        if content is not None:
            yield Change(last_ns, line, content)


class BinanceMessages:
    """Reads the messages of one symbol in their order."""

    def __init__(self, symbol: str) -> None:
        self._joined = symbol.replace("/", "")
        self._last_trade = -1

    def read(self, line: Line, told: dict[str, Any]) -> Snapshot | DepthDiff | Trade | None:
        """What a message says; None for one that is read past. `line` is where it stands. Raises FeedRefused."""
        if "lastUpdateId" in told:
            return _snapshot(line, told)
        data = told.get("data", told)
        if not isinstance(data, dict):
            return None
        if data.get("e") == "depthUpdate":
            return _difference(line, data, self._joined)
        return self._trade(line, data) if data.get("e") == "trade" and isinstance(data.get("m"), bool) else None

    def _trade(self, line: Line, data: dict[str, Any]) -> Trade | None:
        if data.get("s", self._joined) != self._joined:
            raise line.refuse(f"a trade of another symbol than {self._joined}")
        number = parse_sequence(line, data, "t")
        if number <= self._last_trade:
            return None
        self._last_trade = number
        return parse_trade(line, data.get("p"), data.get("q"), "sell" if data["m"] else "buy")


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
