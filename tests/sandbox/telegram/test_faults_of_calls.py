"""Calls that fail on demand, before or after they acted."""

from __future__ import annotations

import pytest
from telegram import Bot
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter

from sandbox.telegram.client import SandboxRefused, TelegramSandbox


async def test_refused_calls_do_nothing(bot: Bot, sandbox: TelegramSandbox):
    await sandbox.fail("sendMessage", 429, retry_after=3)
    await sandbox.fail("sendMessage", 403)
    await sandbox.fail("sendMessage", 400, description="Bad Request: sick")
    await sandbox.fail("sendMessage", 500)
    for expected in (RetryAfter, Forbidden, BadRequest, NetworkError):
        with pytest.raises(expected):
            await bot.send_message(7, "x")
    assert await sandbox.user(7).chat() == []
    assert await bot.send_message(7, "well again")
    assert (await sandbox.counts())["fault"] == 4


@pytest.mark.parametrize("options", [{"after_acting": True}, {"after_acting": True, "lose_answer": True}])
async def test_an_answer_can_be_lost_after_the_message_was_sent(bot: Bot, sandbox: TelegramSandbox, options: dict[str, bool]):
    await sandbox.fail("sendMessage", 500, **options)
    with pytest.raises(NetworkError):
        await bot.send_message(7, "was sent")
    assert [message.text for message in await sandbox.user(7).chat()] == ["was sent"]


async def test_a_fault_can_be_meant_for_one_chat_and_be_taken_back(bot: Bot, sandbox: TelegramSandbox):
    await sandbox.fail("sendMessage", 403, 10, chat_id=8)
    assert await bot.send_message(7, "fine")
    with pytest.raises(Forbidden):
        await bot.send_message(8, "not fine")
    await sandbox.clear_faults()
    assert await bot.send_message(8, "fine")
    with pytest.raises(SandboxRefused, match="unknown fault earthquake"):
        await sandbox.fault("earthquake")
