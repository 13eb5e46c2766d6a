"""P33: overload is shed with an honest answer; exits (cancel, pause) always get through.

Bursts of ten times what is taken: of one user through a whole bot, orders counted in the database; of many users behind whose backlog
somebody wants out; and a backlog that waited so long that nobody wants it any more.
"""

from __future__ import annotations

import re
from typing import Any

from bot.consumer import MOST_IN_HAND, MOST_URGENT_IN_HAND
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.inbox import service as inbox
from core.inbox.rules import raw_update
from core.kernel.secret import Secret
from tests.bot.test_consumer_order import AllShards, Handlers, consuming
from tests.bot.test_inbox import message, put
from tests.promises.conftest import Proof
from tests.support.telegram_desk import OPERATOR, telegram_desk
from tests.support.waiting import eventually

BURST = 8
LIMITED: dict[str, Any] = {"overload_burst": BURST, "overload_window_ms": 600_000}


async def nothing_pending(pool: Pool) -> bool:
    return not await pool.fetchval("select count(*) from inbox_updates where state = 'pending'")


async def test_a_burst_of_one_user_is_cut_and_told_and_its_exits_get_through(
    app_dsn: Secret, pool: Pool, valkey_url: str, proof: Proof
) -> None:
    times = proof.size(test=10, promises=50, soak=500)
    async with telegram_desk(app_dsn, pool, valkey_url, **LIMITED) as desk:
        user, operator = await desk.user(7), await desk.user(OPERATOR)
        await user.ask("/start", "Welcome")
        await operator.ask("/start", "Welcome")
        await pool.execute("update users set confirm_orders = 'off'")
        await user.ask("/buy BTC/USDT 10", "Accepted")
        listed = await user.ask("/orders", "Open orders")
        sent = BURST * times
        for number in range(sent):
            await put(pool, message(800_000 + number, f"/buy BTC/USDT {20 + number % 500}"))
        await put(pool, message(900_000, "/status"), message(900_001, "/pause because of the flood", sender=OPERATOR))
        await operator.wait_for_message("Paused: global")
        await user.press(listed, listed.buttons[0]["text"])
        await eventually(lambda: nothing_pending(pool), 120)
        taken = await pool.fetchval("select count(*) from orders")
        assert taken == BURST, f"{taken} orders were taken, not {BURST}"
        busy = await user.wait_for_message(f"last {sent - BURST + 1} messages")
        assert "nothing happened" in busy.text
        assert await pool.fetchval("select count(*) from outbox_chat where screen = 'status'") == 1, "/status was shed"
        canceling = await pool.fetchval("select count(*) from outbox_tasks where task = 'trading.cancel_order'")
        ended = await pool.fetchval("select count(*) from orders where state in ('CANCELED', 'PENDING_CANCEL')")
        assert canceling + ended > 0, "the cancel was shed"
        rows = await pool.fetch("select finished_at from inbox_updates where sender_id = 7 order by id")
        order = [row["finished_at"] for row in rows]
        assert order == sorted(order), "one user's messages were handled out of their order"
    proof.record(
        f"{sent:,} orders in a burst of one user: {BURST} taken, the rest told in one line; /status, /pause and a cancel got through"
    )


async def test_an_exit_does_not_wait_behind_everybody_s_backlog(pool: Pool, proof: Proof) -> None:
    backlog = proof.size(test=10, promises=20, soak=100) * MOST_IN_HAND
    async with unit_of_work(pool) as uow:
        updates = [raw_update(message(number, "/buy BTC/USDT 1", sender=number % 900 + 1)) for number in range(1, backlog)]
        await inbox.store(uow, bot_id=4242, updates=updates)
        own = [message(backlog, "/help", sender=5_000), message(backlog + 1, "/pause", sender=5_000)]
        await inbox.store(uow, bot_id=4242, updates=[raw_update(one) for one in own])
    handlers = Handlers(pool, lambda _: None)
    async with consuming(pool, AllShards(), handlers, concurrency=4):
        await eventually(lambda: backlog + 1 in handlers.order, 120)
        place = handlers.order.index(backlog + 1)
    assert place <= MOST_IN_HAND + MOST_URGENT_IN_HAND, f"{place} of {backlog} went before the exit"
    assert handlers.order.index(backlog) < place, "what its sender asked before it was overtaken"
    proof.record(f"a /pause behind {backlog:,} waiting messages was handled after {place}")


async def test_a_backlog_that_waited_too_long_is_refused_honestly(app_dsn: Secret, pool: Pool, valkey_url: str, proof: Proof) -> None:
    users, each = proof.size(test=5, promises=50, soak=200), 4
    async with telegram_desk(app_dsn, pool, valkey_url, overload_burst=1_000) as desk:
        people = [await desk.user(number) for number in range(1, users + 1)]
        for one in people:
            await one.ask("/start", "Welcome")
        await pool.execute("update users set confirm_orders = 'off'")
        async with unit_of_work(pool) as uow:
            late = [
                raw_update(message(700_000 + number * 10 + place, "/buy BTC/USDT 10", sender=number))
                for number in range(1, users + 1)
                for place in range(each)
            ]
            await inbox.store(uow, bot_id=4242, updates=late)
            await uow.connection.execute("update inbox_updates set received_at = now() - interval '31 seconds' where update_id >= 700000")
        for one in people:
            told = await one.wait_for_message(f"{each} of your messages came too late")
            assert re.search(r"Nothing happened", told.text)
        assert await pool.fetchval("select count(*) from orders") == 0
        await people[0].ask("/buy BTC/USDT 10", "Accepted")
        assert await pool.fetchval("select count(*) from orders") == 1
    proof.record(f"{users * each:,} orders that waited 31 s: none carried out, every user told once; the next order was taken")
