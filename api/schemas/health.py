"""What `/health` answers, decided from what was seen. Pure.

Ready means that chat and paper trading work: PostgreSQL and Valkey answer and every process has said lately that it works.
Circuit breakers and prices are shown and decide nothing: a bad venue does not make the desk unready.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.config.breaker import worst
from core.db.heartbeats import Heartbeat

PROCESSES = ("bot", "worker", "streams", "relay", "beat")
STALE_S = 15
"""Who said nothing for so long does not work."""


@dataclass(frozen=True, slots=True)
class Health:
    """`status` is `ok`, `starting` (a process has not been ready yet) or `unavailable`."""

    status: str
    parts: Mapping[str, Mapping[str, Any]]

    @property
    def ready(self) -> bool:
        """Whether the answer is 200."""
        return self.status == "ok"

    def body(self) -> dict[str, Any]:
        """As JSON."""
        return {"status": self.status, "parts": dict(self.parts)}


def judge(*, postgres: bool, valkey: bool, beats: Sequence[Heartbeat], breakers: Mapping[str, str] | None = None) -> Health:
    """The health of the desk. `breakers` are those of the process that answers."""
    parts: dict[str, Mapping[str, Any]] = {"api": {"state": "ok"}, "postgres": _simple(postgres), "valkey": _simple(valkey)}
    for kind in PROCESSES:
        parts[kind] = _process([beat for beat in beats if beat.process.partition("-")[0] == kind])
    deciding = {part["state"] for part in parts.values()}
    status = "unavailable" if "unavailable" in deciding else "starting" if "starting" in deciding else "ok"
    extra = {"market": _gathered(beats, "market"), "breakers": _breakers(beats, breakers or {})}
    return Health(status, parts | {name: found for name, found in extra.items() if found})


def _simple(answers: bool) -> Mapping[str, Any]:
    return {"state": "ok" if answers else "unavailable"}


def _process(beats: Sequence[Heartbeat]) -> Mapping[str, Any]:
    """A kind of process works while at least one of its kind does; those that went away for good are not counted against it."""
    fresh = [beat for beat in beats if beat.age_s < STALE_S]
    if not fresh:
        return {"state": "unavailable" if beats else "starting", "count": 0}
    working = [beat for beat in fresh if beat.state != "starting"]
    if not working:
        return {"state": "starting", "count": len(fresh)}
    degraded = any(beat.state == "degraded" for beat in fresh)
    return {"state": "ok", "count": len(fresh), "degraded": degraded, "age_s": round(min(beat.age_s for beat in fresh), 1)}


def _breakers(beats: Sequence[Heartbeat], own: Mapping[str, str]) -> dict[str, str]:
    """Each dependency as the process sees it that sees it worst: one that is open for one process is open."""
    told = [own, *(beat.details.get("breakers") or {} for beat in beats if beat.age_s < STALE_S)]
    return {name: worst(*(one[name] for one in told if name in one)) for name in sorted({name for one in told for name in one})}


def _gathered(beats: Sequence[Heartbeat], name: str) -> dict[str, Any]:
    """The details called `name` of every fresh heartbeat, joined where they are tables, by process where they are words."""
    joined: dict[str, Any] = {}
    for beat in beats:
        told = beat.details.get(name)
        if beat.age_s < STALE_S and told:
            joined.update(told if isinstance(told, Mapping) else {beat.process: told})
    return joined
