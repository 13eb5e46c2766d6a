"""`ops health`: the heartbeats of the processes. Reads only."""

from __future__ import annotations

from collections.abc import Sequence

from core.db.heartbeats import Heartbeat, all_beats
from core.db.unit_of_work import unit_of_work
from ops.desk import open_pool
from ops.output import Answer

SILENT_AFTER_S = 15.0


def health_answer(beats: Sequence[Heartbeat]) -> Answer:
    """A line a process; exit code 1 when any is silent, degraded or missing altogether."""
    states = {beat.process: "silent" if beat.age_s > SILENT_AFTER_S else beat.state for beat in beats}
    lines = [f"{b.process}  {states[b.process]}  pid {b.pid}  last heard {b.age_s:.1f} s ago" for b in beats] or [
        "no process has been heard"
    ]
    data = [
        {"process": b.process, "state": states[b.process], "pid": b.pid, "age_s": round(b.age_s, 3), "details": dict(b.details)}
        for b in beats
    ]
    bad = [process for process, state in states.items() if state != "ok"]
    return Answer(lines, data, 1 if bad or not beats else 0, f"not well: {', '.join(bad)}" if bad else "")


async def health() -> Answer:
    """Everybody's last word."""
    async with open_pool() as pool, unit_of_work(pool) as uow:
        return health_answer(await all_beats(uow))
