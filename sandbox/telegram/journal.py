"""The ground truth in order: every accepted call with an effect, every message, edit, toast, update and refusal, numbered.

Written by all; read by the event stream, the control interface and the promise tests. Nothing is ever changed here.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.telegram.signals import Signals
from sandbox.telegram.store import Json, Store, dump, load


class Journal:
    """`record` inside a transaction; whoever follows is woken after the commit."""

    def __init__(self, store: Store, signals: Signals, now: Callable[[], float]) -> None:
        self._store = store
        self._signals = signals
        self._now = now

    def record(self, kind: str, bot_id: int, data: Json, *, chat_id: int | None = None, message_id: int | None = None) -> int:
        """Append; returns the sequence number."""
        sequence = self._store.insert(
            "INSERT INTO journal (at, kind, bot_id, chat_id, message_id, data) VALUES (?, ?, ?, ?, ?, ?)",
            self._now(), kind, bot_id, chat_id, message_id, dump(data),
        )  # fmt: skip
        self._store.on_commit(lambda: self._signals.wake("journal"))
        if chat_id is not None:
            self._store.on_commit(lambda: self._signals.wake(f"chat:{chat_id}"))
        return sequence

    def read(self, *, after: int = 0, kind: str = "", bot_id: int = 0, limit: int = 1000) -> list[Json]:
        """Entries above `after`, oldest first, narrowed by kind and bot where given."""
        rows = self._store.all(
            "SELECT * FROM journal WHERE sequence > ? AND (? = '' OR kind = ?) AND (? = 0 OR bot_id = ?) ORDER BY sequence LIMIT ?",
            after, kind, kind, bot_id, bot_id, limit,
        )  # fmt: skip
        keys = ("sequence", "at", "kind", "bot_id", "chat_id", "message_id")
        return [{key: row[key] for key in keys} | {"data": load(row["data"])} for row in rows]

    def last(self) -> int:
        """The highest sequence number."""
        row = self._store.one("SELECT max(sequence) AS n FROM journal")
        return int(row["n"] or 0) if row else 0

    def count(self, kind: str, bot_id: int = 0) -> int:
        """How many entries of a kind there are."""
        row = self._store.one("SELECT count(*) AS n FROM journal WHERE kind = ? AND (? = 0 OR bot_id = ?)", kind, bot_id, bot_id)
        return int(row["n"]) if row else 0
