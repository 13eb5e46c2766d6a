"""Finds out which files of a folder are recordings, of which pair, and which one of several a pair is traded on.

By name only; nothing is opened here. Looks into the folder and the folders directly in it. Order of preference for a pair: a recorded
spot book, then the finest candles, then a recorded book whose market the name does not say, then trades. Among equals the newest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.adapters.marketdata.candles import INTERVALS_MS
from core.market.instruments import split_symbol

_ENDING = r"(?:\.(?:jsonl?|txt|log))?(?:\.gz)?$"
_BINANCE = re.compile(r"^binance_spot_(?P<joined>[a-z0-9]+)(?:_(?P<date>\d{8}))?" + _ENDING, re.IGNORECASE)
_BYBIT = re.compile(r"^bybit_(?P<market>spot_)?(?P<joined>[a-z0-9]+)_ob\d+(?:_(?P<date>\d{8}))?" + _ENDING, re.IGNORECASE)
_CANDLES = re.compile(r"^(?P<base>[A-Z0-9]+)_(?P<quote>[A-Z0-9]+)-(?P<interval>" + "|".join(INTERVALS_MS) + r")\.parquet$")
_TRADES = re.compile(r"^[a-z]+_(?P<joined>[a-z0-9]+)_trades(?:_(?P<date>\d{8}))?\.(?:parquet|feather)$", re.IGNORECASE)
_PAIR_TRADES = re.compile(r"^(?:[a-z]+_)?(?P<base>[A-Z0-9]+)_(?P<quote>[A-Z0-9]+)-trades\.(?:parquet|feather)$")
_OTHER = (
    (re.compile(r"^binance_(?:usdm|coinm|cm)_", re.IGNORECASE), "futures, another instrument than spot"),
    (re.compile(r"^tardis_.*futures", re.IGNORECASE), "futures, another instrument than spot"),
    (re.compile(r"^[A-Z0-9]+_PERP"), "perpetual futures, another instrument than spot"),
    (re.compile(r"^tardis_", re.IGNORECASE), "book pictures of 25 levels are not replayed"),
)
_SPOT_BOOK, _CANDLE, _BOOK, _TRADE = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that could price `symbol`. `kind` is `binance`, `bybit`, `candles` or `trades`; the lowest `rank` is preferred."""

    path: Path
    symbol: str
    kind: str
    rank: tuple[int, int]
    date: str = ""
    interval: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The chosen file of each pair, the recordings that are left out with the reason, and each pair's candle files, finest first."""

    chosen: tuple[Candidate, ...]
    skipped: tuple[str, ...]
    candles: Mapping[str, Sequence[Candidate]] = field(default_factory=dict)


def discover(folder: Path) -> Found:
    """What `folder` (or a single file) offers, pairs in order. Raises OSError where it cannot be listed."""
    by_symbol: dict[str, list[Candidate]] = {}
    skipped: list[str] = []
    for path in _files(folder):
        candidate = recognise(path)
        if candidate is not None:
            by_symbol.setdefault(candidate.symbol, []).append(candidate)
        elif reason := next((reason for pattern, reason in _OTHER if pattern.search(path.name)), ""):
            skipped.append(f"{path.name}: {reason}")
    chosen = []
    for _, candidates in sorted(by_symbol.items()):
        best = min(candidate.rank for candidate in candidates)
        chosen.append(
            max((one for one in candidates if one.rank == best), key=lambda one: (one.date, one.path.suffix != ".gz", str(one.path)))
        )
    candles = {
        symbol: sorted((one for one in candidates if one.kind == "candles"), key=lambda one: one.rank)
        for symbol, candidates in by_symbol.items()
    }
    return Found(tuple(chosen), tuple(skipped), candles)


def _files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    children = sorted(folder.iterdir())
    nested = [path for child in children if child.is_dir() for path in sorted(child.iterdir())]
    return [path for path in children + nested if path.is_file()]


def recognise(path: Path) -> Candidate | None:
    """The recording that a file is by its name, or None."""
    name = path.name
    if found := _BINANCE.match(name):
        return _joined(path, found, "binance", (_SPOT_BOOK, 0))
    if found := _BYBIT.match(name):
        return _joined(path, found, "bybit", (_SPOT_BOOK, 1) if found["market"] else (_BOOK, 0))
    if found := _CANDLES.match(name):
        rank = (_CANDLE, list(INTERVALS_MS).index(found["interval"]))
        return Candidate(path, f"{found['base']}/{found['quote']}", "candles", rank, interval=found["interval"])
    if found := _PAIR_TRADES.match(name):
        return Candidate(path, f"{found['base']}/{found['quote']}", "trades", (_TRADE, 0))
    if found := _TRADES.match(name):
        return _joined(path, found, "trades", (_TRADE, 0))
    return None


def _joined(path: Path, found: re.Match[str], kind: str, rank: tuple[int, int]) -> Candidate | None:
    symbol = split_symbol(found["joined"])
    return Candidate(path, symbol, kind, rank, date=found["date"] or "") if symbol else None
