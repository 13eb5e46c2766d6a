"""`python -m tests.support.blind MODULE`: runs a process of ours that does not notice that time has passed.

A process looks at its own clock, too, before it writes under a lease. That is a courtesy, not a proof: this one goes on writing as if it
were still the holder, until the fence refuses it. Its clock is an hour ahead of everybody else's.
"""

from __future__ import annotations

import math
import runpy
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import bot.shards
from bot.shards import ShardKeeper
from core.db import leases
from core.kernel.clock import SystemClock
from tests.planted.registry import plant_from_environment
from workers.streams.service import PriceStream


def blindfold() -> None:
    """Nothing in this process ends by its own clock, and nobody tells it that its lease went: a bot believes it the third time."""
    honest, heard = ShardKeeper._renew, Counter[tuple[str, int]]()

    async def believe(keeper: ShardKeeper, group: int, lease: leases.Lease) -> None:
        if not await leases.renew(keeper._pool, lease):
            heard[lease.name, lease.token] += 1
        if heard[lease.name, lease.token] not in (1, 2):
            await honest(keeper, group, lease)

    async def renew(stream: Any, lease: Any) -> None:
        await leases.renew(stream._parts.pool, lease)
        stream._valid_until = math.inf

    def ahead(_clock: SystemClock) -> datetime:
        return datetime.now(UTC) + timedelta(hours=1)

    bot.shards.time = SimpleNamespace(monotonic=lambda: 0.0)  # type: ignore[assignment,attr-defined]
    ShardKeeper._renew = believe  # type: ignore[method-assign,assignment]
    PriceStream._renew = renew  # type: ignore[method-assign,assignment]
    SystemClock.now = ahead  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    blindfold()
    plant_from_environment()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
