"""What becomes of chat rows when Telegram is difficult, against the sandbox: nothing lost, nothing old over something new."""

from __future__ import annotations

import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.secret import Secret
from core.outbox import service as outbox
from sandbox.telegram.settings import SandboxSettings
from tests.support.telegram_desk import TelegramDesk, running_bot, telegram_desk
from tests.support.waiting import eventually


async def say(pool: Pool, word: str, *, key: str = "m", chat_id: int = 7, priority: int = outbox.ORDINARY, screen: str = "text") -> int:
    """Appends a row that shows `word`."""
    data = {"id": "symbol-unknown", "params": {"symbol": word}}
    async with unit_of_work(pool) as uow:
        return await outbox.append_chat(uow, chat_id=chat_id, message_key=key, screen=screen, data=data, priority=priority)


async def settled(pool: Pool) -> dict[int, str]:
    """States of all rows once none waits."""

    async def nothing_waits() -> bool:
        return not await pool.fetchval("select count(*) from outbox_chat where state = 'pending'")

    await eventually(nothing_waits, 20)
    return {row["id"]: row["state"] for row in await pool.fetch("select id, state from outbox_chat")}


@pytest.fixture
async def known(desk: TelegramDesk) -> TelegramDesk:
    await desk.user(7)
    return desk


async def test_later_rows_edit_the_one_message(known: TelegramDesk) -> None:
    user = known.telegram.user(7)
    for word in ("one", "two", "three"):
        await say(known.pool, word)
        await user.wait_for_message(word)
    assert len([message for message in await user.chat() if message.from_bot]) == 1


async def test_edits_that_wait_coalesce_to_the_newest(app_dsn: Secret, pool: Pool, valkey_url: str) -> None:
    async with telegram_desk(app_dsn, pool, valkey_url, run=False) as desk:
        user = await desk.user(7)
        ids = [await say(pool, f"state-{number}") for number in range(50)]
        async with running_bot(desk.settings):
            states = await settled(pool)
        assert [row_id for row_id, state in states.items() if state == "sent"] == [ids[-1]]
        assert set(states.values()) == {"sent", "superseded"}
        shown = [message for message in await user.chat() if message.from_bot]
        assert [message.text.split()[0] for message in shown] == ["state-49"]
        assert shown[0].edit_count == 0


async def test_retry_after_is_honoured_and_nothing_is_lost(known: TelegramDesk) -> None:
    await known.telegram.fail("sendMessage", 429, retry_after=1)
    await say(known.pool, "patience")
    assert await known.telegram.user(7).wait_for_message("patience")
    assert set((await settled(known.pool)).values()) == {"sent"}
    assert await known.pool.fetchval("select attempts from outbox_chat") == 2


async def test_an_answer_that_was_lost_is_asked_again(known: TelegramDesk) -> None:
    await say(known.pool, "one")
    user = known.telegram.user(7)
    await user.wait_for_message("one")
    await known.telegram.fail("editMessageText", 500, after_acting=True)
    await say(known.pool, "two")
    await settled(known.pool)
    assert [message.text.split()[0] for message in await user.chat() if message.from_bot] == ["two"], "an edit does not mind coming twice"


async def test_server_errors_are_retried(known: TelegramDesk) -> None:
    await known.telegram.fail("sendMessage", 502, count=2)
    await say(known.pool, "at last")
    assert await known.telegram.user(7).wait_for_message("at last")


async def test_a_message_that_is_gone_is_sent_anew(known: TelegramDesk) -> None:
    user = known.telegram.user(7)
    await say(known.pool, "one")
    first = await user.wait_for_message("one")
    await known.telegram.fail("editMessageText", 400, description="Bad Request: message to edit not found")
    await say(known.pool, "two")
    second = await user.wait_for_message("two")
    assert second.message_id != first.message_id
    await say(known.pool, "three")
    assert (await user.wait_for_message("three")).message_id == second.message_id


