"""Settlement at its edges: reports that cannot be, say nothing new or come too late, money beyond the hold, and debts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied, InvariantViolated
from core.kernel.ids import new_id
from core.kernel.money import Amount
from core.ledger import service as ledger
from core.ledger.types import WORLD, Balance, Posting, PostResult, receivable, user_available, venue_account
from core.trading import funds, reconciliation
from core.trading.execution import take_report
from core.trading.types import Order, OrderState
from core.users import service as users
from core.venues.types import Accepted, OrderReport, Unknown, VenueOrderState
from tests.support.desk import BTC, USDT, Desk, buy
from tests.support.scripted_venue import filled, scripted_desk

COIN = 10**8


async def told(desk: Desk, order: Order, report: OrderReport) -> None:
    await take_report(desk.trading._context, order.id, report)


async def unapplied(pool: Pool) -> int:
    return int(await pool.fetchval("select count(*) from order_reports where applied_at is null"))


async def owed(pool: Pool, user_id: int) -> list[Amount]:
    async with unit_of_work(pool) as uow:
        return await funds.receivables(uow, user_id)


async def standing(pool: Pool, user_id: int) -> str:
    return str(await pool.fetchval("select standing from users where id = $1", user_id))


async def test_an_order_the_venue_took_keeps_its_whole_hold(pool: Pool) -> None:
    desk, _, _ = await scripted_desk(pool, Accepted("v1"))
    user = await desk.user()

    order = await desk.trade(buy(user, 100))

    assert (order.state, order.venue_order_id) == (OrderState.ACCEPTED, "v1")
    assert await desk.balance(user) == (Decimal(9_900), Decimal(100))
    assert await pool.fetchval("select state from ledger_holds") == "pending"
    assert await pool.fetchval("select count(*) from ledger_transactions where kind = 'settle'") == 0

    await told(desk, order, filled(order, state=VenueOrderState.CANCELED))

    assert (await desk.order(order.id)).state is OrderState.CANCELED
    assert await desk.balance(user) == (Decimal(10_000), Decimal(0))


async def test_the_same_state_in_other_words_is_no_news_for_the_chat(pool: Pool) -> None:
    desk, _, _ = await scripted_desk(pool, Accepted("v1"))
    order = await desk.trade(buy(await desk.user(), 100))
    before = len(await desk.messages(order))

    await told(desk, order, replace(filled(order, state=VenueOrderState.ACCEPTED), reason="still waiting"))

    assert len(await desk.messages(order)) == before
    assert (await desk.order(order.id)).reason == "still waiting"
    assert await unapplied(pool) == 0


async def test_a_last_word_after_the_end_moves_nothing(pool: Pool) -> None:
    desk, _, clock = await scripted_desk(pool, Unknown("silence"))
    user = await desk.user()
    order = await desk.trade(buy(user, 100))
    clock.advance(timedelta(seconds=10))
    await desk.trading.reconcile()
    posted = await pool.fetchval("select count(*) from ledger_transactions")

    await told(desk, order, filled(order, state=VenueOrderState.CANCELED))

    assert (await desk.order(order.id)).state is OrderState.EXPIRED
    assert await pool.fetchval("select count(*) from ledger_transactions") == posted
    assert await unapplied(pool) == 0


async def test_a_report_on_an_order_that_is_not_there_is_an_alarm_and_freezes_nobody(pool: Pool) -> None:
    desk, _, _ = await scripted_desk(pool, Unknown("silence"))
    user, nobody = await desk.user(), new_id()

    with pytest.raises(InvariantViolated, match="not there"):
        await desk.trading.apply_reports(nobody)
    with capture_logs() as logs:
        await reconciliation._supervised(desk.trading._context, nobody)

    assert [line["event"] for line in logs if line["log_level"] in {"error", "critical"}] == ["invariant_violated"]
    assert await standing(pool, user) == "active"


async def test_a_report_on_an_instrument_that_is_gone_waits(pool: Pool, owner_pool: Pool) -> None:
    desk, _, _ = await scripted_desk(pool, Unknown("silence"))
    user = await desk.user()
    order = await desk.trade(buy(user, 100))
    await owner_pool.execute("delete from instruments")

    with pytest.raises(InvariantViolated, match="instrument"):
        await told(desk, order, filled(order, ("a", "100", "0.5", "0.05")))

    assert await unapplied(pool) == 1
    assert await desk.balance(user) == (Decimal(9_900), Decimal(100))


async def test_an_order_that_was_sent_without_a_hold_is_not_settled(pool: Pool) -> None:
    desk, _, _ = await scripted_desk(pool, Unknown("silence"))
    user = await desk.user()
    order = await desk.trade(buy(user, 100))
    await pool.execute("update orders set hold_id = null where id = $1", order.id)

    with pytest.raises(InvariantViolated, match="without a hold"):
        await told(desk, order, filled(order, ("a", "100", "0.5", "0.05")))

    assert await unapplied(pool) == 1
    assert await desk.balance(user, BTC) == (Decimal(0), Decimal(0))
    assert await pool.fetchval("select count(*) from fills") == 0


async def test_releasing_an_order_without_a_hold_moves_nothing(pool: Pool) -> None:
    desk, _, _ = await scripted_desk(pool, Unknown("silence"))
    user = await desk.user()
    order = await desk.trade(buy(user, 100))
    async with unit_of_work(pool) as uow:
        await funds.release(uow, replace(order, hold_id=None))
    assert await desk.balance(user) == (Decimal(9_900), Decimal(100))

    async with unit_of_work(pool) as uow:
        await funds.release(uow, order)
    assert await desk.balance(user) == (Decimal(10_000), Decimal(0))


async def test_an_account_is_frozen_once_with_one_alarm(pool: Pool) -> None:
    desk, _, _ = await scripted_desk(pool, Unknown("silence"))
    order = await desk.trade(buy(await desk.user(), 100))
    alarms = []
    for frozen in (order, order, replace(order, user_id=999_999)):
        with capture_logs() as logs:
            async with unit_of_work(pool) as uow:
                await funds.freeze(uow, frozen, "a test")
        alarms.append([line["event"] for line in logs if line["log_level"] == "critical"])

    assert alarms == [["account_frozen"], [], []]
    assert await standing(pool, order.user_id) == "frozen"


async def test_an_account_that_cannot_be_frozen_now_is_frozen_in_the_next_round(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, venue, clock = await scripted_desk(pool, Unknown("silence"))
    order = await desk.trade(buy(await desk.user(), 100))
    venue.report = replace(filled(order, ("a", "100", "0.5", "0.05")), client_order_id="somebody else's")
    clock.advance(timedelta(seconds=10))

    async def locked(*_: Any) -> None:
        raise asyncpg.LockNotAvailableError

    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(users, "set_standing", locked)
        assert await desk.trading.reconcile() == 1
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["invariant_violated", "account_not_frozen"]
    assert await standing(pool, order.user_id) == "active"

    clock.advance(timedelta(seconds=10))
    await desk.trading.reconcile()
    assert await standing(pool, order.user_id) == "frozen"


async def test_what_another_order_spent_since_we_looked_is_owed_by_the_user(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The balance that was read is too high: the house advances all of it, and the fill is booked all the same."""
    desk, _, _ = await scripted_desk(pool, Unknown("silence"))
    user = await desk.user()
    order = await desk.trade(buy(user, 400))

    async def old_balances(*_: Any) -> dict[str, Balance]:
        return {USDT.code: Balance(Amount(USDT, 9_700 * COIN), Amount(USDT, 300 * COIN))}

    monkeypatch.setattr(ledger, "balances", old_balances)
    await told(desk, order, filled(order, ("a", "10000", "1.2", "12")))
    monkeypatch.undo()

    assert await owed(pool, user) == [Amount(USDT, (12_012 - 400) * COIN)]
    assert await desk.balance(user) == (Decimal(9_600), Decimal(0))
    assert await desk.balance(user, BTC) == (Decimal("1.2"), Decimal(0))
    assert await standing(pool, user) == "frozen"
    await desk.require_clean()


