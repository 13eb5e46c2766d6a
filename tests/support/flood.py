"""Telegram's flood limits without its HTTP: a stand-in for the bot library that enforces them as the sandbox does, and counts.

The same buckets as `sandbox/telegram` (`FloodControl`), in this process, so that a hundred thousand messages take minutes: the rate of
the whole bot is scaled up, that of a chat stays. What it refuses it refuses as Telegram does, with `retry_after`.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from telegram.error import RetryAfter

from sandbox.telegram.limits import FloodControl
from sandbox.telegram.settings import FloodLimits


@dataclass
class CountingTelegram:
    """Takes messages: `order` is (chat, text) as they arrived, `refused` how often a limit was broken."""

    per_second: int
    order: list[tuple[int, str]] = field(default_factory=list)
    refused: int = 0
    by_chat: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.flood = FloodControl(FloodLimits(bot_per_second=self.per_second, bot_burst=self.per_second))

    async def send_message(self, chat_id: int, text: str, **_: Any) -> SimpleNamespace:
        """A new message, or RetryAfter."""
        wait = self.flood.retry_after(time.monotonic(), 1, chat_id, edit=False)
        if wait:
            self.refused += 1
            raise RetryAfter(wait)
        self.order.append((chat_id, text))
        self.by_chat[chat_id] += 1
        return SimpleNamespace(message_id=len(self.order))


class AllShards:
    """A shard keeper over everything, with a lease that lives in the database."""

    def __init__(self, lease: Any, owned: tuple[int, ...]) -> None:
        self._lease, self._owned, self.processes = lease, owned, 1

    def owned(self) -> tuple[int, ...]:
        return self._owned

    def lease_of_chat(self, _chat_id: int) -> Any:
        return self._lease
