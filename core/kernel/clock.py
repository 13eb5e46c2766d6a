"""Time as a dependency: rules take a datetime, services take a Clock. Tests move it by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time in UTC."""

    def now(self) -> datetime:
        """An aware datetime in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The machine's time."""
        return datetime.now(UTC)


@dataclass
class ManualClock:
    """A clock that stands still until moved; for tests and simulations."""

    current: datetime

    def now(self) -> datetime:
        """Where it stands."""
        return self.current

    def advance(self, by: timedelta) -> None:
        """Moves it forward."""
        self.current += by
