"""Telegram's flood limits as token buckets. Pure arithmetic on given times; used just before a message is written.

Sends and edits draw from the same buckets (an edit costs Telegram as much as a message) and are counted apart. Answers to callback queries
cost nothing. A refused call takes no token.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sandbox.telegram.settings import FloodLimits


@dataclass
class Bucket:
    """`rate` tokens a second up to `size`; `tokens` as of `at` (seconds)."""

    rate: float
    size: float
    tokens: float
    at: float

    def wait(self, now: float) -> float:
        """Seconds until a whole token is there; 0 when it is."""
        self.tokens = min(self.size, self.tokens + max(0.0, now - self.at) * self.rate)
        self.at = now
        return 0.0 if self.tokens >= 1.0 - 1e-9 else (1.0 - self.tokens) / self.rate


class FloodControl:
    """The buckets of every bot and chat, in memory: a restarted sandbox starts with full ones."""

    def __init__(self, limits: FloodLimits) -> None:
        self.limits = limits
        self._buckets: dict[tuple[int, int], Bucket] = {}

    def change(self, limits: FloodLimits) -> None:
        """Other limits from now on, with full buckets."""
        self.limits = limits
        self._buckets.clear()

    def retry_after(self, now: float, bot_id: int, chat_id: int, *, edit: bool) -> int:
        """0 and a token taken from each bucket, or the whole seconds to wait and nothing taken."""
        if not self.limits.enabled or (edit and not self.limits.edits_counted):
            return 0
        buckets = [self._bot(bot_id, now), self._chat(bot_id, chat_id, now)]
        longest = max(bucket.wait(now) for bucket in buckets)
        if longest > 0:
            return max(1, math.ceil(longest))
        for bucket in buckets:
            bucket.tokens -= 1
        return 0

    def _bot(self, bot_id: int, now: float) -> Bucket:
        limits = self.limits
        fresh = Bucket(limits.bot_per_second, limits.bot_burst, limits.bot_burst, now)
        return self._buckets.setdefault((bot_id, 0), fresh)

    def _chat(self, bot_id: int, chat_id: int, now: float) -> Bucket:
        limits = self.limits
        rate, burst = (limits.group_per_minute / 60, limits.group_burst) if chat_id < 0 else (limits.chat_per_second, limits.chat_burst)
        return self._buckets.setdefault((bot_id, chat_id), Bucket(rate, burst, burst, now))
