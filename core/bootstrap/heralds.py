"""Joins rooms that do not know each other: alerts tell through notifications. Built by bootstrap only."""

from __future__ import annotations

from datetime import datetime

from core.alerts.service import describe
from core.alerts.types import Alert, Observation
from core.db.unit_of_work import UnitOfWork
from core.notifications import service as notifications
from core.notifications.types import Event, Notification

ALERT_SCREEN = "alert"


class AlertHerald:
    """Implements `core.alerts.ports.Herald`."""

    async def tell(self, uow: UnitOfWork, alert: Alert, seen: Observation, now: datetime) -> None:
        """As the user wants to hear of alerts; named by the alert, so it is told once."""
        data = {
            "symbol": alert.symbol,
            "kind": alert.kind.value,
            "threshold": format(alert.threshold, "f"),
            "window": alert.window,
            **describe(seen),
        }
        await notifications.notify(uow, Notification(alert.user_id, Event.ALERT, f"alert:{alert.id}", ALERT_SCREEN, data), now)
