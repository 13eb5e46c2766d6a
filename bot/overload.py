"""When there is too much: what is taken, and what gets one honest line instead. Asked by the dispatcher for everything but exits.

Two bounds, both from the settings. Of one sender: so many messages within a window; the first ones are taken, the rest are told 'too
busy, nothing happened'. In all: what has waited too long in the inbox is told so too, whoever sent it, because what was asked long ago
is no longer what is wanted; that drains any backlog at the speed of saying no. Exits (`bot/guards.py`) are never asked about here.
Kept in memory: a sender's shard belongs to one process at a time.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

Verdict = Literal["", "late", "burst"]
MOST_SENDERS = 10_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """At most `burst` messages of one sender within `window`; none older than `oldest`."""

    oldest: timedelta = timedelta(seconds=30)
    burst: int = 30
    window: timedelta = timedelta(seconds=10)


@dataclass(slots=True)
class _Refusals:
    """The one message that tells a sender how many of theirs were refused."""

    key: str
    since: float
    count: int = 0


@dataclass(slots=True)
class Overload:
    """What was taken and refused lately, by sender."""

    bounds: Bounds = field(default_factory=Bounds)
    clock: Callable[[], float] = time.monotonic
    _taken: dict[int, deque[float]] = field(default_factory=dict)
    _refused: dict[tuple[int, str], _Refusals] = field(default_factory=dict)

    def verdict(self, sender_id: int, age: timedelta) -> Verdict:
        """'' and counted as taken, or why it is not taken."""
        if age > self.bounds.oldest:
            return "late"
        now = self.clock()
        if len(self._taken) > MOST_SENDERS:
            self._forget(now)
        taken = self._taken.setdefault(sender_id, deque())
        while taken and taken[0] <= now - self.bounds.window.total_seconds():
            taken.popleft()
        if len(taken) >= self.bounds.burst:
            return "burst"
        taken.append(now)
        return ""

    def refuse(self, sender_id: int, why: str, row_id: int) -> tuple[str, int]:
        """Counts a refusal: the key of the message that tells it, and how many it tells of. One message a sender and window."""
        now = self.clock()
        if len(self._refused) > MOST_SENDERS:
            self._forget(now)
        known = self._refused.get((sender_id, why))
        if known is None or now - known.since > self.bounds.window.total_seconds():
            known = self._refused[sender_id, why] = _Refusals(f"busy:{row_id}", now)
        known.count += 1
        return known.key, known.count

    def _forget(self, now: float) -> None:
        since = now - self.bounds.window.total_seconds()
        self._taken = {sender: times for sender, times in self._taken.items() if times and times[-1] > since}
        self._refused = {who: one for who, one in self._refused.items() if one.since > since}
