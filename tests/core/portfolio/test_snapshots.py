"""Values by the hour: set-wise, as of the hour, once, with deposits told apart, and thinned when old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Unavailable
from core.kernel.money import Amount
from core.ledger import service as ledger
from core.ledger.types import WORLD, Posting, receivable, user_available
from core.portfolio import service
from core.portfolio.growth import Snapshot, total_return
from core.portfolio.snapshots import take_snapshots, thin_snapshots, value_history
from core.trading.types import SizeKind
from tests.support.desk import BTC, USDT, Desk, buy, make_desk

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def later(pool: Pool, hours: int) -> datetime:
    """Some hours from now, a minute past the hour: everything that was done lies before the full hour."""
    now = datetime.now(UTC)
    return now.replace(minute=1, second=0, microsecond=0) + timedelta(hours=hours)


async def history(pool: Pool, user_id: int) -> list[Snapshot]:
    async with unit_of_work(pool) as uow:
        return await value_history(uow, user_id, "paper", LONG_AGO)


async def post(pool: Pool, key: str, postings: list[Posting]) -> None:
    async with unit_of_work(pool) as uow:
        await ledger.post(uow, key=key, kind="deposit", postings=postings)


async def holding(pool: Pool) -> tuple[Desk, int]:
    desk = await make_desk(pool)
    user_id = await desk.user()
    await desk.trade(buy(user_id, 1, SizeKind.BASE_QUANTITY))
    return desk, user_id


def price(desk: Desk, mid: int, at: datetime) -> None:
    desk.books.set("BTC/USDT", [(mid - 1, 100)], [(mid + 1, 100)], observed_at=at)


async def test_one_snapshot_an_hour_however_often_it_is_taken(pool: Pool) -> None:
    desk, user_id = await holding(pool)
    others = [await desk.user() for _ in range(3)]
    for other in others:
        await desk.trade(buy(other, 1, SizeKind.BASE_QUANTITY))
    await desk.user()  # holds nothing through orders: no snapshot
    at = await later(pool, 1)
    price(desk, 100, at)
    assert await take_snapshots(pool, desk.books, at, batch=3) == 4
    assert await take_snapshots(pool, desk.books, at + timedelta(minutes=30)) == 0
    [one] = await history(pool, user_id)
    cash, held = await desk.balance(user_id)
    assert one.taken_at == at.replace(minute=0)
    assert (one.value, one.growth, one.flow, one.unpriced, one.priced_at) == (cash + held + 100, Decimal(1), Decimal(0), (), at)


async def test_the_price_makes_growth_and_a_deposit_does_not(pool: Pool, owner_pool: Pool) -> None:
    desk, user_id = await holding(pool)
    at = await later(pool, 1)
    price(desk, 100, at)
    await take_snapshots(pool, desk.books, at)
    [first] = await history(pool, user_id)
    available = user_available(user_id, "paper")
    await post(pool, "d1", [Posting(WORLD, available, Amount(USDT, 5000 * 10**8)), Posting(WORLD, available, Amount(BTC, 10**8))])
    await post(pool, "w1", [Posting(available, WORLD, Amount(USDT, 1000 * 10**8))])
    await post(pool, "a1", [Posting(WORLD, receivable(user_id), Amount(USDT, 10**8))])
    await move_time(owner_pool, at + timedelta(minutes=10))
    second_at = at + timedelta(hours=1)
    price(desk, 100, second_at)
    await take_snapshots(pool, desk.books, second_at)
    second = (await history(pool, user_id))[-1]
    assert (second.flow, second.value - first.value) == (Decimal(4101), Decimal(4100))
    third_at = at + timedelta(hours=2)
    price(desk, 200, third_at)
    await take_snapshots(pool, desk.books, third_at)
    third = (await history(pool, user_id))[-1]
    assert (third.flow, third.value - second.value) == (Decimal(0), Decimal(200))
    assert abs(third.growth - second.growth * (1 + 200 / second.value)) < Decimal("1e-15")
    assert total_return([second, third]) == (third.growth / second.growth - 1).quantize(Decimal("1e-18"))


async def move_time(owner: Pool, at: datetime) -> None:
    """The movements of the test happened at `at`, says the ledger (changed by its owner, past its guards, as no program can)."""
    await owner.execute("alter table ledger_transactions disable trigger user")
    await owner.execute("update ledger_transactions set created_at = $1 where idempotency_key in ('d1', 'w1', 'a1')", at)
    await owner.execute("alter table ledger_transactions enable trigger user")


async def test_balances_are_those_of_the_hour(pool: Pool, owner_pool: Pool) -> None:
    desk, user_id = await holding(pool)
    at = await later(pool, 1)
    price(desk, 100, at)
    await post(pool, "d1", [Posting(WORLD, user_available(user_id, "paper"), Amount(USDT, 5000 * 10**8))])
    await move_time(owner_pool, at)
    await take_snapshots(pool, desk.books, at)
    [one] = await history(pool, user_id)
    cash, held = await desk.balance(user_id)
    assert one.value == cash + held + 100 - 5000


async def test_what_has_no_fresh_price_is_named_and_not_guessed(pool: Pool) -> None:
    desk, user_id = await holding(pool)
    at = await later(pool, 1)
    price(desk, 100, at - timedelta(minutes=6))
    await take_snapshots(pool, desk.books, at)
    [one] = await history(pool, user_id)
    cash, held = await desk.balance(user_id)
    assert (one.value, one.unpriced, one.priced_at) == (cash + held, ("BTC",), None)


async def test_each_user_is_valued_in_their_own_currency(pool: Pool) -> None:
    desk, user_id = await holding(pool)
    async with unit_of_work(pool) as uow:
        await service.set_preferences(uow, user_id, quote_symbol="BTC")
    at = await later(pool, 1)
    price(desk, 100, at)
    await take_snapshots(pool, desk.books, at)
    [one] = await history(pool, user_id)
    cash, held = await desk.balance(user_id)
    assert (one.quote_symbol, one.value) == ("BTC", (cash + held) / 100 + 1)


async def test_without_prices_nothing_is_written(pool: Pool) -> None:
    desk, user_id = await holding(pool)
    desk.books.failure = Unavailable("away")
    with pytest.raises(Unavailable):
        await take_snapshots(pool, desk.books, await later(pool, 1))
    assert await history(pool, user_id) == []


async def test_a_venue_without_instruments_has_no_prices(pool: Pool) -> None:
    desk, user_id = await holding(pool)
    await pool.execute("update instruments set active = false")
    await take_snapshots(pool, desk.books, await later(pool, 1))
    [one] = await history(pool, user_id)
    assert one.unpriced == ("BTC",)


async def test_old_hours_go_and_midnights_stay(pool: Pool) -> None:
    desk, user_id = await holding(pool)
    now = datetime(2026, 6, 1, 12, tzinfo=UTC)
    hours = [now - timedelta(days=91, hours=number) for number in range(24)] + [now - timedelta(days=89)]
    for at in hours:
        await pool.execute("insert into portfolio_snapshots values ($1, 'paper', $2, 'USDT', 1, 0, 1, '{}', null)", user_id, at)
    assert await thin_snapshots(pool, now) == 23
    left = await history(pool, user_id)
    assert [one.taken_at for one in left] == [datetime(2026, 3, 2, tzinfo=UTC), now - timedelta(days=89)]
    assert desk.users == [user_id]
