"""Words of the ledger: addresses with their place, postings, holds."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from uuid import UUID

from core.kernel.money import Amount

WORLD = "world"
ROUNDING = "fees:rounding"


def user_available(user_id: int, place: str) -> str:
    """What a user may spend at a place."""
    return f"user:{user_id}:{place}:available"


def user_held(user_id: int, place: str) -> str:
    """What a user has on hold at a place."""
    return f"user:{user_id}:{place}:held"


def receivable(user_id: int) -> str:
    """What a user owes us and could not be taken back."""
    return f"receivable:user:{user_id}"


def venue_account(place: str) -> str:
    """The counterpart of fills at a venue. At `paper` it may be negative: paper money comes from nowhere."""
    return f"venue:{place}"


def fee_account(kind: str, shard: int) -> str:
    """A shard of the platform's (or venue's) fee account: `fees:platform:3`. Hot, hence sharded."""
    return f"fees:{kind}:{shard}"


FEE_SHARDS = 16


@dataclass(frozen=True, slots=True)
class Posting:
    """Moves a positive amount from one address to another, within the amount's asset."""

    source: str
    destination: str
    amount: Amount

    def __post_init__(self) -> None:
        if self.amount.units <= 0 or self.source == self.destination:
            raise ValueError("a posting moves a positive amount between two accounts")


class HoldState(enum.StrEnum):
    """Two-phase: pending, then one of the others for ever."""

    PENDING = "pending"
    SETTLED = "settled"
    VOIDED = "voided"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Hold:
    """So much of a user's asset set aside for `reference`."""

    id: UUID
    amount: Amount
    remaining: Amount
    state: HoldState
    reference: str


@dataclass(frozen=True, slots=True)
class Balance:
    """What a user has of one asset at one place."""

    available: Amount
    held: Amount