async def test_another_refusal_of_the_ledger_is_no_debt(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, _, _ = await scripted_desk(pool, Unknown("silence"))
    user = await desk.user()
    order = await desk.trade(buy(user, 400))

    post = ledger.post
    refusals = [Denied("already_reversed")]

    async def refuse_once(*arguments: Any, **named: Any) -> PostResult:
        if refusals:
            raise refusals.pop()
        return await post(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "post", refuse_once)
        with pytest.raises(Denied, match="already_reversed"):
            await told(desk, order, filled(order, ("a", "1000", "0.5", "0.5")))

    assert (await owed(pool, user), await unapplied(pool)) == ([], 1)
    assert await desk.balance(user) == (Decimal(9_600), Decimal(400))


async def test_a_debt_is_paid_back_whole_or_not_at_all(pool: Pool) -> None:
    desk, _, _ = await scripted_desk(pool, Unknown("silence"))
    user = await desk.user()
    order = await desk.trade(buy(user, 400))
    await told(desk, order, filled(order, ("a", "10000", "1.2", "12")))
    debt = Amount(USDT, 2_012 * COIN)
    assert await owed(pool, user) == [debt]

    async with unit_of_work(pool) as uow:
        with pytest.raises(Denied, match="insufficient_funds"):
            await funds.repay_receivable(uow, user, USDT)
    assert await owed(pool, user) == [debt]

    async with unit_of_work(pool) as uow:
        payment = Posting(WORLD, user_available(user, "paper"), Amount(USDT, 3_000 * COIN))
        await ledger.post(uow, key="salary", kind="fund", postings=[payment])
        assert await funds.repay_receivable(uow, user, BTC) == Amount(BTC, 0)
        assert await funds.repay_receivable(uow, user, USDT) == debt
        assert await funds.repay_receivable(uow, user, USDT) == Amount(USDT, 0)

    assert await owed(pool, user) == []
    assert await desk.balance(user) == (Decimal(3_000 - 2_012), Decimal(0))
    await desk.require_clean()


def test_the_user_pays_as_far_as_it_goes_and_the_house_the_rest() -> None:
    user, venue, fees = user_available(7, "paper"), venue_account("paper"), "fees:platform:1"

    def usdt(units: int) -> Amount:
        return Amount(USDT, units)

    demanded = [Posting(user, venue, usdt(60)), Posting(user, fees, usdt(60)), Posting(user, venue, Amount(BTC, 5))]

    assert funds.cover(7, demanded, {USDT.code: 100}) == [
        Posting(user, venue, usdt(60)),
        Posting(user, fees, usdt(40)),
        Posting(WORLD, fees, usdt(20)),
        Posting(WORLD, receivable(7), usdt(20)),
        Posting(WORLD, venue, Amount(BTC, 5)),
        Posting(WORLD, receivable(7), Amount(BTC, 5)),
    ]
