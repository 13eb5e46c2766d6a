"""What a person sees of a limit order in the chat: preview, working, partly filled, done; /limit step by step."""

from __future__ import annotations

import pytest

from core.adapters.venues.paper.engine import MatchingEngine
from core.kernel.clock import SystemClock
from tests.support.telegram_desk import TelegramDesk
from workers.streams.matching import tell


async def matched(desk: TelegramDesk) -> None:
    """The exchange sees the market, trading hears of it."""
    engine = MatchingEngine(desk.pool, desk.books, SystemClock())
    await engine.round()
    await tell(engine, desk.pool)
    await desk.work()


async def test_a_limit_order_is_shown_from_preview_to_the_last_fill(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    preview = await user.ask("/buy BTC/USDT 2 BTC limit 95 post", "Minimum received")
    for words in (
        "Buy 2 BTC on BTC/USDT?",
        "Limit 95 USDT, until canceled",
        "post only",
        "At once: nothing",
        "Waits at the limit: 2 BTC",
        "Held",
    ):
        assert words in preview.text
    await user.press(preview, "Confirm")
    await user.wait_for_message("Accepted", message_id=preview.message_id)
    await desk.work()
    working = await user.wait_for_message("Working at paper", message_id=preview.message_id)
    assert "buy 2 BTC on BTC/USDT at 95 USDT or better" in working.text
    assert "Filled so far: 0 BTC · remaining: 2 BTC" in working.text
    assert [button["text"] for button in working.buttons] == ["Cancel order"]

    await desk.set_book(asks=[(95, "0.5"), (100, 9)])
    await matched(desk)
    partly = await user.wait_for_message("Partly filled", message_id=preview.message_id)
    assert "Filled so far: 0.5 BTC · remaining: 1.5 BTC" in partly.text

    await user.press(partly, "Cancel order")
    await user.wait_for_message("Asked paper to cancel", message_id=preview.message_id)
    await desk.work()
    done = await user.wait_for_message(regex="^✖️ Canceled", message_id=preview.message_id)
    assert "Bought so far: 0.5 BTC" in done.text
    assert "Limit 95 USDT" in done.text
    assert not done.buttons


async def test_what_takes_at_once_and_what_waits_are_shown_apart(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    preview = await user.ask("/limit BTC/USDT 3 BTC 100 gtd 2h", "Minimum received")
    assert "At once: about 1 BTC at 100 USDT" in preview.text
    assert "Waits at the limit: 2 BTC" in preview.text
    assert "until 20" in preview.text


@pytest.mark.parametrize(("terms", "expected"), [("ioc", "Expires at once: 2 BTC"), ("fok", "Expires at once: 3 BTC")])
async def test_what_may_not_wait_is_said_to_expire(desk: TelegramDesk, terms: str, expected: str) -> None:
    user = await desk.user(7)
    assert expected in (await user.ask(f"/buy BTC/USDT 3 BTC limit 100 {terms}", "Minimum received")).text


async def test_a_post_only_order_that_would_take_is_warned_of_and_rejected_in_words(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    preview = await user.ask("/buy BTC/USDT 100 limit 101 post", "the venue would refuse it")
    await user.press(preview, "Confirm")
    await user.wait_for_message("Accepted", message_id=preview.message_id)
    await desk.work()
    rejected = await user.wait_for_message(regex="^⛔ Rejected", message_id=preview.message_id)
    assert "you asked for post only" in rejected.text


async def test_limit_asks_for_side_pair_size_and_price(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    asked = await user.ask("/limit", "What kind of limit order?")
    await user.press(asked, "Buy")
    asked = await user.wait_for_message("which pair", message_id=asked.message_id)
    await user.press(asked, "BTC/USDT")
    asked = await user.wait_for_message("Available: 10,000 USDT", message_id=asked.message_id)
    await user.press(asked, "100 USDT")
    asked = await user.wait_for_message("The best offer is 100 USDT", message_id=asked.message_id)
    assert "/limit buy BTC/USDT 100 99.9" in asked.text
    await user.press(asked, "95 (−5 %)")
    preview = await user.wait_for_message("Minimum received", message_id=asked.message_id)
    assert "Limit 95 USDT" in preview.text
    await user.press(preview, "Confirm")
    await user.wait_for_message("Accepted", message_id=preview.message_id)
    await desk.work()
    await user.wait_for_message("Working at paper", message_id=preview.message_id)


async def test_limit_for_a_sell_asks_for_a_share_and_a_price_above(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    asked = await user.ask("/limit sell btc", "sell how much of BTC/USDT")
    await user.press(asked, "50 %")
    asked = await user.wait_for_message("The best bid is 90 USDT", message_id=asked.message_id)
    assert "/limit sell BTC/USDT 50% 90.09" in asked.text
    await user.press(asked, "99 (+10 %)")
    await user.wait_for_message("you have no BTC", message_id=asked.message_id)
    assert "DOGE is not traded here" in (await user.ask("/limit doge", "not traded here")).text
    assert await user.ask("/limit btc 1 eur", "EUR is neither")
