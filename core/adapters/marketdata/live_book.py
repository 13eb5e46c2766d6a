"""One pair's live book and trades: a PriceFeed fed with the exchange's own messages. No I/O; owned by `live_market`.

A book is shown only from an unbroken chain: the snapshot, then every difference. What breaks the chain (a gap, a crossed book) keeps the
last sound book, whose age then grows, until there is a new snapshot. `observed_at` is the moment of the connection's last message,
because silence on a living connection means that nothing changed, and silence of the connection means that nobody knows.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from core.adapters.marketdata.binance_feed import BinanceMessages
from core.adapters.marketdata.book_replay import DEPTH
from core.adapters.marketdata.depth_changes import BookBuilder, Change, Trade
from core.adapters.marketdata.lines import Line
from core.adapters.marketdata.print_log import PrintLog
from core.market.errors import FeedRefused
from core.market.instruments import paper_instrument
from core.market.types import Instrument, Level, OrderBook, PriceSource, TradePrint


class LiveFeed:
    """A pair at an exchange. `ready` once it had a whole book; `synced` while its chain is unbroken."""

    def __init__(self, symbol: str, tick: Decimal, exchange: str) -> None:
        self.symbol = symbol
        self.synced = False
        self.ready = False
        self.instrument: Instrument = paper_instrument(symbol, Decimal(1), tick=tick)
        self._tick = tick
        self._source = PriceSource(exchange, "live")
        self._prints = PrintLog(symbol)
        self._shown: tuple[list[Level], list[Level]] = ([], [])
        self._changed = False
        self._sequence = 0
        self._seen_at: datetime | None = None
        self._reader = BinanceMessages(symbol)
        self._builder = BookBuilder()

    def lose(self, *, sound: bool = True) -> None:
        """The chain is broken, or the connection: only a new snapshot begins another. The last sound book stays shown.

        Not `sound`: what the builder holds is not to be shown any more.
        """
        if sound:
            self._show()
        self.synced = False
        self._reader = BinanceMessages(self.symbol)
        self._builder = BookBuilder()

    def take(self, message: dict[str, Any], at: datetime) -> None:
        """The next message about this pair, or its snapshot. Raises FeedRefused where the chain breaks; then it is lost."""
        line = Line(self._source.name, 0, b"", whole=True)
        try:
            content = self._reader.read(line, message)
            if content is None:
                return
            if isinstance(content, Trade):
                self._prints.add(at, content.price, content.quantity, content.aggressor)
                return
            self._builder.apply(Change(0, line, content))
        except FeedRefused:
            self.lose(sound=False)
            raise
        self._changed = True
        if self._builder.book is not None and not self.synced:
            self._begin(at)

    def _begin(self, at: datetime) -> None:
        book = self._builder.book
        if book is None or not book.bids.prices or not book.asks.prices:
            return
        if not self.ready:
            self.instrument = paper_instrument(self.symbol, book.asks.prices[0], tick=self._tick)
        self.synced = self.ready = True
        self._seen_at = at
        self._show()

    def confirm(self, at: datetime) -> None:
        """The connection was alive at `at`."""
        if self.synced:
            self._seen_at = at

    def observe(self, now: datetime) -> OrderBook:
        """See PriceFeed; `observed_at` is when the exchange was heard last, at most `now`. Only once it is `ready`."""
        self._show()
        bids, asks = self._shown
        return OrderBook(self.symbol, bids, asks, self._sequence, min(now, self._seen_at or now), self._source)

    def _show(self) -> None:
        book = self._builder.book
        if self._changed and self.synced and book is not None:
            self._shown, self._changed = (book.top_bids(DEPTH), book.top_asks(DEPTH)), False
            self._sequence += 1

    def prints(self, since_sequence: int) -> list[TradePrint]:
        """See PriceFeed."""
        return self._prints.since(since_sequence)
