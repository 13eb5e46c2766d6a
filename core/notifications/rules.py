"""Quiet hours and modes: when and how somebody is told. Pure; called by the service and the settings screen."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.kernel.errors import Denied
from core.notifications.types import Event, Mode, NotificationSettings, QuietHours, Route, Verdict

DAY_MINUTES = 24 * 60
HELD_AT_NIGHT = frozenset({Event.ALERT, Event.BROADCAST})
"""What waits for the morning's digest; what is about money that moved comes at once, without a sound."""


def route(settings: NotificationSettings, event: Event, now: datetime) -> Verdict:
    """What becomes of a notification at `now`."""
    mode = settings.mode(event)
    if mode is Mode.OFF:
        return Verdict(Route.DROP, "turned_off")
    if event is not Event.SECURITY and settings.quiet is not None and is_quiet(settings.quiet, settings.timezone, now):
        if event in HELD_AT_NIGHT and settings.digest:
            return Verdict(Route.HOLD, "quiet_hours", quiet_end(settings.quiet, settings.timezone, now))
        return Verdict(Route.SEND_SILENTLY, "quiet_hours")
    return Verdict(Route.SEND_SILENTLY, "silent") if mode is Mode.SILENT else Verdict(Route.SEND, "on")


def is_quiet(quiet: QuietHours, timezone: str, now: datetime) -> bool:
    """Whether `now` lies in the quiet hours of that timezone."""
    local = now.astimezone(zone(timezone))
    minute = local.hour * 60 + local.minute
    if quiet.begin < quiet.end:
        return quiet.begin <= minute < quiet.end
    return minute >= quiet.begin or minute < quiet.end


def quiet_end(quiet: QuietHours, timezone: str, now: datetime) -> datetime:
    """When the quiet hours around `now` end, in UTC. A wall-clock time that a change of clocks skips comes with the next one."""
    local = now.astimezone(zone(timezone))
    end = local.replace(hour=quiet.end // 60, minute=quiet.end % 60, second=0, microsecond=0, fold=0)
    if end.astimezone(UTC) <= now.astimezone(UTC):
        following = (local + timedelta(days=1)).date()
        end = end.replace(year=following.year, month=following.month, day=following.day)
    return end.astimezone(UTC)


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The timezone of that name. Raises Denied('unknown_timezone')."""
    try:
        return ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Denied("unknown_timezone", timezone=name[:40]) from error


def next_mode(mode: Mode) -> Mode:
    """What a press on an event's button makes of it: on → silent → off → on."""
    order = (Mode.ON, Mode.SILENT, Mode.OFF)
    return order[(order.index(mode) + 1) % len(order)]
