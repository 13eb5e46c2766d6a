"""The owner's anti-phishing phrase in messages about money: a message without it is not from us. Called by the sender.

Read at sending, never kept in a chat row; remembered for ten seconds, so that one chat's messages ask once.
"""

from __future__ import annotations

import time
from dataclasses import replace

from bot.catalog import Texts
from bot.context import reading
from bot.screens.rendered import Rendered
from core.db.pool import Pool
from core.users.settings import phrase_of_chat

SENSITIVE = frozenset(
    {"broadcast", "start", "preview", "order", "settings", "portfolio", "positions", "conditional", "conditional_preview"}
)
"""Screens about money, or that ask for something."""

KEPT_S = 10.0
MOST_KEPT = 10_000


class Phrases:
    """Reads phrases of private chats."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._kept: dict[int, tuple[float, str]] = {}

    async def signed(self, rendered: Rendered, screen: str, chat_id: int, texts: Texts) -> Rendered:
        """The message with its owner's phrase above it, where it is a sensitive one and he chose a phrase."""
        phrase = await self._phrase(chat_id) if screen in SENSITIVE and chat_id > 0 else ""
        return replace(rendered, text=f"{texts('phrase-line', phrase=phrase)}\n{rendered.text}") if phrase else rendered

    async def _phrase(self, chat_id: int) -> str:
        now = time.monotonic()
        kept = self._kept.get(chat_id)
        if kept is not None and kept[0] > now:
            return kept[1]
        async with reading(self._pool) as uow:
            phrase = await phrase_of_chat(uow, chat_id)
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[chat_id] = (now + KEPT_S, phrase)
        return phrase

    def forget(self, chat_id: int) -> None:
        """The next message asks anew."""
        self._kept.pop(chat_id, None)
