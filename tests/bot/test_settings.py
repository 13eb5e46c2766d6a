"""/settings in the chat: by words and by buttons, and what each change changes."""

from __future__ import annotations

import pytest

from sandbox.telegram.client import ChatMessage, SandboxUser
from tests.support.telegram_desk import TelegramDesk


async def open_section(user: SandboxUser, button: str) -> ChatMessage:
    overview = await user.ask("/settings", "Settings")
    await user.press(overview, button)
    return await user.wait_for_message(button="← Back", message_id=overview.message_id)


async def test_the_overview_shows_everything_and_each_button_opens_its_part(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    overview = await user.ask("/settings", "Settings")
    for words in (
        "Language: English",
        "Mode: paper",
        "Slippage: at most 1 %",
        "buy 50",
        "Ask before an order goes: on",
        "Quiet hours: none",
        "FIFO",
    ):
        assert words in overview.text
    for button in [each["text"] for each in overview.buttons]:
        section = await open_section(user, button)
        await user.press(section, "← Back")
        await user.wait_for_message("Settings", message_id=section.message_id)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("slippage 2.5%", "at most 2.5 %"),
        ("presets 20 $40 1k", "buy 20 · 40 · 1,000"),
        ("sell 10 90%", "sell 10 % · 90 %"),
        ("confirm off", "goes: off"),
        ("quiet 22:30-7 Europe/Berlin", "22:30–07:00 (Europe/Berlin)"),
        ("phrase seven green kites", "seven green kites"),
        ("lots hifo", "HIFO"),
        ("mode live", "Mode: live"),
        ("notify alert silent", "Alert: 🔕 silent"),
    ],
)
async def test_typed_changes_are_kept(desk: TelegramDesk, words: str, shown: str) -> None:
    user = await desk.user(7)
    await user.ask("/start", "Welcome")
    answer = await user.ask(f"/settings {words}")
    again = await user.ask(f"/settings {words.split(maxsplit=1)[0]}")
    for message in (answer, again):
        assert shown in message.text + " ".join(button["text"] for button in message.buttons)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("colour blue", "Example: /settings slippage 1%"),
        ("slippage much", "0.01% to 50%"),
        ("slippage 60%", "slippage is from 0.01 % to 50 %"),
        ("presets 1 2 3 4 5 6 7", "one to six"),
        ("sell 33.3", "whole percentages"),
        ("quiet 25-7", "/settings quiet 22:00-07:00"),
        ("quiet 22-7 Mars/Olympus", "no timezone called Mars/Olympus"),
        ("phrase ab", "4 to 40 characters"),
        ("language xx", "not there yet"),
        ("notify security off", "cannot be turned off"),
        ("digest maybe", "/settings digest on"),
    ],
)
async def test_what_is_not_understood_gets_one_line_and_changes_nothing(desk: TelegramDesk, words: str, line: str) -> None:
    user = await desk.user(7)
    before = (await user.ask("/settings", "Settings")).text
    await user.ask(f"/settings {words}", line)
    assert (await user.ask("/settings", "Settings")).text == before


async def test_an_event_is_cycled_by_its_button(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    section = await open_section(user, "🔔 Notifications")
    for label in ("Alert: 🔔 on", "Alert: 🔕 silent", "Alert: ✖️ off"):
        section = await user.wait_for_message(button=label, message_id=section.message_id)
        await user.press(section, label)
    await user.wait_for_message(button="Alert: 🔔 on", message_id=section.message_id)


async def test_the_phrase_stands_in_messages_about_money_only(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await user.ask("/settings phrase seven <green> kites", "seven <green> kites")
    preview = await user.ask("/buy BTC/USDT 100", "Minimum received")
    assert preview.text.startswith("🔑 seven <green> kites")
    assert "kites" not in (await user.ask("/help", "Buy")).text
    other = await desk.user(8)
    assert "🔑" not in (await other.ask("/buy BTC/USDT 100", "Minimum received")).text


async def test_about_says_which_build_answers(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    answer = await user.ask("/about", "Strongroom 0.1.0")
    assert "runs from its source" in answer.text