async def test_what_is_shown_already_counts_as_sent(known: TelegramDesk) -> None:
    first = await say(known.pool, "same")
    await known.telegram.user(7).wait_for_message("same")
    second = await say(known.pool, "same")
    assert (await settled(known.pool)) == {first: "sent", second: "sent"}


async def test_who_blocked_the_bot_is_left_alone_and_the_others_get_theirs(known: TelegramDesk) -> None:
    other = await known.user(8)
    await known.telegram.user(7).block()
    refused = await say(known.pool, "hello")
    await say(known.pool, "hello", chat_id=8)
    await other.wait_for_message("hello")
    assert (await settled(known.pool))[refused] == "failed"
    assert "blocked" in await known.pool.fetchval("select error from outbox_chat where id = $1", refused)


async def test_a_row_that_cannot_be_rendered_fails_alone(known: TelegramDesk) -> None:
    bad = await say(known.pool, "x", key="bad", screen="no_such_screen")
    good = await say(known.pool, "fine", key="good")
    await known.telegram.user(7).wait_for_message("fine")
    assert await settled(known.pool) == {bad: "failed", good: "sent"}


async def test_an_old_toast_is_dropped(known: TelegramDesk) -> None:
    async with unit_of_work(known.pool) as uow:
        row_id = await outbox.append_chat(
            uow, chat_id=7, message_key="toast:1", screen="toast", data={"id": "toast-accepted", "callback_query_id": "1"}
        )
        await uow.connection.execute("update outbox_chat set created_at = now() - interval '1 minute' where id = $1", row_id)
    assert await settled(known.pool) == {row_id: "failed"}
    assert await known.pool.fetchval("select error from outbox_chat") == "too old"


async def test_telegram_s_limits_are_kept_without_a_single_429(app_dsn: Secret, pool: Pool, valkey_url: str) -> None:
    real = {"telegram_messages_per_second": 30, "telegram_chat_messages_per_second": 1}
    async with telegram_desk(app_dsn, pool, valkey_url, sandbox=SandboxSettings(), run=False, **real) as desk:
        for number in range(10, 55):
            await desk.user(number)
            await say(pool, f"to-{number}", chat_id=number)
        for place in range(5):
            await say(pool, f"busy-{place}", key=f"k{place}", chat_id=10)
        async with running_bot(desk.settings):
            states = await settled(pool)
        assert set(states.values()) == {"sent"}
        assert await pool.fetchval("select max(attempts) from outbox_chat") == 1, "no row was refused"


async def test_two_processes_share_the_chats_and_each_message_comes_once(app_dsn: Secret, pool: Pool, valkey_url: str) -> None:
    async with telegram_desk(app_dsn, pool, valkey_url, lease_ttl_ms=600, bot_shards=16) as desk, running_bot(desk.settings):

        async def both_hold() -> bool:
            rows = await pool.fetch(
                "select holder, count(*) as held from leases where name like 'bot-shard:%' and expires_at > now() group by holder"
            )
            return sorted(row["held"] for row in rows) == [8, 8]

        await eventually(both_hold, 20)
        for number in range(10, 40):
            await desk.user(number)
            await say(pool, f"to-{number}", chat_id=number)
        assert set((await settled(pool)).values()) == {"sent"}
        for number in range(10, 40):
            assert len([one for one in await desk.telegram.user(number).chat() if one.from_bot]) == 1


async def test_another_process_takes_over_when_one_ends(app_dsn: Secret, pool: Pool, valkey_url: str) -> None:
    async with telegram_desk(app_dsn, pool, valkey_url, lease_ttl_ms=600, bot_shards=4) as desk:
        await desk.user(7)
        async with running_bot(desk.settings):
            await say(pool, "one")
            await desk.telegram.user(7).wait_for_message("one")
        await say(pool, "two")
        assert await desk.telegram.user(7).wait_for_message("two", timeout_s=15)
