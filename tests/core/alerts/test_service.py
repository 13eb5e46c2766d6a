"""Alerts are told once, of their own market, by whoever sees it first; a silence has its last look."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from core.alerts import service as alerts
from core.alerts.service import AlertService
from core.alerts.types import Alert, AlertCommand, AlertKind, Observation
from core.bootstrap.heralds import AlertHerald
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.decisions import service as decisions
from core.kernel.errors import Denied, Unavailable
from core.kernel.money import EXACT
from core.market import candle_repository
from core.market.types import Candle, Interval
from core.notifications import service as notifications
from core.notifications.types import QuietHours
from tests.support.books import TEST_SOURCE, StaticBooks
from tests.support.desk import Desk, make_desk


@pytest.fixture
async def desk(pool: Pool) -> Desk:
    return await make_desk(pool)


def service(desk: Desk) -> AlertService:
    return AlertService(desk.pool, desk.books, desk.clock, AlertHerald(), timedelta(seconds=5))


async def arm(desk: Desk, user: int, kind: AlertKind, threshold: str, window: str = "", key: str = "key") -> Alert:
    command = AlertCommand(user, "BTC/USDT", kind, Decimal(threshold), window)
    async with unit_of_work(desk.pool) as uow:
        seen = Observation("BTC/USDT", desk.clock.now(), None)
        return await alerts.create(uow, command, idempotency_key=key, seen=seen)


async def told(desk: Desk) -> list[str]:
    rows = await desk.pool.fetch("select message_key from outbox_chat where screen = 'alert' order by id")
    return [row["message_key"] for row in rows]


def set_price(desk: Desk, price: int) -> None:
    assert isinstance(desk.books, StaticBooks)
    desk.books.set("BTC/USDT", [(price - 1, 1)], [(price + 1, 1)], observed_at=desk.clock.now())


async def test_it_is_told_once_when_the_price_gets_there(desk: Desk) -> None:
    user = await desk.user()
    armed = await arm(desk, user, AlertKind.ABOVE, "150")
    below = await arm(desk, user, AlertKind.BELOW, "50", key="other")
    watching = service(desk)
    set_price(desk, 149)
    assert await watching.evaluate() == 0
    set_price(desk, 150)
    assert sum(await asyncio.gather(watching.evaluate(), service(desk).evaluate())) == 1
    assert await watching.evaluate() == 0
    assert await told(desk) == [f"alert:{armed.id}"]
    async with unit_of_work(desk.pool) as uow:
        assert [one.id for one in await alerts.armed(uow, user)] == [below.id]
        [reason] = await decisions.reasons(uow, alerts.SUBJECT, str(armed.id))
    assert (reason.check, reason.inputs["counted"]) == ("above", "150.0")


async def test_an_alert_in_quiet_hours_waits_for_the_digest(desk: Desk) -> None:
    user = await desk.user()
    minute = (desk.clock.now().hour * 60 + desk.clock.now().minute) % 1440
    async with unit_of_work(desk.pool) as uow:
        await notifications.set_quiet_hours(uow, user, QuietHours((minute - 60) % 1440, (minute + 60) % 1440), "UTC")
    armed = await arm(desk, user, AlertKind.ABOVE, "150")
    set_price(desk, 160)
    assert await service(desk).evaluate() == 1
    assert await told(desk) == []
    async with unit_of_work(desk.pool) as uow:
        assert await notifications.deliver_digests(uow, desk.clock.now() + timedelta(minutes=62)) == 1
        [reason] = await decisions.reasons(uow, notifications.SUBJECT, f"alert:{armed.id}")
    assert reason.reason == "quiet_hours"


async def test_the_last_look_stands_on_what_is_armed_also_without_a_price(desk: Desk) -> None:
    user = await desk.user()
    await arm(desk, user, AlertKind.ABOVE, "150")
    assert isinstance(desk.books, StaticBooks)
    desk.books.remove("BTC/USDT")
    assert await service(desk).evaluate() == 0
    async with unit_of_work(desk.pool) as uow:
        [one] = await alerts.armed(uow, user)
    assert one.evaluation is not None
    assert one.evaluation["price"] is None


async def test_an_old_price_fires_nothing(desk: Desk) -> None:
    user = await desk.user()
    await arm(desk, user, AlertKind.ABOVE, "150")
    assert isinstance(desk.books, StaticBooks)
    desk.books.set("BTC/USDT", [(199, 1)], [(201, 1)], observed_at=desk.clock.now() - timedelta(seconds=6))
    assert await service(desk).evaluate() == 0


async def test_without_prices_at_all_nothing_is_asked_and_nothing_lost(desk: Desk) -> None:
    assert await service(desk).evaluate() == 0
    user = await desk.user()
    await arm(desk, user, AlertKind.ABOVE, "150")
    assert isinstance(desk.books, StaticBooks)
    desk.books.failure = Unavailable("away")
    with pytest.raises(Unavailable):
        await service(desk).evaluate()
    desk.books.failure = None
    set_price(desk, 150)
    assert await service(desk).evaluate() == 1


async def with_candles(desk: Desk, interval: Interval, span: timedelta, figures: list[tuple[str, str]]) -> None:
    """Whole candles with close and volume, the last of which has just ended."""
    now = desk.clock.now()
    seconds = int(span.total_seconds())
    last = now.replace(microsecond=0) - timedelta(seconds=int(now.timestamp()) % seconds)
    made = []
    for number, (close, volume) in enumerate(figures):
        at = last - span * (len(figures) - number)
        price = EXACT.create_decimal(close)
        minutes = seconds // 60
        made.append(Candle("BTC/USDT", interval, at, price, price, price, price, Decimal(volume), TEST_SOURCE, minutes=minutes))
    async with unit_of_work(desk.pool) as uow:
        await uow.connection.execute("select market_ensure_partitions($1, $2, $3)", interval, made[0].open_at, now)
        await candle_repository.upsert(uow, made, replace=True)


async def test_a_volume_alert_looks_at_candles(desk: Desk) -> None:
    user = await desk.user()
    armed = await arm(desk, user, AlertKind.VOLUME, "3", "5m")
    await arm(desk, user, AlertKind.VOLUME, "900", "5m", key="more")
    await with_candles(desk, "5m", timedelta(minutes=5), [("100", "2")] * 8 + [("100", "7")])
    set_price(desk, 100)
    assert await service(desk).evaluate() == 1
    assert await told(desk) == [f"alert:{armed.id}"]


async def test_nobody_takes_back_anothers_and_a_repeated_request_arms_one(desk: Desk) -> None:
    user, other = await desk.user(), await desk.user()
    armed = await arm(desk, user, AlertKind.ABOVE, "150")
    assert (await arm(desk, user, AlertKind.ABOVE, "150")).id == armed.id
    async with unit_of_work(desk.pool) as uow:
        with pytest.raises(Denied, match="alert_not_found"):
            await alerts.cancel(uow, user_id=other, alert_id=armed.id)
        await alerts.cancel(uow, user_id=user, alert_id=armed.id)
        assert await alerts.armed(uow, user) == []
    set_price(desk, 150)
    assert await service(desk).evaluate() == 0


async def test_there_is_a_most_that_holds_when_many_come_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "MOST_ALERTS", 3)
    user = await desk.user()
    results = await asyncio.gather(
        *(arm(desk, user, AlertKind.ABOVE, "150", key=str(number)) for number in range(8)), return_exceptions=True
    )
    assert [type(one).__name__ for one in results].count("Denied") == 5


async def test_a_move_alert_looks_at_candles(desk: Desk) -> None:
    user = await desk.user()
    armed = await arm(desk, user, AlertKind.MOVE, "500", "5m")
    await arm(desk, user, AlertKind.MOVE, "900", "5m", key="more")
    await with_candles(desk, "1m", timedelta(minutes=1), [("100", "2")] * 8 + [("108", "2")])
    set_price(desk, 108)
    assert await service(desk).evaluate() == 1
    assert await told(desk) == [f"alert:{armed.id}"]


async def test_without_candles_a_move_is_not_known(desk: Desk) -> None:
    await arm(desk, await desk.user(), AlertKind.MOVE, "500", "1h")
    set_price(desk, 108)
    assert await service(desk).evaluate() == 0


async def test_between_two_notes_the_last_look_is_left_as_it_is(desk: Desk) -> None:
    user = await desk.user()
    await arm(desk, user, AlertKind.ABOVE, "150")
    watching = service(desk)
    set_price(desk, 100)
    await watching.evaluate()
    set_price(desk, 101)
    await watching.evaluate()
    async with unit_of_work(desk.pool) as uow:
        [one] = await alerts.armed(uow, user)
    assert one.evaluation is not None
    assert one.evaluation["price"] == "100"
