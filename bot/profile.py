"""What Telegram shows about the bot: commands, descriptions, menu button, in every language there is. Called once at the start.

What Telegram refuses or cannot take now is logged and left: a desk trades without a description too.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from telegram import Bot, BotCommand, MenuButtonCommands
from telegram.error import TelegramError

from bot.catalog import DEFAULT_LANGUAGE, Catalog
from core.config.logging import get_logger

log = get_logger()

LISTED = ("start", "buy", "sell", "portfolio", "positions", "history", "orders", "why", "alerts", "settings", "status", "about", "help")
"""Commands in Telegram's list; those of operators are not shown to everybody."""


async def introduce(bot: Bot, catalog: Catalog) -> None:
    """Sets everything, per language; the default language without a code."""
    for language in catalog.languages:
        texts = catalog.texts(language)
        code = "" if language == DEFAULT_LANGUAGE else language
        commands = [BotCommand(name, str(texts(f"command-{name}"))) for name in LISTED]
        await _try(bot.set_my_commands(commands, language_code=code), "setMyCommands")
        await _try(bot.set_my_description(str(texts("description")), language_code=code), "setMyDescription")
        await _try(bot.set_my_short_description(str(texts("short-description")), language_code=code), "setMyShortDescription")
    await _try(bot.set_chat_menu_button(menu_button=MenuButtonCommands()), "setChatMenuButton")


async def _try(call: Awaitable[Any], method: str) -> None:
    try:
        await call
    except TelegramError as error:
        log.warning("profile_not_set", method=method, error=type(error).__name__)
