"""Publishes what all feeds show: trades as they come, books that changed at most five times a second, others at least once a second.

Called by `service.py`, which holds the lease and decides when. Owns no connection and no clock of its own; never writes to the database.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from core.config.logging import get_logger
from core.config.metrics import BOOKS_PUBLISHED, MARKET_AGE_SECONDS
from core.kernel.clock import Clock
from core.market.errors import FeedRefused
from core.market.ports import BookWriter, PriceFeed, TellsVolume, TradeWriter
from core.market.types import Instrument, OrderBook, TradePrint

log = get_logger()
MOST_UNTOLD = 20_000
REPEAT_AFTER = timedelta(milliseconds=800)


class MarketListener(Protocol):
    """Somebody in this process who hears everything that is observed, before it is published. Must be quick and must not raise."""

    def seen(self, book: OrderBook, prints: Sequence[TradePrint], volume: Decimal | None) -> None:
        """The book of a pair as it stands now, its new trades, and how many base coins were traded since the last time.

        `volume` is None where the feed tells neither trades nor volumes.
        """
        ...


class BookPublisher:
    """The feeds of one desk and what was published of each. A feed that turns out to be broken is dropped for good."""

    def __init__(
        self,
        feeds: Sequence[PriceFeed],
        writer: BookWriter,
        clock: Clock,
        *,
        trades: TradeWriter | None = None,
        listeners: Sequence[MarketListener] = (),
    ) -> None:
        self._feeds = list(feeds)
        self._writer = writer
        self._trades = trades
        self._clock = clock
        self._listeners = tuple(listeners)
        self._heard: dict[str, int] = {}
        self._traded: dict[str, Decimal] = {}
        self._untold: deque[TradePrint] = deque(maxlen=MOST_UNTOLD)
        self._published: dict[str, OrderBook] = {}
        self.refused: list[str] = []

    def replace_feeds(self, feeds: Sequence[PriceFeed]) -> None:
        """From now on these, and no others: where prices come from has changed."""
        self._feeds = list(feeds)
        kept = {feed.instrument.symbol for feed in feeds}
        self._published = {symbol: book for symbol, book in self._published.items() if symbol in kept}
        self._traded.clear()

    @property
    def instruments(self) -> list[Instrument]:
        """What has prices now."""
        return [feed.instrument for feed in self._feeds]

    async def publish_due(self, token: int = 0) -> int:
        """Observes every feed once and publishes new trades, then books that are due, under the lease's token; how many books those were.

        Raises Unavailable; then they stay due (the newest trades of a long outage). Raises LeaseLost where a newer token has published.
        """
        now = self._clock.now()
        due = [book for book in self._observe(now) if self._is_due(book)]
        if self._trades is not None and self._untold:
            await self._trades.publish_prints(list(self._untold), token=token)
        self._untold.clear()
        await self._writer.publish_many(due, token=token)
        for book in due:
            self._published[book.symbol] = book
            BOOKS_PUBLISHED.labels(source=book.source.kind).inc()
        MARKET_AGE_SECONDS.set(self.oldest_age(now).total_seconds())
        return len(due)

    def oldest_age(self, now: datetime) -> timedelta:
        """Age of the stalest price that is published."""
        return max((book.age(now) for book in self._published.values()), default=timedelta(0))

    def _observe(self, now: datetime) -> Iterator[OrderBook]:
        for feed in list(self._feeds):
            try:
                book = feed.observe(now)
            except FeedRefused as refusal:
                self._drop(feed, refusal)
                continue
            prints = self._new_prints(feed, book.symbol)
            volume = self._new_volume(feed, book.symbol, prints)
            for listener in self._listeners:
                listener.seen(book, prints, volume)
            yield book

    def _new_prints(self, feed: PriceFeed, symbol: str) -> Sequence[TradePrint]:
        """Those that were not asked for before; they wait to be told."""
        prints = feed.prints(self._heard.get(symbol, 0))
        if prints:
            self._heard[symbol] = prints[-1].sequence
            self._untold.extend(prints)
        return prints

    def _new_volume(self, feed: PriceFeed, symbol: str, prints: Sequence[TradePrint]) -> Decimal | None:
        if isinstance(feed, TellsVolume):
            before, now = self._traded.get(symbol, Decimal(0)), feed.traded_volume
            self._traded[symbol] = now
            return max(Decimal(0), now - before)
        if symbol not in self._heard:
            return None
        return sum((one.quantity.value for one in prints), Decimal(0))

    def _drop(self, feed: PriceFeed, refusal: FeedRefused) -> None:
        symbol = feed.instrument.symbol
        self._feeds.remove(feed)
        self._published.pop(symbol, None)
        self.refused.append(f"{symbol}: {refusal}")
        log.error("recording_refused", symbol=symbol, file=refusal.file, reason=str(refusal))

    def _is_due(self, book: OrderBook) -> bool:
        before = self._published.get(book.symbol)
        return before is None or before.sequence != book.sequence or book.observed_at - before.observed_at >= REPEAT_AFTER
