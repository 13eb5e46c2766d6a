"""The paper exchange's engine beside a test's desk: books and trades as the test says, rounds when the test says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Literal
from uuid import UUID

from core.adapters.venues.paper.engine import MatchingEngine
from core.kernel.money import Price, Quantity
from core.market.types import TradePrint
from core.trading.types import OrderCommand, OrderSize, SizeKind
from core.venues.types import OrderType, Side, TimeInForce
from tests.support.books import ODD_ASKS, ODD_BIDS, Pair
from tests.support.desk import BTC_USDT, Desk
from workers.streams.matching import tell

SYMBOL = BTC_USDT.symbol


class StaticTrades:
    """A TradeReader that answers what it was told."""

    def __init__(self) -> None:
        self.told: list[TradePrint] = []

    async def prints(self, since: Mapping[str, int], *, limit: int = 1_000) -> dict[str, list[TradePrint]]:
        found = {symbol: [one for one in self.told if one.symbol == symbol and one.sequence > last] for symbol, last in since.items()}
        return {symbol: prints[:limit] for symbol, prints in found.items() if prints}


@dataclass
class Exchange:
    """`desk`'s paper exchange with its engine. A new `engine` is a restart."""

    desk: Desk
    trades: StaticTrades = field(default_factory=StaticTrades)
    _sequence: count[int] = field(default_factory=lambda: count(2))

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """The engine's process ended; another begins with empty memory."""
        self.engine = MatchingEngine(self.desk.pool, self.desk.books, self.desk.clock, trades=self.trades)

    def book(self, bids: Iterable[Pair] = ODD_BIDS, asks: Iterable[Pair] = ODD_ASKS) -> None:
        """The market's newest book."""
        self.desk.books.set(SYMBOL, bids, asks, observed_at=self.desk.clock.now(), sequence=next(self._sequence))

    def trade(self, aggressor: Literal["buy", "sell"], price: str | int, quantity: str | int) -> None:
        """A trade of the market, a moment from now: after whatever was placed before."""
        at = self.desk.clock.now() + timedelta(microseconds=len(self.trades.told) + 1)
        one = TradePrint(SYMBOL, Price(Decimal(price)), Quantity(Decimal(quantity)), aggressor, len(self.trades.told) + 1, at)
        self.trades.told.append(one)

    async def move(self, bids: Iterable[Pair] = ODD_BIDS, asks: Iterable[Pair] = ODD_ASKS) -> int:
        """A new book, one round of the engine, everything told and applied; how many fills that made."""
        self.book(bids, asks)
        return await self.round()

    async def round(self) -> int:
        """A round of the engine, what happened told and applied."""
        fills = await self.engine.round()
        await tell(self.engine, self.desk.pool)
        await self.apply()
        return fills

    async def apply(self) -> None:
        """Runs the tasks that apply what was told."""
        for order_id in await self.waiting():
            await self.desk.trading.apply_reports(order_id)

    async def waiting(self) -> Sequence[UUID]:
        """Orders with reports nobody applied."""
        rows = await self.desk.pool.fetch("select distinct order_id from order_reports where applied_at is null")
        return [row["order_id"] for row in rows]


def limit_buy(
    user_id: int,
    quantity: str | int,
    price: str | int,
    time_in_force: TimeInForce = TimeInForce.GTC,
    *,
    kind: SizeKind = SizeKind.BASE_QUANTITY,
    post_only: bool = False,
    expires_at: datetime | None = None,
) -> OrderCommand:
    """`/buy BTC/USDT quantity limit price`."""
    return _limit(
        user_id, Side.BUY, OrderSize(kind, Decimal(quantity)), Decimal(price), time_in_force, post_only=post_only, expires_at=expires_at
    )


def limit_sell(
    user_id: int,
    quantity: str | int,
    price: str | int,
    time_in_force: TimeInForce = TimeInForce.GTC,
    *,
    kind: SizeKind = SizeKind.BASE_QUANTITY,
    post_only: bool = False,
    expires_at: datetime | None = None,
) -> OrderCommand:
    """`/sell BTC/USDT quantity limit price`."""
    return _limit(
        user_id, Side.SELL, OrderSize(kind, Decimal(quantity)), Decimal(price), time_in_force, post_only=post_only, expires_at=expires_at
    )


def _limit(
    user_id: int, side: Side, size: OrderSize, price: Decimal, time_in_force: TimeInForce, *, post_only: bool, expires_at: datetime | None
) -> OrderCommand:
    return OrderCommand(
        user_id,
        "paper",
        SYMBOL,
        side,
        size,
        order_type=OrderType.LIMIT,
        limit_price=price,
        time_in_force=time_in_force,
        post_only=post_only,
        expires_at=expires_at,
    )
