"""What alerts need outside: somebody who tells. Implemented by bootstrap with the notifications."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from core.alerts.types import Alert, Observation
from core.db.unit_of_work import UnitOfWork


class Herald(Protocol):
    """Tells a user that his alert fired, in the transaction that ends it."""

    async def tell(self, uow: UnitOfWork, alert: Alert, seen: Observation, now: datetime) -> None:
        """Appends the message, holds it for the digest, or drops it as the user wants."""
        ...
