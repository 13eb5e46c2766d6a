"""Told, told without a sound, held for the digest or dropped: each leaves a row, and nothing is told twice."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.decisions import service as decisions
from core.kernel.errors import Denied
from core.notifications import service as notifications
from core.notifications.types import Event, Mode, Notification, QuietHours, Route
from tests.support.desk import make_desk

NIGHT = QuietHours(22 * 60, 7 * 60)
MIDNIGHT = datetime(2026, 6, 1, 0, 0, tzinfo=UTC)
MORNING = MIDNIGHT + timedelta(hours=7)


@pytest.fixture
async def user(pool: Pool) -> int:
    return await (await make_desk(pool)).user()


def news(user_id: int, key: str = "news:1", event: Event = Event.ALERT) -> Notification:
    return Notification(user_id, event, key, "text", {"id": "free-text", "params": {}})


async def tell(pool: Pool, notification: Notification, now: datetime = MIDNIGHT) -> Route:
    async with unit_of_work(pool) as uow:
        return (await notifications.notify(uow, notification, now)).route


async def digests(pool: Pool) -> int:
    async with unit_of_work(pool) as uow:
        return await notifications.deliver_digests(uow, MORNING)


async def chat(pool: Pool) -> list[tuple[str, bool]]:
    return [(row["message_key"], row["silent"]) for row in await pool.fetch("select message_key, silent from outbox_chat order by id")]


async def test_without_settings_it_is_told_with_a_sound(pool: Pool, user: int) -> None:
    assert await tell(pool, news(user)) is Route.SEND
    assert await chat(pool) == [("news:1", False)]


async def test_silent_is_told_without_a_sound(pool: Pool, user: int) -> None:
    async with unit_of_work(pool) as uow:
        await notifications.set_mode(uow, user, Event.ALERT, Mode.SILENT)
        assert (await notifications.settings(uow, user)).mode(Event.ALERT) is Mode.SILENT
    assert await tell(pool, news(user)) is Route.SEND_SILENTLY
    assert await chat(pool) == [("news:1", True)]


async def test_off_is_not_told_and_the_silence_has_a_reason(pool: Pool, user: int) -> None:
    async with unit_of_work(pool) as uow:
        await notifications.set_mode(uow, user, Event.ALERT, Mode.ON)
        await notifications.set_mode(uow, user, Event.ALERT, Mode.OFF)
    assert await tell(pool, news(user)) is Route.DROP
    assert await chat(pool) == []
    async with unit_of_work(pool) as uow:
        assert [one.reason for one in await decisions.reasons(uow, notifications.SUBJECT, "news:1")] == ["turned_off"]


async def test_what_comes_at_night_is_told_in_the_morning_once(pool: Pool, user: int) -> None:
    async with unit_of_work(pool) as uow:
        await notifications.set_quiet_hours(uow, user, NIGHT, "UTC")
    for key in ("news:1", "news:2", "news:1"):
        assert await tell(pool, news(user, key)) is Route.HOLD
    assert await chat(pool) == []
    async with unit_of_work(pool) as uow:
        assert await notifications.deliver_digests(uow, MORNING - timedelta(seconds=1)) == 0
    assert sorted(await asyncio.gather(digests(pool), digests(pool))) == [0, 1]
    async with unit_of_work(pool) as uow:
        assert await notifications.deliver_digests(uow, MORNING) == 0
    assert [(row["screen"], len(row["data"]["items"])) for row in await pool.fetch("select screen, data from outbox_chat")] == [
        ("digest", 2)
    ]


async def test_money_that_moved_comes_at_night_too_without_a_sound(pool: Pool, user: int) -> None:
    async with unit_of_work(pool) as uow:
        await notifications.set_quiet_hours(uow, user, NIGHT)
    assert await tell(pool, news(user, event=Event.FILL)) is Route.SEND_SILENTLY
    async with unit_of_work(pool) as uow:
        await notifications.set_digest(uow, user, digest=False)
    assert await tell(pool, news(user, "news:2")) is Route.SEND_SILENTLY
    async with unit_of_work(pool) as uow:
        await notifications.set_quiet_hours(uow, user, None)
    assert await tell(pool, news(user, "news:3")) is Route.SEND


async def test_security_cannot_be_turned_off(pool: Pool, user: int) -> None:
    async with unit_of_work(pool) as uow:
        with pytest.raises(Denied, match="security_stays_on"):
            await notifications.set_mode(uow, user, Event.SECURITY, Mode.OFF)


async def test_odd_hours_and_timezones_change_nothing(pool: Pool, user: int) -> None:
    async with unit_of_work(pool) as uow:
        with pytest.raises(ValueError, match="two different minutes"):
            await notifications.set_quiet_hours(uow, user, QuietHours(60, 60))
        with pytest.raises(Denied, match="unknown_timezone"):
            await notifications.set_quiet_hours(uow, user, NIGHT, "Mars/Olympus")
        assert (await notifications.settings(uow, user)).quiet is None


async def test_nobody_is_told_of_somebody_unknown(pool: Pool) -> None:
    assert await tell(pool, news(10**9)) is Route.DROP
    async with unit_of_work(pool) as uow:
        assert (await notifications.settings(uow, 10**9)).digest
