"""Telling users what they did not ask for just now: fills of resting orders, triggers, alerts, broadcasts.

`notify` is called in the transaction of what happened; it appends to the outbox, holds for the digest, or does nothing, and the
reason of a silence is a row (`/why`). Answers to what a user just typed or pressed never come through here.
"""

from __future__ import annotations

from datetime import datetime

from core.db.unit_of_work import UnitOfWork
from core.decisions import service as decisions
from core.kernel.errors import Denied
from core.notifications import repository
from core.notifications.rules import DAY_MINUTES, route, zone
from core.notifications.types import Event, Mode, Notification, NotificationSettings, QuietHours, Route, Verdict
from core.outbox import service as outbox

DIGEST = "digest"
"""The screen that shows what was held."""

SUBJECT = "notification"
_PRIORITIES = {Event.BROADCAST: outbox.BROADCAST, Event.SECURITY: outbox.CONFIRMATION, Event.FILL: outbox.CONFIRMATION}


async def notify(uow: UnitOfWork, notification: Notification, now: datetime) -> Verdict:
    """Tells, holds or drops, as the user wants it. A key that was held before is not held again."""
    row = await repository.addressee(uow, notification.user_id)
    if row is None:
        return Verdict(Route.DROP, "no_account")
    verdict = route(repository.settings_of(row), notification.event, now)
    if verdict.route is Route.HOLD and verdict.due_at is not None:
        await repository.hold(uow, notification, verdict.due_at)
    elif verdict.route is not Route.DROP:
        await outbox.append_chat(
            uow,
            chat_id=row["private_chat_id"],
            message_key=notification.key,
            screen=notification.screen,
            data=notification.data,
            language=row["language"],
            priority=_PRIORITIES.get(notification.event, outbox.ORDINARY),
            correlation_id=notification.correlation_id,
            silent=verdict.route is Route.SEND_SILENTLY,
        )
    if verdict.route in (Route.HOLD, Route.DROP):
        await _explain(uow, notification, verdict)
    return verdict


async def _explain(uow: UnitOfWork, notification: Notification, verdict: Verdict) -> None:
    inputs = {"event": notification.event.value, "due_at": None if verdict.due_at is None else verdict.due_at.isoformat()}
    row = {"check": "notification", "verdict": "denied", "reason": verdict.reason, "inputs": inputs}
    await decisions.record(uow, SUBJECT, notification.key, [row])


async def deliver_digests(uow: UnitOfWork, now: datetime, limit: int = 1_000) -> int:
    """One message a user with everything held whose quiet hours are over. How many messages."""
    rows = await repository.due(uow, now, limit)
    for row in rows:
        await outbox.append_chat(
            uow,
            chat_id=row["private_chat_id"],
            message_key=f"digest:{row['ids'][0]}",
            screen=DIGEST,
            data={"items": row["items"]},
            language=row["language"],
        )
        await repository.told(uow, row["ids"])
    return len(rows)


async def settings(uow: UnitOfWork, user_id: int) -> NotificationSettings:
    """What a user set; the defaults where there is no such user."""
    row = await repository.addressee(uow, user_id)
    return NotificationSettings() if row is None else repository.settings_of(row)


async def set_mode(uow: UnitOfWork, user_id: int, event: Event, mode: Mode) -> None:
    """How an event is told from now on. Raises Denied('security_stays_on')."""
    if event is Event.SECURITY:
        raise Denied("security_stays_on")
    await repository.set_mode(uow, user_id, event, mode)


async def set_quiet_hours(uow: UnitOfWork, user_id: int, quiet: QuietHours | None, timezone: str | None = None) -> None:
    """Quiet hours, or none; the timezone stays where none is given. Raises Denied('unknown_timezone'); ValueError for odd minutes."""
    changes: dict[str, object] = {"quiet_from": None, "quiet_until": None}
    if quiet is not None:
        if not (0 <= quiet.begin < DAY_MINUTES and 0 <= quiet.end < DAY_MINUTES and quiet.begin != quiet.end):
            raise ValueError("quiet hours are two different minutes of a day")
        changes = {"quiet_from": quiet.begin, "quiet_until": quiet.end}
    if timezone is not None:
        zone(timezone)
        changes["timezone"] = timezone
    await repository.save(uow, user_id, **changes)


async def set_digest(uow: UnitOfWork, user_id: int, *, digest: bool) -> None:
    """Whether what comes in quiet hours is held, or sent without a sound."""
    await repository.save(uow, user_id, digest=digest)
