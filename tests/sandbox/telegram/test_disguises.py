"""The other ways in which words reach a bot carry what Telegram puts into them."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Bot

from sandbox.telegram.client import SandboxRefused, TelegramSandbox
from sandbox.telegram.disguises import DISGUISES

GROUP = -100321


async def test_every_disguise_arrives_as_its_kind_of_update(bot: Bot, sandbox: TelegramSandbox) -> None:
    await sandbox.add_group(GROUP, "Friends", [7, 42], kind="group")
    for name in DISGUISES:
        await sandbox.user(7).speak("/portfolio", name, chat=GROUP)
    updates: Any = await bot.get_updates()
    assert len(updates) == len(DISGUISES)
    for update, (name, disguise) in zip(updates, DISGUISES.items(), strict=True):
        message = getattr(update, disguise.update)
        assert message.text == "/portfolio", name
        assert message.entities[0].type == "bot_command"
    by_name: dict[str, Any] = dict(zip(DISGUISES, updates, strict=True))
    assert by_name["forwarded"].message.forward_origin.sender_user.first_name == "Mallory"
    assert by_name["via_bot"].message.via_bot.is_bot
    assert by_name["anonymous_admin"].message.from_user.username == "GroupAnonymousBot"
    assert by_name["anonymous_admin"].message.sender_chat.id == GROUP
    assert by_name["linked_channel"].message.is_automatic_forward
    assert by_name["channel_post"].channel_post.from_user is None
    assert by_name["plain"].message.chat.type == "group"


async def test_inline_queries_and_taps_name_no_chat(bot: Bot, sandbox: TelegramSandbox) -> None:
    await sandbox.user(7).ask_inline("portfolio")
    await sandbox.user(7).tap_inline("x")
    asked, chosen, tapped = await bot.get_updates()
    assert asked.inline_query is not None
    assert chosen.chosen_inline_result is not None
    assert tapped.callback_query is not None
    assert tapped.callback_query.message is None
    assert await bot.answer_callback_query(tapped.callback_query.id)


async def test_an_unknown_disguise_is_refused(sandbox: TelegramSandbox, bot: Bot) -> None:
    with pytest.raises(SandboxRefused, match="there is no disguise"):
        await sandbox.user(7).speak("x", "moustache")
