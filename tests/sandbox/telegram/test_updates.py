"""Long polling and webhooks: everything arrives, in order, once; and trouble when it is ordered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import Conflict, NetworkError

from sandbox.telegram.client import TelegramSandbox
from tests.sandbox.telegram.conftest import TOKEN
from tests.support.waiting import eventually


def texts(updates: Any) -> list[str]:
    return [update.message.text for update in updates]


async def test_offset_confirms_and_what_is_not_confirmed_comes_again(bot: Bot, sandbox: TelegramSandbox):
    for text in ("a", "b", "c"):
        await sandbox.user(7).send(text)
    first = await bot.get_updates(limit=2)
    assert texts(first) == ["a", "b"]
    assert texts(await bot.get_updates()) == ["a", "b", "c"]
    assert texts(await bot.get_updates(offset=first[0].update_id + 1)) == ["b", "c"]
    assert texts(await bot.get_updates(offset=-1)) == ["c"]
    assert texts(await bot.get_updates()) == ["c"]


async def test_a_long_poll_ends_with_the_update_it_waited_for(bot: Bot, sandbox: TelegramSandbox):
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await asyncio.sleep(0)
    await sandbox.user(7).send("now")
    assert texts(await asyncio.wait_for(poll, 10)) == ["now"]


async def test_a_second_poll_ends_the_first_with_a_conflict(served: Any, bot: Bot, sandbox: TelegramSandbox):
    first = asyncio.create_task(bot.get_updates(timeout=30))
    await eventually(lambda: served.server.polls._generation.get(42) == 1)
    async with Bot(TOKEN, base_url=f"{sandbox.url}/bot") as twin:
        second = asyncio.create_task(twin.get_updates(timeout=30))
        with pytest.raises(Conflict, match=r"(?i)terminated by other getUpdates request"):
            await asyncio.wait_for(first, 10)
        await sandbox.user(7).send("for the second")
        assert texts(await asyncio.wait_for(second, 10)) == ["for the second"]


async def test_only_wanted_types_are_queued(bot: Bot, sandbox: TelegramSandbox):
    await bot.get_updates(allowed_updates=["callback_query"])
    await sandbox.user(7).send("unwanted")
    asked = await bot.send_message(7, "?", reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="y")]]))
    await sandbox.user(7).press(asked.message_id, "yes")
    updates = await bot.get_updates(timeout=1)
    assert [update.callback_query.data for update in updates if update.callback_query] == ["y"]


async def test_one_update_can_come_again_with_its_id_after_it_was_confirmed(bot: Bot, sandbox: TelegramSandbox):
    await sandbox.fault("duplicate", copies=1)
    await sandbox.fault("retry")
    await sandbox.user(7).send("twice")
    seen: list[int] = []
    offset = 0
    for _ in range(4):
        got = await bot.get_updates(offset=offset)
        seen += [update.update_id for update in got]
        offset = max(seen) + 1
    assert len(seen) == 3
    assert len(set(seen)) == 1


async def test_one_tap_can_come_under_several_update_ids(bot: Bot, sandbox: TelegramSandbox):
    asked = await bot.send_message(7, "?", reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="y")]]))
    pressed = await sandbox.user(7).press(asked.message_id, "Yes", copies=3)
    updates = await bot.get_updates(timeout=1)
    assert [update.update_id for update in updates] == pressed["update_ids"]
    assert {update.callback_query.id for update in updates if update.callback_query} == {pressed["callback_query_id"]}
    assert len(updates) == 3


async def test_updates_can_be_reordered_and_delayed(bot: Bot, sandbox: TelegramSandbox):
    await sandbox.fault("reorder", 2)
    await sandbox.user(7).send("a")
    assert await bot.get_updates() == ()
    await sandbox.user(7).send("b")
    got = await bot.get_updates()
    assert texts(got) == ["b", "a"]
    await sandbox.fault("delay", seconds=60)
    await sandbox.user(7).send("late")
    await sandbox.user(7).send("early")
    got = await bot.get_updates(offset=max(update.update_id for update in got) + 1)
    assert texts(got) == ["early"]
    await sandbox.advance(61)
    assert texts(await bot.get_updates(offset=got[-1].update_id + 1)) == ["late"]


async def test_a_lost_poll_answer_loses_no_update(bot: Bot, sandbox: TelegramSandbox):
    await sandbox.fault("drop")
    await sandbox.user(7).send("kept")
    with pytest.raises(NetworkError):
        await bot.get_updates()
    assert texts(await bot.get_updates()) == ["kept"]


async def test_a_raw_update_is_delivered_as_it_is(bot: Bot, sandbox: TelegramSandbox):
    update_id = await sandbox.inject({"message": {"nonsense": True}})
    async with aiohttp.ClientSession() as client, client.get(f"{sandbox.url}/bot{TOKEN}/getUpdates") as answer:
        assert (await answer.json())["result"] == [{"update_id": update_id, "message": {"nonsense": True}}]


@asynccontextmanager
async def receiver(answer: Callable[[int], int]) -> AsyncIterator[tuple[str, list[tuple[str, dict[str, Any]]]]]:
    """A webhook that answers the n-th request (from 0) with a status and keeps what it got."""
    got: list[tuple[str, dict[str, Any]]] = []

    async def take(request: web.Request) -> web.Response:
        got.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""), await request.json()))
        return web.Response(status=answer(len(got) - 1))

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook", got
    finally:
        await runner.cleanup()


async def test_a_webhook_gets_updates_in_order_with_the_secret(bot: Bot, sandbox: TelegramSandbox):
    async with receiver(lambda _n: 200) as (url, got):
        await sandbox.user(7).send("before")
        await bot.set_webhook(url, secret_token="s3cret")
        for number in range(5):
            await sandbox.user(7).send(f"{number}")
        await eventually(lambda: len(got) == 6)
        assert [update["message"]["text"] for _secret, update in got] == ["before", "0", "1", "2", "3", "4"]
        assert {secret for secret, _update in got} == {"s3cret"}
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates()
        assert (await bot.get_webhook_info()).url == url
        await bot.delete_webhook()
        await sandbox.user(7).send("polled again")
        assert texts(await bot.get_updates(timeout=2)) == ["polled again"]


async def test_a_refusing_webhook_is_asked_again_and_later_updates_wait(bot: Bot, sandbox: TelegramSandbox):
    async with receiver(lambda n: 500 if n < 2 else 200) as (url, got):
        await bot.set_webhook(url)
        await sandbox.user(7).send("a")
        await sandbox.user(7).send("b")
        await eventually(lambda: len(got) == 4)
        assert [update["message"]["text"] for _secret, update in got] == ["a", "a", "a", "b"]
        info = await bot.get_webhook_info()
        assert "500" in (info.last_error_message or "")
        await eventually(lambda: _nothing_pending(sandbox))


async def _nothing_pending(sandbox: TelegramSandbox) -> bool:
    pending: dict[str, int] = (await sandbox.counts())["pending_updates"]
    return pending["42"] == 0


async def test_an_acknowledgement_that_is_lost_repeats_the_update_and_a_dropped_one_comes_later(bot: Bot, sandbox: TelegramSandbox):
    async with receiver(lambda _n: 200) as (url, got):
        await bot.set_webhook(url)
        await sandbox.fault("retry", type="message")
        await sandbox.user(7).send("twice")
        await eventually(lambda: len(got) == 2)
        await sandbox.fault("drop")
        await sandbox.user(7).send("late")
        await eventually(lambda: len(got) == 3)
        assert [update["message"]["text"] for _secret, update in got] == ["twice", "twice", "late"]
        assert got[0][1]["update_id"] == got[1][1]["update_id"]
