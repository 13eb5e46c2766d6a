"""An account as the rest of the house sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.users.roles import Right, may


@dataclass(frozen=True, slots=True)
class User:
    """`opened` is True only in the answer of the call that created the account."""

    id: int
    telegram_user_id: int
    private_chat_id: int
    role: Literal["user", "support", "operator", "admin"]
    standing: Literal["active", "frozen"]
    language: str
    mode: Literal["paper", "live"]
    confirm_orders: bool
    referral_code: str
    referred_by: int | None
    tier: str = "standard"
    opened: bool = False

    @property
    def is_operator(self) -> bool:
        """May pause and resume."""
        return self.may(Right.PAUSE)

    def may(self, right: Right) -> bool:
        """Whether the account's role has a right."""
        return may(self.role, right)

    @property
    def may_trade(self) -> bool:
        """Frozen accounts read, they do not trade."""
        return self.standing == "active"


@dataclass(frozen=True, slots=True)
class StartPayload:
    """What `/start` carried: a referral code, a token to open, or both. Empty where absent."""

    referral_code: str = ""
    token: str = ""
