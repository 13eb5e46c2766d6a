"""Positions, the lots they are made of, and what a fill did to them. Words only: decides nothing, reads nothing."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.kernel.money import Amount


class LotMethod(enum.StrEnum):
    """Which lots a sale closes first: the oldest, the newest, or those that cost most a coin."""

    FIFO = "fifo"
    LIFO = "lifo"
    HIFO = "hifo"


@dataclass(frozen=True, slots=True)
class Preferences:
    """A user's own choices about reports: the method of future sales, and the currency totals are shown in (its symbol)."""

    lot_method: LotMethod = LotMethod.FIFO
    quote_symbol: str = "USDT"


@dataclass(frozen=True, slots=True)
class FillPart:
    """One fill as the portfolio sees it: base coins, and quote before fees and fees apart. `fill` is the venue's id of it.

    Without a time the moment of booking counts.
    """

    fill: str
    quantity: Decimal
    notional: Amount
    fees: Amount
    executed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """What one buy fill brought. `cost` includes `fees`, both in quote and of the whole `quantity`; `remaining` base coins are held.

    `fill` is empty for what was held before lots were kept.
    """

    id: int
    fill: str
    quantity: Decimal
    cost: Amount
    fees: Amount
    remaining: Decimal
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Closure:
    """A piece of a sale. `lot_id` and `cost` are None for coins of unknown cost (they came another way): those realize nothing.

    `realized` = `proceeds` − `fees` − `cost`; `proceeds` before the sale's `fees`, `cost` with the purchase's. All in quote.
    """

    lot_id: int | None
    fill: str
    quantity: Decimal
    cost: Amount | None
    proceeds: Amount
    fees: Amount
    realized: Amount
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Position:
    """What a user holds of an instrument's base through orders. `cost` includes fees, `realized_pnl` is after fees; both in quote.

    `quantity` and `cost` are the sums over the open lots.
    """

    user_id: int
    venue: str
    symbol: str
    quantity: Decimal
    cost: Amount
    realized_pnl: Amount
    fees: Amount

    @property
    def is_open(self) -> bool:
        """Whether anything is held."""
        return self.quantity > 0


@dataclass(frozen=True, slots=True)
class PositionChange:
    """A position after a fill: `average_cost` in quote a base (None when flat), `realized_now` what this fill made or lost."""

    quantity: Decimal
    average_cost: Decimal | None
    realized_pnl: Amount
    realized_now: Amount


@dataclass(frozen=True, slots=True)
class PositionValue:
    """A position at a price: `value` = quantity × price, `unrealized_pnl` = value − cost; None where there is no price."""

    position: Position
    price: Decimal | None
    value: Amount | None
    unrealized_pnl: Amount | None


@dataclass(frozen=True, slots=True)
class PortfolioValue:
    """All positions of one quote asset with their sums. `unpriced` names the symbols that the sums leave out."""

    positions: tuple[PositionValue, ...]
    value: Amount
    unrealized_pnl: Amount
    realized_pnl: Amount
    unpriced: tuple[str, ...]
