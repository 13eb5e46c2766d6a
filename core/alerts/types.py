"""Alerts: a condition on a market, and what a look at the market showed. Frozen values; no I/O."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.market.types import PriceSource

WINDOWS: Mapping[str, timedelta] = {"5m": timedelta(minutes=5), "1h": timedelta(hours=1), "24h": timedelta(hours=24)}
"""Over what a move is measured; a volume over the first two."""


class AlertKind(enum.StrEnum):
    """What is watched."""

    ABOVE = "above"
    BELOW = "below"
    MOVE = "move"
    """The price changed by so many basis points, either way, within the window."""
    VOLUME = "volume"
    """So many times as much was traded in the window as usual in such a window of the last day."""


@dataclass(frozen=True, slots=True)
class AlertCommand:
    """What a user wants to hear of. `threshold`: quote a base, basis points, or times; `window` a key of WINDOWS for moves and volumes."""

    user_id: int
    symbol: str
    kind: AlertKind
    threshold: Decimal
    window: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """A row. `evaluation` is the last look: JSON of what counted or was missing, None before the first."""

    id: UUID
    user_id: int
    symbol: str
    kind: AlertKind
    threshold: Decimal
    window: str
    state: str
    evaluation: Mapping[str, Any] | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Observation:
    """One look at a market: `price` half way between best bid and ask; changes in basis points and volumes by window, None or absent
    where they are not known."""

    symbol: str
    at: datetime
    price: Decimal | None
    source: PriceSource | None = None
    changes_bps: Mapping[str, int | None] = field(default_factory=dict)
    volume_times: Mapping[str, Decimal | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Whether an alert fires, the figure that counted, and what was missing where nothing could be said."""

    fires: bool
    counted: Decimal | None
    missing: str = ""
