"""Trouble on demand: faults wait in the state until a call or an update meets them.

Armed by the control interface, taken by `server` and `updates`.

Kinds for calls: `fail` (options: method, error, retry_after, after_acting, lose_answer, hold_s, chat_id, description).
Kinds for updates: `duplicate` (copies), `delay` (seconds), `reorder`, `drop` (first delivery never reaches the bot), `retry` (the bot's
acknowledgement is lost), `fan_out` (the same content again under further update ids).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.telegram.errors import ControlError
from sandbox.telegram.store import Store, dump, load

CALL_KINDS = ("fail",)
UPDATE_KINDS = ("duplicate", "delay", "reorder", "drop", "retry", "fan_out")


@dataclass(frozen=True)
class Fault:
    """One met fault: `remaining` is what is left of it after this one."""

    kind: str
    remaining: int
    options: dict[str, Any]


class Faults:
    """The armed faults, oldest first."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def arm(self, kind: str, count: int, options: dict[str, Any]) -> int:
        """Arm a fault for the next `count` calls or updates; returns its id."""
        if kind not in (*CALL_KINDS, *UPDATE_KINDS):
            raise ControlError(400, f"unknown fault {kind}; known: {', '.join((*CALL_KINDS, *UPDATE_KINDS))}")
        if count < 1:
            raise ControlError(400, "count must be at least 1")
        return self._store.insert("INSERT INTO faults (kind, remaining, options) VALUES (?, ?, ?)", kind, count, dump(options))

    def clear(self) -> int:
        """Disarm everything; returns how many there were."""
        return self._store.run("DELETE FROM faults")

    def armed(self) -> list[dict[str, Any]]:
        """What waits."""
        rows = self._store.all("SELECT * FROM faults ORDER BY id")
        return [{"id": row["id"], "kind": row["kind"], "remaining": row["remaining"], **load(row["options"])} for row in rows]

    def for_call(self, bot_id: int, method: str, chat_id: Any) -> Fault | None:
        """Take the first fault that this call meets."""
        wanted = {"bot": bot_id, "method": method.lower(), "chat_id": chat_id}
        return self._take(CALL_KINDS, wanted)

    def for_update(self, bot_id: int, kind: str, user_id: int) -> list[Fault]:
        """Take one of each kind that this update meets; `type` and `user` options narrow it."""
        wanted = {"bot": bot_id, "type": kind, "user": user_id}
        return [fault for fault in (self._take((each,), wanted) for each in UPDATE_KINDS) if fault]

    def _take(self, kinds: tuple[str, ...], wanted: dict[str, Any]) -> Fault | None:
        for row in self._store.all("SELECT * FROM faults ORDER BY id"):
            options = load(row["options"])
            if row["kind"] not in kinds or not _meets(options, wanted):
                continue
            left = int(row["remaining"]) - 1
            self._store.run("UPDATE faults SET remaining = ? WHERE id = ?", left, row["id"])
            self._store.run("DELETE FROM faults WHERE remaining <= 0")
            return Fault(str(row["kind"]), left, options)
        return None


def _meets(options: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return all(str(options[key]).lower() == str(value).lower() for key, value in wanted.items() if options.get(key) not in (None, ""))
