"""Words of the kill switch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Pause:
    """An open pause: no new order in `scope` (`global`, `venue:paper`, `instrument:BTC/USDT`, `user:7`)."""

    id: int
    scope: str
    reason: str
    paused_by: int
    paused_at: datetime
