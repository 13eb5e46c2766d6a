"""What Telegram shows about the bot: commands, descriptions, menu button, in every language there is. Called once at the start.

What Telegram refuses or cannot take now is logged and left: a desk trades without a description too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from telegram import Bot, BotCommand, BotCommandScopeChat, MenuButtonCommands
from telegram.error import TelegramError

from bot.catalog import DEFAULT_LANGUAGE, Catalog
from bot.context import reading
from bot.guards import commands_of
from bot.shards import DATABASE_TROUBLE
from core.config.logging import get_logger
from core.db.pool import Pool
from core.users import service as users

log = get_logger()

LISTED = (
    "start",
    "buy",
    "sell",
    "limit",
    "portfolio",
    "positions",
    "history",
    "orders",
    "why",
    "alerts",
    "settings",
    "status",
    "about",
    "help",
)
"""Commands in Telegram's list; those of operators are not shown to everybody."""


STAFF_EVERY_S = 30.0


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


class StaffMenus:
    """Lists the operators' commands in the private chats of those who may use them, and for nobody else."""

    def __init__(self, bot: Bot, catalog: Catalog, pool: Pool) -> None:
        self._bot = bot
        self._catalog = catalog
        self._pool = pool
        self._set: dict[int, tuple[str, ...]] = {}

    async def run(self) -> None:
        """Looks every half minute who has which role; until canceled."""
        while True:
            try:
                await self.look()
            except DATABASE_TROUBLE as error:
                log.warning("staff_not_read", error=type(error).__name__)
            await asyncio.sleep(STAFF_EVERY_S)

    async def look(self) -> None:
        """Sets what changed since the last look, and takes away what a role no longer has."""
        async with reading(self._pool) as uow:
            staff = await users.staff(uow)
        wanted = {one.private_chat_id: (one.language, *commands_of(one)) for one in staff}
        for chat_id, (language, *names) in wanted.items():
            if self._set.get(chat_id) != (language, *names):
                texts = self._catalog.texts(language)
                commands = [BotCommand(name, str(texts(f"command-{name}"))) for name in (*LISTED, *names)]
                await _try(self._bot.set_my_commands(commands, scope=BotCommandScopeChat(chat_id)), "setMyCommands")
        for chat_id in self._set.keys() - wanted.keys():
            await _try(self._bot.delete_my_commands(scope=BotCommandScopeChat(chat_id)), "deleteMyCommands")
        self._set = wanted


async def _try(call: Awaitable[Any], method: str) -> None:
    try:
        await call
    except TelegramError as error:
        log.warning("profile_not_set", method=method, error=type(error).__name__)
