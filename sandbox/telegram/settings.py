"""Settings of the Telegram sandbox: plain values handed in by whoever starts it. Nothing here reads the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class FloodLimits:
    """Telegram's flood limits as token buckets: rate in messages a second, `burst` messages at once.

    `chat_burst` is the short window over which "one a second" is averaged: 3 tolerates jitter and a quick correction, and still
    refuses the fourth message within three seconds. `enabled=False` lifts everything, for benches only.
    """

    enabled: bool = True
    bot_per_second: float = 30.0
    bot_burst: int = 30
    chat_per_second: float = 1.0
    chat_burst: int = 3
    group_per_minute: float = 20.0
    group_burst: int = 20
    edits_counted: bool = True


@dataclass(frozen=True)
class SandboxSettings:
    """Everything that can be chosen at the start; durations in seconds."""

    strict: bool = True
    limits: FloodLimits = field(default_factory=FloodLimits)
    callback_ttl_s: float = 60.0
    long_poll_max_s: float = 50.0
    webhook_timeout_s: float = 20.0
    webhook_backoff_s: float = 0.5
    webhook_backoff_max_s: float = 30.0
    api_spec: Path | None = None
    bot_name: str = "Strongroom"
