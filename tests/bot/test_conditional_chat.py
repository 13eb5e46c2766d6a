"""Conditional orders in the chat: armed by a button, listed, canceled, fired, explained by /why; against the Telegram sandbox."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.kernel.clock import SystemClock
from core.strategies.context import StrategyLimits
from core.strategies.evaluator import Evaluator
from core.strategies.service import ConditionalService
from sandbox.telegram.client import SandboxUser
from tests.bot.test_chat import buy
from tests.support.telegram_desk import TelegramDesk


@pytest.fixture
async def evaluator(desk: TelegramDesk) -> Evaluator:
    """What the streams do, by hand."""
    limits = StrategyLimits(price_max_age=timedelta(seconds=60))
    service = ConditionalService(pool=desk.pool, trading=desk.worker, books=desk.books, clock=SystemClock(), settings=limits)
    return service.evaluator()


async def holder(desk: TelegramDesk) -> SandboxUser:
    """Somebody with about 1 BTC bought at 100."""
    user = await desk.user(7)
    await buy(desk, user)
    await desk.set_book(asks=[(101, 50)], bids=[(100, 50)])
    return user


async def arm(user: SandboxUser, words: str) -> str:
    """Asks, confirms, and gives the code of what is armed."""
    asked = await user.ask(words, "Nothing is held")
    await user.press(asked, "Confirm")
    armed = await user.wait_for_message("armed:", message_id=asked.message_id)
    return str(armed.buttons[0]["text"]).removeprefix("Cancel ")


async def turn(desk: TelegramDesk, evaluator: Evaluator) -> None:
    await evaluator.load()
    await evaluator.evaluate(["BTC/USDT"])
    await desk.work()
    await evaluator.follow()
    await evaluator.keep_evaluations()


async def test_a_stop_is_asked_about_armed_listed_and_fired(desk: TelegramDesk, evaluator: Evaluator) -> None:
    user = await holder(desk)
    asked = await user.ask("/sell BTC/USDT 50% stop 90", "Nothing is held")
    assert asked.text.startswith("❓ Stop: sell 50 % of your BTC on BTC/USDT?")
    assert "stop at 90 USDT" in asked.text
    assert "the bids give 100 USDT on average" in asked.text
    await user.press(asked, "Confirm")
    armed = await user.wait_for_message("⏳ Stop armed", message_id=asked.message_id)
    code = armed.buttons[0]["text"].removeprefix("Cancel ")
    listed = await user.ask("/orders", "Armed: triggered by the book")
    assert f"{code} Stop BTC/USDT · armed · stop at 90 USDT" in listed.text

    await desk.set_book(asks=[(81, 50)], bids=[(80, 50)])
    await turn(desk, evaluator)

    await user.wait_for_message("✅ Stop done", message_id=asked.message_id)
    await user.wait_for_message(regex="^✅ Sold")


async def test_why_explains_silence_and_every_step(desk: TelegramDesk, evaluator: Evaluator) -> None:
    user = await holder(desk)
    code = await arm(user, "/sell BTC/USDT 50% trail 10%")
    await turn(desk, evaluator)

    silence = await user.ask(f"/why {code}", "to go")
    assert "the bids give 100 USDT on average" in silence.text
    assert "trigger 90 USDT, +10 % to go" in silence.text
    every = await user.ask("/why", "🔎 Why")
    assert code in every.text
    await desk.set_book(asks=[(90, 50)], bids=[(89, 50)])
    await turn(desk, evaluator)
    told = await user.ask(f"/why {code}", "Trailing stop done")
    assert "triggered: yes (price 89 · trigger 90" in told.text
    await user.ask("/why 00000000", "no order with the code")


async def test_why_of_an_order_shows_its_checks(desk: TelegramDesk, evaluator: Evaluator) -> None:
    user = await holder(desk)
    order = await desk.pool.fetchval("select right(replace(id::text, '-', ''), 8) from orders limit 1")
    told = await user.ask(f"/why {order}", "Every step")
    assert "kill switch: yes" in told.text
    assert "filled" in told.text


async def test_a_cancel_button_takes_it_back(desk: TelegramDesk, evaluator: Evaluator) -> None:
    user = await holder(desk)
    await arm(user, "/sell BTC/USDT 50% oco 150/80")
    listed = await user.ask("/orders", "Armed: triggered by the book")
    assert "take profit at 150 USDT · stop at 80 USDT" in listed.text
    await user.press(listed, listed.buttons[0]["text"])
    await user.wait_for_message("✖️ One cancels the other canceled")


async def test_a_bracket_enters_and_protects(desk: TelegramDesk, evaluator: Evaluator) -> None:
    user = await holder(desk)
    asked = await user.ask("/buy BTC/USDT 100 bracket 150/80", "Nothing is held")
    assert asked.text.startswith("❓ Bracket: buy for 100 USDT on BTC/USDT?")
    await user.press(asked, "Confirm")
    await user.wait_for_message("Bracket at work", message_id=asked.message_id)
    await desk.work()
    await turn(desk, evaluator)
    await user.wait_for_message("Bracket armed", message_id=asked.message_id)


async def test_a_trigger_that_is_met_already_is_refused(desk: TelegramDesk, evaluator: Evaluator) -> None:
    user = await holder(desk)
    await user.ask("/sell BTC/USDT 50% stop 150", "would act at once")
    assert await desk.pool.fetchval("select count(*) from conditional_orders") == 0


async def test_what_cannot_be_armed_says_why(desk: TelegramDesk, evaluator: Evaluator) -> None:
    user = await desk.user(8)
    await user.ask("/sell BTC/USDT 50% stop 90", "you have no BTC")
    await user.ask("/sell BTC/USDT 50% stop", "Example: /sell BTC/USDT 50% stop 58000")
    await user.ask("/sell BTC/USDT $50 stop 90", "a quantity or a share")
