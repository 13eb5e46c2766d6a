"""The queue of updates of each bot: numbered, kept until confirmed, bent by faults. Read by long polling and by webhook delivery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.telegram.accounts import BotAccount
from sandbox.telegram.faults import Fault, Faults
from sandbox.telegram.signals import Signals
from sandbox.telegram.store import Json, Store, dump, load

NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
_FIRST_UPDATE = 100_000_000


@dataclass(frozen=True)
class Pending:
    """One delivery: `row` is its place in the queue, `attempts` how often it was handed out, `fault` the trouble it carries."""

    row: int
    update_id: int
    shard: int
    payload: Json
    fault: str
    attempts: int
    not_before: float

    def update(self) -> Json:
        """The Update object."""
        return {"update_id": self.update_id, **self.payload}


class Updates:
    """All functions but `fetch`'s caller run inside a transaction."""

    def __init__(self, store: Store, signals: Signals, faults: Faults, now: Callable[[], float]) -> None:
        self._store = store
        self._signals = signals
        self._faults = faults
        self._now = now

    def append(self, bot: BotAccount, payload: Json, user_id: int, *, copies: int = 1) -> list[int]:
        """Queue an update (`{"message": …}`) for the bot; returns the update ids it got, none when the bot does not want the type.

        `copies` puts the same content under several update ids, as Telegram does now and then with one tap.
        """
        kind = next(iter(payload))
        if kind in NOT_BY_DEFAULT - set(bot.allowed) or (bot.allowed and kind not in bot.allowed):
            return []
        faults = {fault.kind: fault for fault in self._faults.for_update(bot.id, kind, user_id)}
        copies += int(faults["fan_out"].options.get("copies", 1)) if "fan_out" in faults else 0
        ids = [self._next_id(bot.id) for _ in range(copies)]
        for update_id in ids:
            self._queue(bot.id, update_id, user_id, payload, faults)
        self.wake(bot.id)
        return ids

    def inject(self, bot_id: int, update: Json, user_id: int) -> int:
        """Queue a raw update as it is; without `update_id` it gets the next one. Returns the update id."""
        payload = {key: value for key, value in update.items() if key != "update_id"}
        given = update.get("update_id")
        update_id = given if isinstance(given, int) else self._next_id(bot_id)
        self._insert(bot_id, update_id, user_id, payload, "sticky" if given is not None else "", self._now(), "pending")
        self.wake(bot_id)
        return update_id

    def wake(self, bot_id: int) -> None:
        """Tell whoever waits for this bot's updates, after the commit."""
        self._store.on_commit(lambda: self._signals.wake(f"updates:{bot_id}"))

    def _next_id(self, bot_id: int) -> int:
        return self._store.next_value(f"update:{bot_id}", _FIRST_UPDATE + bot_id * 7919 % 700_000_000)

    def _queue(self, bot_id: int, update_id: int, shard: int, payload: Json, faults: dict[str, Fault]) -> None:
        not_before, state, mark = self._now(), "pending", ""
        if "delay" in faults:
            not_before += float(faults["delay"].options.get("seconds", 1))
            mark = "delay"
        mark = next((kind for kind in ("drop", "retry") if kind in faults), mark)
        if "reorder" in faults:
            state, mark = "held", mark or "reorder"
        self._insert(bot_id, update_id, shard, payload, mark, not_before, state)
        if "duplicate" in faults:
            for _ in range(int(faults["duplicate"].options.get("copies", 1))):
                self._insert(bot_id, update_id, shard, payload, "sticky", not_before, state)
        if "reorder" in faults and faults["reorder"].remaining == 0:
            self.release(bot_id)

    def _insert(self, bot_id: int, update_id: int, shard: int, payload: Json, fault: str, not_before: float, state: str) -> None:
        row = self._store.insert(
            "INSERT INTO updates (bot_id, update_id, shard, payload, position, not_before, state, fault, created_at)"
            " VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?)",
            bot_id, update_id, shard, dump(payload), not_before, state, fault, self._now(),
        )  # fmt: skip
        self._store.run("UPDATE updates SET position = row WHERE row = ?", row)

    def release(self, bot_id: int) -> int:
        """Let what `reorder` held go, newest first; returns how many."""
        held = [row["row"] for row in self._store.all("SELECT row FROM updates WHERE bot_id = ? AND state = 'held' ORDER BY row", bot_id)]
        for position, row in zip(held, reversed(held), strict=True):
            self._store.run("UPDATE updates SET state = 'pending', position = ? WHERE row = ?", position, row)
        self.wake(bot_id)
        return len(held)

    def confirm(self, bot_id: int, offset: int) -> None:
        """Forget what lies below `offset`; what a fault still has to deliver (again) stays."""
        self._store.run(
            "UPDATE updates SET state = 'done', done_at = ? WHERE bot_id = ? AND state = 'pending' AND update_id < ?"
            " AND NOT (fault <> '' AND attempts = 0) AND fault <> 'retry'",
            self._now(), bot_id, offset,
        )  # fmt: skip
        self._store.run(
            "UPDATE updates SET fault = 'sticky', attempts = 0"
            " WHERE bot_id = ? AND state = 'pending' AND update_id < ? AND fault = 'retry' AND attempts > 0",
            bot_id, offset,
        )  # fmt: skip

    def keep_last(self, bot_id: int, count: int) -> None:
        """A negative offset: all but the last `count` are forgotten."""
        self._store.run(
            "UPDATE updates SET state = 'done', done_at = ? WHERE bot_id = ? AND state = 'pending' AND row NOT IN"
            " (SELECT row FROM updates WHERE bot_id = ? AND state = 'pending' ORDER BY position DESC LIMIT ?)",
            self._now(), bot_id, bot_id, count,
        )  # fmt: skip

    def due(self, bot_id: int, limit: int) -> list[Pending]:
        """What may be delivered now, in order."""
        rows = self._store.all(
            "SELECT * FROM updates WHERE bot_id = ? AND state = 'pending' AND not_before <= ? ORDER BY position LIMIT ?",
            bot_id, self._now(), limit,
        )  # fmt: skip
        return [
            Pending(row["row"], row["update_id"], row["shard"], load(row["payload"]), row["fault"], row["attempts"], row["not_before"])
            for row in rows
        ]

    def held_back(self, bot_id: int, pending: Pending) -> bool:
        """Whether an earlier update of the same chat is being tried again: then this one waits for it."""
        row = self._store.one(
            "SELECT 1 FROM updates WHERE bot_id = ? AND state = 'pending' AND shard = ? AND position <"
            " (SELECT position FROM updates WHERE row = ?) AND attempts > 0",
            bot_id, pending.shard, pending.row,
        )  # fmt: skip
        return row is not None

    def next_due_in(self, bot_id: int) -> float:
        """Seconds until a delayed update may go; a minute when there is none."""
        row = self._store.one(
            "SELECT min(not_before) AS at FROM updates WHERE bot_id = ? AND state = 'pending' AND not_before > ?", bot_id, self._now()
        )
        return max(0.001, row["at"] - self._now()) if row and row["at"] is not None else 60.0

    def attempted(self, pending: Pending, *, again_in: float | None = None) -> None:
        """Count one delivery; `again_in` seconds postpones the next."""
        self._store.run(
            "UPDATE updates SET attempts = attempts + 1, not_before = ? WHERE row = ?",
            pending.not_before if again_in is None else self._now() + again_in, pending.row,
        )  # fmt: skip

    def finish(self, pending: Pending) -> None:
        """Delivered and acknowledged."""
        self._store.run("UPDATE updates SET state = 'done', done_at = ?, attempts = attempts + 1 WHERE row = ?", self._now(), pending.row)

    def forget_all(self, bot_id: int) -> None:
        """`drop_pending_updates`."""
        self._store.run("UPDATE updates SET state = 'done', done_at = ? WHERE bot_id = ? AND state <> 'done'", self._now(), bot_id)

    def count(self, bot_id: int) -> int:
        """How many wait."""
        row = self._store.one("SELECT count(*) AS n FROM updates WHERE bot_id = ? AND state <> 'done'", bot_id)
        return int(row["n"]) if row else 0
