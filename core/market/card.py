"""What the instrument card shows: price, changes, volume, spread, depth within one percent, and where all of it is from.

Called by edges: `instrument_card` inside a unit of work, with a book that was read before it. Pure but for the candles' rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from core.db.unit_of_work import UnitOfWork
from core.kernel.money import EXACT, Rounding, divide, multiply
from core.market import service as market
from core.market.types import DayChange, Level, OrderBook, PriceSource

ONE_PERCENT = Decimal("0.01")
_BPS = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class InstrumentCard:
    """One pair at one moment. Prices in quote coins; `spread_bps` of the middle; None where it is not known.

    `bid_depth` and `ask_depth` are quote coins resting within 1 % of the middle; `…_complete` is False where the book we keep ends before
    that, so that there may be more. `day` has changes, volume, high and low. `age` of the book at `at`.
    """

    symbol: str
    price: Decimal | None
    best_bid: Decimal | None
    best_ask: Decimal | None
    spread_bps: Decimal | None
    bid_depth: Decimal
    ask_depth: Decimal
    bid_depth_complete: bool
    ask_depth_complete: bool
    day: DayChange | None
    source: PriceSource
    age: timedelta
    at: datetime


async def instrument_card(uow: UnitOfWork, book: OrderBook, *, now: datetime) -> InstrumentCard:
    """The card of the pair whose newest book this is."""
    return card_of(book, await market.day_change(uow, book.symbol, now=now), now=now)


def card_of(book: OrderBook, day: DayChange | None, *, now: datetime) -> InstrumentCard:
    """The card out of a book and what the candles say. Without one side of the book there is no middle: the last candle's close counts."""
    mid = book.mid()
    bid = book.bids[0].price.value if book.bids else None
    ask = book.asks[0].price.value if book.asks else None
    bids, all_bids = _depth(book.bids, None if mid is None else multiply(mid, 1 - ONE_PERCENT), buying=False)
    asks, all_asks = _depth(book.asks, None if mid is None else multiply(mid, 1 + ONE_PERCENT), buying=True)
    return InstrumentCard(
        symbol=book.symbol,
        price=mid if mid is not None else (day.price if day else None),
        best_bid=bid,
        best_ask=ask,
        spread_bps=None
        if mid is None or bid is None or ask is None
        else divide((ask - bid) * _BPS, mid, Rounding.UP).quantize(Decimal("0.01")),
        bid_depth=bids,
        ask_depth=asks,
        bid_depth_complete=all_bids,
        ask_depth_complete=all_asks,
        day=day,
        source=book.source,
        age=book.age(now),
        at=now,
    )


def _depth(levels: Iterable[Level], limit: Decimal | None, *, buying: bool) -> tuple[Decimal, bool]:
    """Quote coins up to `limit`, and whether a level beyond it was seen: then that is all there is."""
    total = Decimal(0)
    for level in levels if limit is not None else ():
        price = level.price.value
        if limit is not None and (price > limit if buying else price < limit):
            return total, True
        total = EXACT.add(total, multiply(price, level.quantity.value))
    return total, False
