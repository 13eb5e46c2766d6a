"""A group chat that learns nothing private: one evening of a trader who has the bot in a group of friends, over a desk that runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.journeys.conftest import pool_of, rows, telegram_of
from tests.journeys.desk import Desk
from tests.support.waiting import eventually

GROUP = -100777
LINE = "This is only for your private chat with me"


async def test_a_group_chat_that_learns_nothing_private(start_desk: Callable[..., Awaitable[Desk]]) -> None:
    desk = await start_desk()
    telegram, pool = await telegram_of(desk), await pool_of(desk)
    bot = (await telegram.overview())["bots"][0]
    name = bot["username"]
    trader, friend = await telegram.add_user(7, started=True), await telegram.add_user(8, started=True)
    await telegram.add_group(GROUP, "Friends", [7, 8, bot["id"]])
    await trader.ask("/start", "Welcome", timeout_s=30)
    await trader.ask("/settings phrase amber kestrel 8841", "amber kestrel")
    preview = await trader.ask("/buy BTC/USDT 123.45", "Minimum received", timeout_s=30)
    for text in ("/buy", "/positions", "/portfolio", "/settings", "/orders", "/history csv", "/start", "/why"):
        await trader.send(f"/{text[1:].split()[0]}@{name} {' '.join(text.split()[1:])}".strip(), chat=GROUP)
        await friend.send(text, chat=GROUP)
    line = await friend.wait_for_message(LINE, chat=GROUP)
    await trader.press(line, data=preview.data("Confirm"), chat=GROUP, forged=True)
    await friend.press(line, data=preview.data("Confirm"), chat=GROUP, forged=True)
    for disguise in ("forwarded", "anonymous_admin", "via_bot", "edited", "linked_channel"):
        await trader.speak(f"/portfolio@{name}", disguise, chat=GROUP)
    await friend.send(f"/help@{name}", chat=GROUP)
    await friend.wait_for_message("/portfolio", chat=GROUP)

    async def everything_was_read() -> bool:
        return not (await rows(pool, "select 1 from inbox_updates where state = 'pending'"))

    await eventually(everything_was_read, 30)
    read: Any = await telegram.get(f"/chats/{GROUP}", history=True, limit=10_000)
    said = [entry.get("text", "") for message in read["messages"] if message["sender_id"] == bot["id"] for entry in message["history"]]
    assert all(LINE in text or text.startswith("Buy: ") for text in said), said
    assert not any("kestrel" in text or "9,8" in text or "10,000" in text for text in said)
    assert not await rows(pool, "select 1 from orders"), "a button pressed in the group made an order"
    assert not await rows(pool, "select 1 from users where telegram_user_id = 8"), "a word in the group opened an account"
    await trader.press(preview, "Confirm")
    await trader.wait_for_message(regex=r"^.*\W*Bought", message_id=preview.message_id, timeout_s=30)
    await telegram.close()
    pool.terminate()
