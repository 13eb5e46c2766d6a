"""Words of the ledger: addresses with their place, postings, holds."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from uuid import UUID

from core.kernel.errors import Denied
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
"""How many accounts share the load of a hot address (`fees:platform`, `venue:paper`)."""


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
class Transaction:
    """Postings that happen together or not at all, under one idempotency key."""

    key: str
    kind: str
    postings: tuple[Posting, ...]
    reference: str = ""
    reverses: int | None = None


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """Sets `amount` of the user's available aside as the hold `hold_id`."""

    key: str
    hold_id: UUID
    user_id: int
    amount: Amount
    reference: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """Spends from a hold. With `close` what is left goes back to available and the hold ends."""

    key: str
    hold_id: UUID
    postings: tuple[Posting, ...]
    close: bool


@dataclass(frozen=True, slots=True)
class Release:
    """Ends a hold unspent: voided, or expired."""

    key: str
    hold_id: UUID
    expired: bool = False


Request = Transaction | HoldRequest | Settlement | Release
"""Whatever one call of the ledger can do; a batch may mix them."""


@dataclass(frozen=True, slots=True)
class PostResult:
    """What became of a request: its transaction (of the first call, when `replayed`), or why it was denied.

    `denial` is only ever set in the results of `post_many`; the single calls raise it.
    """

    transaction_id: int | None
    replayed: bool = False
    denial: Denied | None = None


@dataclass(frozen=True, slots=True)
class AssetCheck:
    """One line of `ops ledger check`: `balance_sum` in smallest units, `problems` empty where every unit is there."""

    asset: str
    accounts: int
    postings: int
    balance_sum: int
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Every unit is there."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class Balance:
    """What a user has of one asset at one place."""

    available: Amount
    held: Amount


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """One account and what is on it."""

    address: str
    amount: Amount
