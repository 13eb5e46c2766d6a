"""How an order that waits in the paper exchange's book is met by the recorded market. Pure; every order alone, as if it had been there.

Two things fill it, always at its limit price, as maker:
- **The book crosses it.** What stands on the other side at its limit or better was met by it. Each unit seen there counts once: `taken` is
  what it has had of what stands there now, and falls as the quantity seen falls.
- **Trades reach it**, where they are recorded. Somebody who took the other way at its price fills those before it first (`queue_ahead`),
  then it; at a worse price its level was gone through, so nobody stood before it any more. What others cancel ahead of it moves it
  forward, at most to where the quantity shown at its price says.

The market does not know the order: it neither takes liquidity away nor stands in anybody's way (docs/decisions/0011-resting-orders.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from core.kernel.money import EXACT, Price
from core.market.types import Level, OrderBook, TradePrint
from core.venues.types import Side

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Waiter:
    """A resting order as the matching engine sees it. `filled_now` is what it got since it was read."""

    id: int
    side: Side
    limit: Price
    accepted_at: datetime
    remaining: Decimal
    queue_ahead: Decimal | None
    taken: Decimal
    filled_now: Decimal = ZERO

    def filled(self, quantity: Decimal) -> Waiter:
        """With so much more filled."""
        return replace(self, remaining=EXACT.subtract(self.remaining, quantity), filled_now=EXACT.add(self.filled_now, quantity))


def meet(waiter: Waiter, book: OrderBook, prints: Iterable[TradePrint]) -> Waiter:
    """The order after the trades since it was last looked at (oldest first) and the book after them.

    A book from before it came is none of its business: it met that one, or a newer, when it came.
    """
    for one in prints:
        waiter = meet_print(waiter, one)
    return waiter if book.observed_at < waiter.accepted_at else meet_book(waiter, book)


def meet_print(waiter: Waiter, one: TradePrint) -> Waiter:
    """The order after a trade of the market. Trades from before it came, and of those who take on its own side, are not its business."""
    if one.at <= waiter.accepted_at or one.aggressor == waiter.side.value or not _reaches(waiter, one.price):
        return waiter
    if one.price != waiter.limit:
        return _fill(replace(waiter, queue_ahead=ZERO), one.quantity.value)
    if waiter.queue_ahead is None:
        return waiter
    before_it = min(waiter.queue_ahead, one.quantity.value)
    moved = replace(waiter, queue_ahead=EXACT.subtract(waiter.queue_ahead, before_it))
    return _fill(moved, EXACT.subtract(one.quantity.value, before_it))


def meet_book(waiter: Waiter, book: OrderBook) -> Waiter:
    """The order after a new book: filled by what newly stands within its limit, and moved forward in the queue."""
    seen = crossing(book.asks if waiter.side is Side.BUY else book.bids, waiter)
    had = min(waiter.taken, seen)
    quantity = min(waiter.remaining, EXACT.subtract(seen, had))
    moved = replace(waiter, taken=EXACT.add(had, quantity), queue_ahead=_shorter(waiter, queue_at(book, waiter.side, waiter.limit)))
    return moved.filled(quantity)


def crossing(levels: Iterable[Level], waiter: Waiter) -> Decimal:
    """How much stands on the other side at the order's limit or better."""
    seen = ZERO
    for level in levels:
        if not _reaches(waiter, level.price):
            break
        seen = EXACT.add(seen, level.quantity.value)
    return seen


def queue_at(book: OrderBook, side: Side, limit: Price) -> Decimal | None:
    """What stands at this price on this side; None where the book does not reach so far."""
    levels: Sequence[Level] = book.bids if side is Side.BUY else book.asks
    for level in levels:
        if level.price == limit:
            return level.quantity.value
        if (level.price < limit) if side is Side.BUY else (level.price > limit):
            return ZERO
    return None


def _reaches(waiter: Waiter, price: Price) -> bool:
    return price <= waiter.limit if waiter.side is Side.BUY else price >= waiter.limit


def _fill(waiter: Waiter, quantity: Decimal) -> Waiter:
    return waiter.filled(min(waiter.remaining, quantity))


def _shorter(waiter: Waiter, shown: Decimal | None) -> Decimal | None:
    if shown is None or waiter.queue_ahead is None:
        return waiter.queue_ahead if shown is None else shown
    return min(waiter.queue_ahead, shown)
