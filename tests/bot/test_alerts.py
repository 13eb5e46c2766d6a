"""/alerts in the chat: armed by words and buttons, listed with the last look, taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.alerts.service import AlertService
from core.bootstrap.heralds import AlertHerald
from core.kernel.clock import SystemClock
from tests.support.telegram_desk import TelegramDesk


async def evaluate(desk: TelegramDesk) -> int:
    return await AlertService(desk.pool, desk.books, SystemClock(), AlertHerald(), timedelta(minutes=1)).evaluate()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("BTC/USDT 120", "BTC/USDT at or above 120 USDT"),
        ("btc 80", "BTC/USDT at or below 80 USDT"),
        ("BTC > 120", "at or above 120"),
        ("BTC/USDT below $80", "at or below 80"),
        ("BTC move 5%", "moves by 5 % or more within 1 hour"),
        ("BTC move 0.5% 5m", "moves by 0.5 % or more within 5 minutes"),
        ("BTC volume 3x", "trades 3 times the usual volume within 1 hour"),
    ],
)
async def test_words_arm_an_alert(desk: TelegramDesk, words: str, said: str) -> None:
    user = await desk.user(7)
    assert said in (await user.ask(f"/alerts {words}", "Alert is on")).text


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("BTC above", "Example: /alerts BTC/USDT 70000"),
        ("BTC above 1e5", "Example: /alerts BTC/USDT 70000"),
        ("BTC move 5", "Example: /alerts"),
        ("BTC move 5% 7d", "Example: /alerts"),
        ("BTC volume 1x", "out of range"),
        ("BTC above 50", "is true already"),
        ("DOGE/USDT 1", "DOGE/USDT is not traded here"),
    ],
)
async def test_what_is_no_alert_gets_one_line(desk: TelegramDesk, words: str, line: str) -> None:
    user = await desk.user(7)
    await user.ask(f"/alerts {words}", line)
    assert await desk.pool.fetchval("select count(*) from alerts") == 0


async def test_offered_listed_looked_at_told_and_taken_back(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    assert "No alerts yet" in (await user.ask("/alerts", "Examples")).text
    offer = await user.ask("/alerts BTC", "What shall I tell you of")
    assert len(offer.buttons) == 6
    await user.press(offer, offer.buttons[0]["text"])
    await user.wait_for_message("Alert is on", message_id=offer.message_id)
    await user.ask("/alerts BTC move 5% 1h", "Alert is on")
    assert await evaluate(desk) == 0
    listed = await user.ask("/alerts", "last looked")
    assert "1. BTC/USDT at or above" in listed.text
    await user.press(listed, "✖️ 2")
    await user.wait_for_message(regex="(?s)Alerts.*1\\. (?!.*2\\. )", message_id=listed.message_id)
    await desk.set_book([(200, 1)], [(199, 1)])
    assert await evaluate(desk) == 1
    fired = await user.wait_for_message(regex="^🔔 BTC/USDT at or above")
    assert "test book" in fired.text
