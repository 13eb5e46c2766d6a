"""Publishes the books of all feeds: what changed at most five times a second, what did not at least once a second.

Called by `service.py`, which holds the lease and decides when. Owns no connection and no clock of its own; never writes to the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from core.config.logging import get_logger
from core.config.metrics import BOOKS_PUBLISHED, MARKET_AGE_SECONDS
from core.kernel.clock import Clock
from core.market.errors import FeedRefused
from core.market.ports import BookWriter, PriceFeed
from core.market.types import Instrument, OrderBook

log = get_logger()
REPEAT_AFTER = timedelta(milliseconds=800)


class BookPublisher:
    """The feeds of one desk and what was published of each. A feed that turns out to be broken is dropped for good."""

    def __init__(self, feeds: Sequence[PriceFeed], writer: BookWriter, clock: Clock) -> None:
        self._feeds = list(feeds)
        self._writer = writer
        self._clock = clock
        self._published: dict[str, OrderBook] = {}
        self.refused: list[str] = []

    @property
    def instruments(self) -> list[Instrument]:
        """What has prices now."""
        return [feed.instrument for feed in self._feeds]

    async def publish_due(self, token: int = 0) -> int:
        """Observes every feed once and publishes what is due under the lease's token; how many books those were.

        Raises Unavailable; then they stay due. Raises LeaseLost where a newer token has published.
        """
        now = self._clock.now()
        due = [book for book in self._observe(now) if self._is_due(book)]
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
                yield feed.observe(now)
            except FeedRefused as refusal:
                self._drop(feed, refusal)

    def _drop(self, feed: PriceFeed, refusal: FeedRefused) -> None:
        symbol = feed.instrument.symbol
        self._feeds.remove(feed)
        self._published.pop(symbol, None)
        self.refused.append(f"{symbol}: {refusal}")
        log.error("recording_refused", symbol=symbol, file=refusal.file, reason=str(refusal))

    def _is_due(self, book: OrderBook) -> bool:
        before = self._published.get(book.symbol)
        return before is None or before.sequence != book.sequence or book.observed_at - before.observed_at >= REPEAT_AFTER
