"""When somebody is told, and how: modes, quiet hours over midnight and over changes of clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kernel.errors import Denied
from core.notifications.rules import is_quiet, next_mode, quiet_end, route, zone
from core.notifications.types import Event, Mode, NotificationSettings, QuietHours, Route

NIGHT = QuietHours(22 * 60, 7 * 60)
NOON, MIDNIGHT = datetime(2026, 6, 1, 12, 0, tzinfo=UTC), datetime(2026, 6, 1, 0, 0, tzinfo=UTC)


def with_mode(event: Event, mode: Mode, **options: object) -> NotificationSettings:
    return NotificationSettings(modes={event: mode}, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "event", "now", "expected"),
    [
        (NotificationSettings(), Event.ALERT, NOON, Route.SEND),
        (with_mode(Event.ALERT, Mode.SILENT), Event.ALERT, NOON, Route.SEND_SILENTLY),
        (with_mode(Event.ALERT, Mode.OFF), Event.ALERT, NOON, Route.DROP),
        (with_mode(Event.SECURITY, Mode.OFF), Event.SECURITY, NOON, Route.SEND),
        (NotificationSettings(quiet=NIGHT), Event.ALERT, NOON, Route.SEND),
        (NotificationSettings(quiet=NIGHT), Event.ALERT, MIDNIGHT, Route.HOLD),
        (NotificationSettings(quiet=NIGHT), Event.BROADCAST, MIDNIGHT, Route.HOLD),
        (NotificationSettings(quiet=NIGHT), Event.FILL, MIDNIGHT, Route.SEND_SILENTLY),
        (NotificationSettings(quiet=NIGHT, digest=False), Event.ALERT, MIDNIGHT, Route.SEND_SILENTLY),
        (NotificationSettings(quiet=NIGHT), Event.SECURITY, MIDNIGHT, Route.SEND),
        (with_mode(Event.ALERT, Mode.OFF, quiet=NIGHT), Event.ALERT, MIDNIGHT, Route.DROP),
    ],
)
def test_mode_and_hour_decide(settings: NotificationSettings, event: Event, now: datetime, expected: Route) -> None:
    verdict = route(settings, event, now)
    assert verdict.route is expected
    assert (verdict.due_at is not None) == (expected is Route.HOLD)
    assert verdict.reason


def test_quiet_hours_are_local_and_end_in_the_morning() -> None:
    berlin = "Europe/Berlin"
    evening = datetime(2026, 6, 1, 20, 30, tzinfo=UTC)  # 22:30 in Berlin
    assert is_quiet(NIGHT, berlin, evening)
    assert not is_quiet(NIGHT, "UTC", evening)
    assert quiet_end(NIGHT, berlin, evening) == datetime(2026, 6, 2, 5, 0, tzinfo=UTC)
    assert quiet_end(NIGHT, berlin, datetime(2026, 6, 2, 3, 0, tzinfo=UTC)) == datetime(2026, 6, 2, 5, 0, tzinfo=UTC)


def test_hours_of_one_day_do_not_reach_over_midnight() -> None:
    nap = QuietHours(13 * 60, 14 * 60)
    assert [is_quiet(nap, "UTC", NOON + timedelta(minutes=minutes)) for minutes in (59, 60, 119, 120)] == [False, True, True, False]


@given(
    st.integers(0, 2 * 366 * 24 * 60).map(lambda minutes: NOON - timedelta(minutes=minutes)),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Chatham"]),
    st.tuples(st.integers(0, 1439), st.integers(0, 1439)).filter(lambda pair: pair[0] != pair[1]),
)
def test_what_is_held_is_due_later_within_a_day_and_no_longer_in_quiet_hours(now: datetime, timezone: str, hours: tuple[int, int]) -> None:
    quiet = QuietHours(*hours)
    if not is_quiet(quiet, timezone, now):
        return
    due = quiet_end(quiet, timezone, now)
    assert now < due <= now + timedelta(hours=25)
    local = due.astimezone(zone(timezone))
    assert not is_quiet(quiet, timezone, due) or local.utcoffset() != now.astimezone(zone(timezone)).utcoffset()


@pytest.mark.parametrize("name", ["Europe/Atlantis", "", "../../etc/passwd", "/etc/localtime", "x" * 200, "\0"])
def test_a_timezone_that_is_none_is_denied(name: str) -> None:
    with pytest.raises(Denied, match="unknown_timezone"):
        zone(name)


def test_pressing_three_times_comes_back() -> None:
    assert [next_mode(mode) for mode in Mode] == [Mode.SILENT, Mode.OFF, Mode.ON]
