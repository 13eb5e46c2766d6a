"""Positions and what a fill did to them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.kernel.money import Amount


@dataclass(frozen=True, slots=True)
class Position:
    """What a user holds of an instrument's base through orders. `cost` includes fees, `realized_pnl` is after fees; both in quote."""

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
