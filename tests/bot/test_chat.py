"""What a person sees in the chat, from /start to a sale with its profit, against the Telegram sandbox."""

from __future__ import annotations

import re

from core.controls import service as controls
from core.db.unit_of_work import unit_of_work
from core.users import service as users
from sandbox.telegram.client import ChatMessage, SandboxUser
from tests.support.telegram_desk import OPERATOR, TelegramDesk


async def buy(desk: TelegramDesk, user: SandboxUser, words: str = "BTC/USDT 100") -> ChatMessage:
    """A confirmed and executed purchase; its last message."""
    preview = await user.ask(f"/buy {words}", "Minimum received")
    await user.press(preview, "Confirm")
    await user.wait_for_message("Accepted", message_id=preview.message_id)
    await desk.work()
    return await user.wait_for_message(regex="^✅ Bought", message_id=preview.message_id)


async def test_start_opens_the_account_once_and_shows_the_menu(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    first = await user.ask("/start", "Welcome")
    assert "10,000 USDT" in first.text
    assert [button["text"] for button in first.buttons] == [
        "🛒 Buy",
        "💱 Sell",
        "📊 Positions",
        "📋 Orders",
        "💼 Portfolio",
        "🧾 History",
        "🔔 Alerts",
        "⚙️ Settings",
        "❓ Help",
    ]
    again = await user.ask("/start", "Your account is open")
    assert "USDT: 10,000" in again.text
    assert await desk.pool.fetchval("select count(*) from ledger_transactions where kind = 'paper_grant'") == 1


async def test_a_preview_is_confirmed_and_the_same_message_becomes_bought(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    preview = await user.ask("/buy BTC/USDT 100", "Minimum received")
    for words in ("Venue fee", "Platform fee", "You pay about", "Price impact", "test book", "old"):
        assert words in preview.text
    await user.press(preview, "Confirm")
    await user.wait_for_message("Accepted", message_id=preview.message_id)
    await desk.work()
    bought = await user.wait_for_message(regex="^✅ Bought", message_id=preview.message_id)
    for words in (
        "BTC",
        "Average price: 100 USDT",
        "Venue fee",
        "Platform fee",
        "Total paid",
        "Venue: paper",
        "test book",
        "Balance",
        "Position",
    ):
        assert words in bought.text
    assert [toast["text"] for toast in await user.toasts()] == ["Accepted"]
    assert not bought.buttons


async def test_selling_half_shows_the_realised_profit(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await buy(desk, user)
    await desk.set_book(asks=[(210, 5)], bids=[(200, 5)])
    preview = await user.ask("/sell btc 50%", "Minimum received")
    await user.press(preview, "Confirm")
    await user.wait_for_message("Accepted", message_id=preview.message_id)
    await desk.work()
    sold = await user.wait_for_message(regex="^✅ Sold", message_id=preview.message_id)
    assert re.search(r"Realised profit: \+4\d\.\d+ USDT", sold.text)
    assert "Total received" in sold.text


async def test_bare_buy_asks_with_buttons_in_one_message(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    asked = await user.ask("/buy", "What would you like to buy?")
    await user.press(asked, "BTC/USDT")
    amounts = await user.wait_for_message("how much USDT", message_id=asked.message_id)
    assert [button["text"] for button in amounts.buttons] == ["50 USDT", "100 USDT", "250 USDT", "1,000 USDT"]
    assert "You have 10,000 USDT" in amounts.text
    await user.press(amounts, "50 USDT")
    preview = await user.wait_for_message("Minimum received", message_id=asked.message_id)
    await user.press(preview, "Confirm")
    await user.wait_for_message("Accepted", message_id=asked.message_id)
    await desk.work()
    await user.wait_for_message(regex="^✅ Bought", message_id=asked.message_id)


async def test_bare_sell_shows_positions_and_shares(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    assert await user.ask("/sell", "nothing to sell yet")
    await buy(desk, user)
    asked = await user.ask("/sell", "What would you like to sell?")
    assert re.search(r"BTC/USDT: 0\.999 BTC = [\d.,]+ USDT", asked.text)
    await user.press(asked, "BTC/USDT")
    shares = await user.wait_for_message("How much of it?", message_id=asked.message_id)
    assert [button["text"] for button in shares.buttons] == ["25 %", "50 %", "75 %", "100 %"]
    await user.press(shares, "100 %")
    preview = await user.wait_for_message("Minimum received", message_id=asked.message_id)
    await user.press(preview, "Confirm")
    await user.wait_for_message("Accepted", message_id=asked.message_id)
    await desk.work()
    await user.wait_for_message(regex="^✅ Sold", message_id=asked.message_id)


async def test_a_preview_that_would_be_denied_begins_with_denied(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await desk.set_book(asks=[(100, 1000)])
    denied = await user.ask("/buy BTC/USDT 20000", "Denied")
    assert re.match(r"^\W*Denied", denied.text)
    assert "10,000 USDT" in denied.text
    assert "Choose a smaller amount" in denied.text
    assert not denied.buttons
    tiny = await user.ask("/buy BTC/USDT 0.5", "Denied")
    assert "5 USDT" in tiny.text


async def test_cancel_under_a_preview_asks_for_nothing(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    preview = await user.ask("/buy BTC/USDT 100", "Minimum received")
    await user.press(preview, "Cancel")
    await user.wait_for_message(regex=r"^\W*Canceled", message_id=preview.message_id)
    assert await desk.pool.fetchval("select count(*) from orders") == 0


async def test_without_the_confirm_toggle_an_order_is_requested_at_once(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await user.ask("/start", "Welcome")
    async with unit_of_work(desk.pool) as uow:
        known = await users.by_telegram_id(uow, 7)
        assert known is not None
        await users.set_confirm_orders(uow, known.id, confirm=False)
    accepted = await user.ask("/buy BTC/USDT 100", "Accepted")
    await desk.work()
    await user.wait_for_message(regex="^✅ Bought", message_id=accepted.message_id)


async def test_portfolio_shows_holdings_profit_source_and_refreshes(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await buy(desk, user)
    shown = await user.ask("/portfolio", "Portfolio")
    for words in ("USDT: 9,900", "BTC: 0.999", "BTC/USDT", "test book", "old", "open profit", "realised"):
        assert words in shown.text
    await desk.set_book(asks=[(1000, 5)], bids=[(998, 5)])
    await user.press(shown, "Refresh")
    await user.wait_for_message("999 (", message_id=shown.message_id)


async def test_orders_lists_open_ones_with_cancel_and_finished_ones(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await buy(desk, user)
    preview = await user.ask("/buy BTC/USDT 50", "Minimum received")
    await user.press(preview, "Confirm")
    await user.wait_for_message("Accepted", message_id=preview.message_id)
    listed = await user.ask("/orders", "Open orders")
    assert "accepted" in listed.text
    assert "filled" in listed.text
    await user.press(listed, "Cancel")
    canceled = await user.wait_for_message(regex=r"^\W*Canceled", message_id=preview.message_id)
    assert "Nothing was executed" in canceled.text
    assert await user.ask("/orders", "No open orders")


async def test_status_is_short_and_operators_see_the_parts(desk: TelegramDesk) -> None:
    user, operator = await desk.user(7), await desk.user(OPERATOR)
    assert "bot-0" not in (await user.ask("/status", "Working, with something missing")).text
    assert "bot-0" in (await operator.ask("/status", "Working")).text


async def test_operators_pause_and_resume_and_others_get_one_line(desk: TelegramDesk) -> None:
    user, operator = await desk.user(7), await desk.user(OPERATOR)
    assert "Only operators" in (await user.ask("/pause", "operators")).text
    await operator.ask("/pause venue paper", "Paused: venue:paper")
    denied = await user.ask("/buy BTC/USDT 100", "Denied")
    assert "paused" in denied.text
    await operator.ask("/resume venue paper", "Resumed: venue:paper")
    await operator.ask("/resume venue paper", "was not paused")
    assert await user.ask("/buy BTC/USDT 100", "Minimum received")
    async with unit_of_work(desk.pool) as uow:
        assert await controls.open_pauses(uow) == []


async def test_a_frozen_account_reads_but_does_not_trade(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    preview = await user.ask("/buy BTC/USDT 100", "Minimum received")
    async with unit_of_work(desk.pool) as uow:
        known = await users.by_telegram_id(uow, 7)
        assert known is not None
        await users.set_standing(uow, known.id, "frozen")
    await user.press(preview, "Confirm")
    denied = await user.ask("/buy BTC/USDT 100", "Denied")
    assert "frozen" in denied.text
    assert await user.ask("/portfolio", "Portfolio")
    assert any("frozen" in toast["text"] for toast in await user.toasts())
    assert await desk.pool.fetchval("select count(*) from orders") == 0


async def test_the_first_command_of_somebody_unknown_opens_the_account_then_runs(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    assert await user.ask("/portfolio", "Portfolio")
    assert any("Welcome" in message.text for message in await user.chat())
    assert await desk.pool.fetchval("select count(*) from users") == 1


async def test_a_referral_binds_first_and_once(desk: TelegramDesk) -> None:
    ann, bob, cid = await desk.user(7), await desk.user(8), await desk.user(9)
    await ann.ask("/start", "Welcome")
    code = await desk.pool.fetchval("select referral_code from users where telegram_user_id = 7")
    await bob.ask(f"/start ref_{code}", "Welcome")
    await cid.ask("/start", "Welcome")
    await cid.ask(f"/start ref_{code}", "Your account is open")
    await ann.ask(f"/start ref_{code}", "Your account is open")
    rows = await desk.pool.fetch("select telegram_user_id, referred_by is not null as referred from users")
    bound = {row["telegram_user_id"]: row["referred"] for row in rows}
    assert bound == {7: False, 8: True, 9: False}


async def test_the_menu_opens_screens_and_stays_usable(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    menu = await user.ask("/start", "Welcome")
    first = menu.data("Portfolio")
    await user.press(menu, "Portfolio")
    await user.wait_for_message("Portfolio on paper", after=menu.message_id)
    fresh = await user.wait_for_message("Your account is open.", message_id=menu.message_id)
    assert fresh.data("Portfolio") != first
    await user.press(fresh, "Buy")
    await user.wait_for_message("What would you like to buy?", after=menu.message_id)


async def test_an_edited_message_is_never_a_command(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    sent = await user.send("/help")
    await user.wait_for_message("/buy BTC/USDT 100", after=sent.message_id)
    await user.edit(sent, "/buy BTC/USDT 100")
    await user.ask("/orders", "No open orders")
    assert not any("Minimum received" in message.text for message in await user.chat())


async def test_in_a_group_private_things_are_refused_and_chatter_is_ignored(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await user.ask("/start", "Welcome")
    await desk.telegram.add_group(-100500, "Friends", [7, 4242])
    await user.send("hello all", chat=-100500)
    await user.send("/portfolio@some_other_bot", chat=-100500)
    await user.send("/somebodyelses", chat=-100500)
    sent = await user.send("/portfolio@strongroom_bot", chat=-100500)
    answer = await user.wait_for_message("private chat", after=sent.message_id, chat=-100500)
    assert "@strongroom_bot" in answer.text
    assert await desk.pool.fetchval("select count(*) from outbox_chat where chat_id < 0") == 1


async def test_a_pasted_ticker_gets_its_price_and_other_text_a_line(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await user.ask("/start", "Welcome")
    assert "Price: 95 USDT" in (await user.ask("btc", "paper:BTC")).text
    assert await user.ask("hello there", "I understand commands")


async def test_what_is_not_available_yet_is_said_in_one_line(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    for words, expected in (
        ("/buy BTC/USDT 100 limit 58000 ioc post", "Not understood"),
        ("/buy BTC/USDT 100 on binance", "binance cannot be traded here yet"),
        ("/buy DOGE/USDT 100", "is not traded here"),
        ("/buy BTC/USDT 100 EUR", "EUR is neither BTC nor USDT"),
        ("/buy BTC/USDT 1e3", "Not understood"),
        ("/nonsense", "do not know this command"),
    ):
        assert "\n" not in (await user.ask(words, expected)).text
    assert await desk.pool.fetchval("select count(*) from orders") == 0


async def test_markup_in_a_command_is_shown_as_text(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    shown = await user.ask("/buy btc 100 on <b>", "Not understood")
    assert "on <b>" not in shown.text
    assert "private-only" not in shown.text
    answer = await user.ask("/buy A_B-C/D 1", "A_B-C/D is not traded here")
    assert answer.text.startswith("A_B-C/D")


async def test_one_user_s_updates_are_answered_in_order(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await user.ask("/start", "Welcome")
    for number in range(1, 21):
        await user.send(f"/buy X{number:02d}/USDT 1")
    await user.wait_for_message("X20/USDT")
    shown = [found[1] for message in await user.chat() if message.from_bot and (found := re.match(r"X(\d\d)/USDT", message.text))]
    assert shown == [f"{number:02d}" for number in range(1, 21)]
