"""Words of conditional orders: what a person arms, what is kept of it, what an evaluation saw."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.trading.types import ChatTarget, OrderSize
from core.venues.types import Side

ZERO = Decimal(0)
WHOLE_SHARE_BPS = 10_000


class ConditionalKind(enum.StrEnum):
    """What it is called."""

    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TAKE_PROFIT = "take_profit"
    TRAILING_STOP = "trailing_stop"
    OCO = "oco"
    BRACKET = "bracket"
    TIME_EXIT = "time_exit"


class ConditionalState(enum.StrEnum):
    """ARMED waits for a trigger. TRIGGERED has an order of its own at work. The others are final."""

    ARMED = "ARMED"
    TRIGGERED = "TRIGGERED"
    DONE = "DONE"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"


FINAL = frozenset({ConditionalState.DONE, ConditionalState.CANCELED, ConditionalState.EXPIRED, ConditionalState.FAILED})


class LegRole(enum.StrEnum):
    """ENTRY buys first; the others leave (or, on a buy without an entry, go in) when their trigger is met."""

    ENTRY = "entry"
    STOP = "stop"
    TAKE_PROFIT = "take_profit"
    TRAILING_STOP = "trailing_stop"
    TIME_EXIT = "time_exit"


class LegState(enum.StrEnum):
    """WAITING: for the entry's fills. ARMED: for its trigger. TRIGGERED: its order is at work. The others are final."""

    WAITING = "WAITING"
    ARMED = "ARMED"
    TRIGGERED = "TRIGGERED"
    DONE = "DONE"
    CANCELED = "CANCELED"
    FAILED = "FAILED"


LIVE_LEGS = frozenset({LegState.WAITING, LegState.ARMED, LegState.TRIGGERED})


class Outcome(enum.StrEnum):
    """What an evaluation came to. Only MET changes anything but a trail's best price; all others are said, and nothing happens."""

    WAITING = "waiting"
    MET = "met"
    NO_BOOK = "no_book"
    STALE_BOOK = "stale_book"
    OLD_BOOK = "old_book"
    THIN_BOOK = "thin_book"
    NOTHING_DUE = "nothing_due"
    BACKING_OFF = "backing_off"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was looked at: `price` is what walking the book for the leg's size gives on average, `trigger` what it is compared with.

    `distance_bps` is how far the price must still go, negative once it is beyond; `best` a trail's best price, this one included.
    """

    outcome: Outcome
    at: datetime
    book_at: datetime | None = None
    sequence: int | None = None
    price: Decimal | None = None
    trigger: Decimal | None = None
    distance_bps: int | None = None
    best: Decimal | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LegSpec:
    """One condition as said. A trail is `trail_bps` or `trail_amount` (quote a base); `share_bps` of the whole size."""

    role: LegRole
    trigger_price: Decimal | None = None
    trail_bps: int | None = None
    trail_amount: Decimal | None = None
    limit_price: Decimal | None = None
    act_at: datetime | None = None
    share_bps: int = WHOLE_SHARE_BPS


@dataclass(frozen=True, slots=True)
class ConditionalCommand:
    """An intent. With `enters` an order of `side` and `size` is placed at once and the legs leave what it filled."""

    user_id: int
    venue: str
    symbol: str
    side: Side
    size: OrderSize
    kind: ConditionalKind
    legs: tuple[LegSpec, ...]
    enters: bool = False
    slippage_bps: int = 100


@dataclass(frozen=True, slots=True)
class Leg:
    """A condition as kept. `filled` (base) and `spent` (quote, fees in it) of orders that ended; `sent` is the size of the one at work.

    `attempts` counts orders emitted so far; `book_at` is the newest book that counted.
    """

    number: int
    role: LegRole
    state: LegState
    trigger_price: Decimal | None = None
    trail_bps: int | None = None
    trail_amount: Decimal | None = None
    best_price: Decimal | None = None
    limit_price: Decimal | None = None
    act_at: datetime | None = None
    share_bps: int = WHOLE_SHARE_BPS
    order_id: UUID | None = None
    attempts: int = 0
    not_before: datetime | None = None
    sent: Decimal = ZERO
    filled: Decimal = ZERO
    spent: Decimal = ZERO
    book_at: datetime | None = None
    last_evaluation: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Conditional:
    """A conditional order. `side` is of the orders its exits emit; exactly one of `quantity` (base) and `budget` (quote) is what they
    share; both are None until an entry has filled. Nothing is held while it is armed.
    """

    id: UUID
    user_id: int
    venue: str
    symbol: str
    kind: ConditionalKind
    side: Side
    enters: bool
    size: OrderSize
    quantity: Decimal | None
    budget: Decimal | None
    slippage_bps: int
    state: ConditionalState
    reason: str
    reason_params: Mapping[str, Any]
    cancel_requested: bool
    chat: ChatTarget
    correlation_id: str
    created_at: datetime
    expires_at: datetime
    legs: tuple[Leg, ...]

    def leg(self, number: int) -> Leg:
        """The leg with this number. Raises LookupError."""
        for leg in self.legs:
            if leg.number == number:
                return leg
        raise LookupError(number)

    @property
    def exits(self) -> tuple[Leg, ...]:
        """All legs but the entry."""
        return tuple(leg for leg in self.legs if leg.role is not LegRole.ENTRY)

    @property
    def by_budget(self) -> bool:
        """Whether its size is quote coins to spend."""
        return self.budget is not None


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a conditional order: a row of `decisions` (`verdict` passed, denied or scaled) with its inputs."""

    check: str
    verdict: str = "passed"
    reason: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """A conditional order after a change, and the events that explain it."""

    conditional: Conditional
    events: tuple[Event, ...] = ()
