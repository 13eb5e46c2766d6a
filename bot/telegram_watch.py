"""Whether Telegram works for this process, as its heartbeat tells `/health`. Told by poller and sender; decides nothing else. No I/O."""

from __future__ import annotations

import time
from collections.abc import Callable

LONGEST_SILENCE_S = 40.0
"""A long poll is answered within 25 s; fifteen more are bad luck."""
FAILURES_IN_A_ROW = 3
FAILURE_COUNTS_S = 60.0


class TelegramWatch:
    """`state` is `open` (as a breaker: not working) or `closed`. `now` in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._polled: float | None = None
        self._failures = 0
        self._failed_at = 0.0

    def polling(self, polls: bool) -> None:
        """This process begins or ends to poll; who does not poll waits for no answer."""
        self._polled = self._now() if polls else None

    def polled(self) -> None:
        """getUpdates was answered."""
        if self._polled is not None:
            self._polled = self._now()

    def sent(self) -> None:
        """Telegram took, or refused for good, what was sent."""
        self._failures = 0

    def not_sent(self) -> None:
        """Telegram could not be reached, or could not do its part."""
        self._failures += 1
        self._failed_at = self._now()

    @property
    def state(self) -> str:
        """`open` when polls stay without answer, or sends have failed several times in a row lately."""
        now = self._now()
        silent = self._polled is not None and now - self._polled > LONGEST_SILENCE_S
        failing = self._failures >= FAILURES_IN_A_ROW and now - self._failed_at < FAILURE_COUNTS_S
        return "open" if silent or failing else "closed"
