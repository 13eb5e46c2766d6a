"""`python -m bench.market_cache`: 1,000 instruments into the price store, five times a second, beside pipelined SETs of the same bytes.

Feeds are in memory (depth 20 a side, one level of one side changes at each round, one trade a second and pair), the rest is what `streams`
does: observing, deciding what is due, encoding, publishing books and trades under the fence, candles being built. Counted is the CPU of
this process and of Valkey. Yardstick: the same bytes as SET, and as HSET, in one pipeline a round.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psutil
from redis.asyncio import Redis

from bench.support import report, table
from core.adapters.marketdata.print_log import PrintLog
from core.adapters.marketdata.valkey_books import ValkeyBooks, encode_book
from core.adapters.marketdata.valkey_prints import ValkeyPrints
from core.kernel.clock import ManualClock
from core.kernel.money import Price, Quantity
from core.market.candle_building import CandleBuilder
from core.market.instruments import paper_instrument
from core.market.types import Level, OrderBook, PriceSource, TradePrint
from sandbox.valkey import EmbeddedValkey
from workers.streams.publisher import BookPublisher

DEPTH = 20
SOURCE = PriceSource("bench", "live")
TICK = timedelta(milliseconds=200)


class Feed:
    """A pair in memory, of which one level changes at each look."""

    def __init__(self, number: int) -> None:
        self.instrument = paper_instrument(f"B{number:04}/USDT", Decimal(100))
        self._bids = [Level(Price(Decimal(100 - step)), Quantity(Decimal("1.5"))) for step in range(DEPTH)]
        self._asks = [Level(Price(Decimal(101 + step)), Quantity(Decimal("1.5"))) for step in range(DEPTH)]
        self._sequence = number
        self._prints = PrintLog(self.instrument.symbol)

    def observe(self, now: datetime) -> OrderBook:
        self._sequence += 1
        self._bids[self._sequence % DEPTH] = Level(self._bids[self._sequence % DEPTH].price, Quantity(Decimal(self._sequence)))
        if self._sequence % 5 == 0:
            self._prints.add(now, Decimal(101), Decimal("0.1"), "buy")
        return OrderBook(self.instrument.symbol, list(self._bids), list(self._asks), self._sequence, now, SOURCE)

    def prints(self, since_sequence: int) -> Sequence[TradePrint]:
        return self._prints.since(since_sequence)


class Candles:
    """What the candle keeper does for each observation."""

    def __init__(self) -> None:
        self._builders: dict[str, CandleBuilder] = {}

    def seen(self, book: OrderBook, prints: Sequence[TradePrint], volume: Decimal | None) -> None:
        builder = self._builders.get(book.symbol) or self._builders.setdefault(book.symbol, CandleBuilder(book.symbol))
        builder.see(book, prints, volume)


class Used:
    """CPU seconds of this process and of Valkey, and wall time, since it was made."""

    def __init__(self, server: psutil.Process) -> None:
        self._server = server
        self._own, self._theirs, self._wall = time.process_time(), self._valkey(), time.perf_counter()

    def _valkey(self) -> float:
        times = self._server.cpu_times()
        return float(times.user + times.system)

    def row(self, name: str, rounds: int, pairs: int) -> list[str]:
        """A line of the table. Cores at 5 rounds a second: 1 is the goal."""
        own, theirs = time.process_time() - self._own, self._valkey() - self._theirs
        wall = time.perf_counter() - self._wall
        cores = (own + theirs) / rounds * 5
        return [
            name,
            f"{own / rounds * 1e3:.1f}",
            f"{theirs / rounds * 1e3:.1f}",
            f"{(own + theirs) / rounds / pairs * 1e6:.1f}",
            f"{wall / rounds * 1e3:.1f}",
            f"{cores:.2f}",
        ]


async def measure(server: EmbeddedValkey, pairs: int, rounds: int) -> list[list[str]]:
    """The desk's way and both yardsticks."""
    client = Redis.from_url(server.url)
    valkey = next(one for one in psutil.Process().children(recursive=True) if "valkey" in one.name() or "redis" in one.name())
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    feeds = [Feed(number) for number in range(pairs)]
    publisher = BookPublisher(feeds, ValkeyBooks(client), clock, trades=ValkeyPrints(client), listeners=[Candles()])
    await publisher.publish_due(1)
    used = Used(valkey)
    for _ in range(rounds):
        clock.advance(TICK)
        await publisher.publish_due(1)
    lines = [used.row("streams: books, trades, candles", rounds, pairs)]
    books = [(feed.instrument.symbol, encode_book(feed.observe(clock.now()))) for feed in feeds]
    for name in ("SET", "HSET"):
        used = Used(valkey)
        for _ in range(rounds):
            async with client.pipeline(transaction=False) as pipe:
                for symbol, book in books:
                    _ = pipe.set(symbol, book) if name == "SET" else pipe.hset("books", symbol, book)
                await pipe.execute()
        lines.append(used.row(f"yardstick: the same bytes, pipelined {name}", rounds, pairs))
    await client.aclose()
    return lines


def main() -> None:
    """Measures three times and shows the median run."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--pairs", type=int, default=1_000)
    asked.add_argument("--rounds", type=int, default=50)
    asked.add_argument("--save", action="store_true")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedValkey(Path(folder) / "valkey", fsync=False)
        server.start()
        try:
            runs = [asyncio.run(measure(server, given.pairs, given.rounds)) for _ in range(3)]
        finally:
            server.stop()
    median = sorted(runs, key=lambda run: float(run[0][-1]))[1]
    head = ["a round of all pairs", "own CPU ms", "Valkey CPU ms", "CPU µs a pair", "wall ms", "cores at 5/s"]
    ratio = float(median[0][-1]) / float(median[1][-1])
    what = f"{given.pairs} pairs, {DEPTH} levels a side, {given.rounds} rounds, median of 3. Goal: 1 core. Against SET: {ratio:.1f} times."
    report("market_cache", "\n".join(itertools.chain([what, ""], [table(head, median)])), save=given.save)


if __name__ == "__main__":
    main()
