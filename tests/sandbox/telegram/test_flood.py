"""Telegram's flood limits: refused with retry_after, counted, and lifted only when asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot
from telegram.error import RetryAfter

from sandbox.telegram.client import TelegramSandbox
from sandbox.telegram.limits import FloodControl
from sandbox.telegram.settings import FloodLimits


async def test_the_fourth_message_at_once_into_a_chat_is_refused_and_counted(bot: Bot, sandbox: TelegramSandbox):
    for number in range(3):
        await bot.send_message(7, f"{number}")
    with pytest.raises(RetryAfter) as refused:
        await bot.send_message(7, "too much")
    assert int(refused.value._retry_after.total_seconds()) == 1
    assert await bot.send_message(8, "another chat is free")
    assert (await sandbox.counts())["flood_violations"] == 1
    violation = (await sandbox.journal(kind="flood_violation"))[0]
    assert (violation["data"]["counted_as"], violation["chat_id"]) == ("send", 7)
    assert len(await sandbox.user(7).chat()) == 3


async def test_edits_count_and_are_recorded_as_edits(bot: Bot, sandbox: TelegramSandbox):
    sent = await bot.send_message(7, "0")
    await bot.edit_message_text("1", 7, sent.message_id)
    await bot.edit_message_text("2", 7, sent.message_id)
    with pytest.raises(RetryAfter):
        await bot.edit_message_text("3", 7, sent.message_id)
    assert (await sandbox.journal(kind="flood_violation"))[0]["data"]["counted_as"] == "edit"
    assert (await sandbox.counts())["edit"] == 2


async def test_edits_can_be_left_out_of_the_limits(bot: Bot, sandbox: TelegramSandbox):
    await sandbox.limits(edits_counted=False)
    sent = await bot.send_message(7, "0")
    for number in range(1, 6):
        await bot.edit_message_text(f"{number}", 7, sent.message_id)
    assert (await sandbox.counts())["flood_violations"] == 0


async def test_refused_calls_answers_to_taps_and_the_typing_line_cost_nothing(bot: Bot, sandbox: TelegramSandbox):
    for _ in range(10):
        await bot.send_chat_action(7, "typing")
    for number in range(3):
        await bot.send_message(7, f"{number}")
    await sandbox.advance(1)
    assert await bot.send_message(7, "a second later")


async def test_lifted_limits_let_everything_through(bot: Bot, sandbox: TelegramSandbox):
    await sandbox.limits(enabled=False)
    for number in range(40):
        await bot.send_message(7, f"{number}")
    assert (await sandbox.counts())["flood_violations"] == 0


@given(st.lists(st.floats(min_value=0, max_value=3), min_size=1, max_size=60), st.booleans())
def test_no_window_lets_more_through_than_rate_and_burst_allow(gaps: list[float], group: bool):
    limits = FloodLimits()
    control = FloodControl(limits)
    now, passed = 0.0, []
    for gap in gaps:
        now += gap
        if control.retry_after(now, 1, -5 if group else 5, edit=False) == 0:
            passed.append(now)
    rate, burst = (limits.group_per_minute / 60, limits.group_burst) if group else (limits.chat_per_second, limits.chat_burst)
    for start in range(len(passed)):
        for end in range(start, len(passed)):
            assert end - start + 1 <= burst + (passed[end] - passed[start]) * rate + 1e-6


def test_the_whole_bot_is_limited_to_thirty_at_once():
    control = FloodControl(FloodLimits())
    answers = [control.retry_after(0.0, 1, chat, edit=False) for chat in range(1, 40)]
    assert answers.count(0) == 30
    assert control.retry_after(0.0, 2, 1, edit=False) == 0


def test_waiting_as_long_as_told_is_enough():
    control = FloodControl(FloodLimits())
    waits = [control.retry_after(0.0, 1, -5, edit=False) for _ in range(21)]
    assert waits[:20] == [0] * 20
    assert control.retry_after(float(waits[20]), 1, -5, edit=False) == 0
