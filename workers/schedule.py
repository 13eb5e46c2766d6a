"""What beat sends and when, and a scheduler that survives a flushed Valkey. Called by `workers/app.py`.

redbeat keeps its schedule and its lock in Valkey. When they are gone, ours takes the lock again and writes the schedule anew; while
another beat holds the lock, ours waits.
"""

from __future__ import annotations

import time
from typing import Any

from redbeat import RedBeatScheduler
from redbeat.schedulers import LUA_EXTEND_TO_SCRIPT, get_redis
from redis.exceptions import LockError, RedisError

from core.config.logging import get_logger

RECONCILE_EVERY_S = 2
PRUNE_EVERY_S = 3_600
SNAPSHOT_EVERY_S = 60
ALERTS_EVERY_S = 2
DIGESTS_EVERY_S = 60
BROADCASTS_EVERY_S = 2
SCHEDULE: dict[str, dict[str, Any]] = {
    "reconcile": {
        "task": "trading.reconcile",
        "schedule": float(RECONCILE_EVERY_S),
        "options": {"queue": "trade", "expires": RECONCILE_EVERY_S},
    },
    "alerts": {
        "task": "alerts.evaluate",
        "schedule": float(ALERTS_EVERY_S),
        "options": {"queue": "trade", "expires": ALERTS_EVERY_S},
    },
    "digests": {
        "task": "notifications.digests",
        "schedule": float(DIGESTS_EVERY_S),
        "options": {"queue": "trade", "expires": DIGESTS_EVERY_S},
    },
    "broadcasts": {
        "task": "broadcasts.advance",
        "schedule": float(BROADCASTS_EVERY_S),
        "options": {"queue": "trade", "expires": BROADCASTS_EVERY_S},
    },
    "snapshot": {
        "task": "portfolio.snapshot",
        "schedule": float(SNAPSHOT_EVERY_S),
        "options": {"queue": "trade", "expires": SNAPSHOT_EVERY_S},
    },
    "prune": {
        "task": "housekeeping.prune",
        "schedule": float(PRUNE_EVERY_S),
        "options": {"queue": "trade", "expires": PRUNE_EVERY_S},
    },
}
AGAIN_S = 1.0
_log = get_logger()


class Ticks:
    """When the scheduler last did its work, for the heartbeat."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def mark(self) -> None:
        """Now."""
        self._last = time.monotonic()

    def age_s(self) -> int:
        """Whole seconds since."""
        return int(time.monotonic() - self._last)


class DeskScheduler(RedBeatScheduler):  # type: ignore[misc]
    """redbeat's, but losing the lock or Valkey is no reason to end."""

    lock: Any = None

    def tick(self, *arguments: Any, **options: Any) -> float:
        """Sends what is due. Seconds until the next call."""
        try:
            if self.lock is None and not self._take_lock():
                return AGAIN_S
            pause = float(super().tick(*arguments, **options))
        except LockError:
            _log.warning("beat_lock_lost")
            self.lock = None
            return 0
        except (RedisError, OSError) as error:
            _log.warning("valkey_unavailable", error=type(error).__name__)
            return AGAIN_S
        self.app.desk_ticks.mark()
        return pause

    def _take_lock(self) -> bool:
        """Takes the lock if it is free, and writes the schedule where it is gone."""
        client = get_redis(self.app)
        lock = client.lock(self.lock_key, timeout=self.lock_timeout)
        lock.lua_extend = client.register_script(LUA_EXTEND_TO_SCRIPT)
        if not lock.acquire(blocking=False):
            return False
        self.lock = lock
        self.setup_schedule()
        return True
