"""Opens the sources of prices of a desk: the recordings of a folder, each checked as a whole, or the simulated market.

Called once by the composition root of `streams`, in a thread: checking reads every chosen file from start to end. A pair whose recording is
refused has no prices at all: it never falls back to another source.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

from core.adapters.marketdata.binance_feed import read_binance
from core.adapters.marketdata.book_replay import BookReplay
from core.adapters.marketdata.bybit_feed import read_bybit
from core.adapters.marketdata.candle_history import RecordedHistory
from core.adapters.marketdata.candle_replay import CandleReplay
from core.adapters.marketdata.candles import check_candles
from core.adapters.marketdata.depth_changes import BookRecording, check_recording
from core.adapters.marketdata.discovery import Candidate, discover
from core.adapters.marketdata.simulated import simulated_market
from core.adapters.marketdata.trades import TradeReplay, check_trades
from core.market.errors import FeedRefused
from core.market.ports import CandleHistory, PriceFeed

_READERS = {"binance": read_binance, "bybit": read_bybit}


@dataclass(slots=True)
class Market:
    """What can be traded and what not. `source` is `recordings` or `simulated market`; `refused` has one line a file, `skipped` too."""

    source: str
    feeds: list[PriceFeed] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    history: CandleHistory | None = None


def open_market(folder: Path | None, speed: Decimal) -> Market:
    """The recordings in `folder`; the simulated market where there is no folder or no recording in it.

    Raises ValueError unless `speed` is above 0.
    """
    if speed <= 0:
        raise ValueError("MARKET_REPLAY_SPEED must be above 0")
    if folder is None or not folder.exists():
        return Market("simulated market", simulated_market(speed=speed))
    try:
        found = discover(folder)
    except OSError as error:
        return Market("recordings", refused=[f"{folder.name}: cannot be listed ({error.strerror})"])
    if not found.chosen:
        return Market("simulated market", simulated_market(speed=speed), skipped=list(found.skipped))
    market = Market("recordings", skipped=list(found.skipped), history=RecordedHistory(found.candles, speed))
    for candidate in found.chosen:
        try:
            market.feeds.append(open_feed(candidate, speed))
        except FeedRefused as refusal:
            market.refused.append(f"{candidate.symbol}: {refusal}")
    return market


def open_feed(candidate: Candidate, speed: Decimal) -> PriceFeed:
    """Checks the file and makes its replay. Raises FeedRefused."""
    if candidate.kind == "candles":
        return CandleReplay(check_candles(candidate.path, candidate.symbol, candidate.interval), speed)
    if candidate.kind == "trades":
        return TradeReplay(check_trades(candidate.path, candidate.symbol), speed)
    changes = partial(_READERS[candidate.kind], candidate.path, candidate.symbol)
    facts = check_recording(BookRecording(candidate.path, candidate.symbol, "", changes))
    day = candidate.date or f"{datetime.fromtimestamp(facts.start_ns // 1_000_000_000, UTC):%Y%m%d}"
    name = f"{candidate.kind} recording {day[:4]}-{day[4:6]}-{day[6:]}"
    return BookReplay(BookRecording(candidate.path, candidate.symbol, name, changes), facts, speed)
