"""The file behind the sandbox: SQLite in WAL mode, every accepted call committed before it is answered, so kill -9 loses nothing.

Used by all state modules, on the event loop's thread only. It must never be written outside `transaction()`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

Json = dict[str, Any]

PATIENCE_S = 15.0
"""For the file: a process that was killed may take a moment to let go of it."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bots (
  id INTEGER PRIMARY KEY, token TEXT NOT NULL, first_name TEXT NOT NULL, username TEXT NOT NULL,
  webhook TEXT NOT NULL DEFAULT '{}', allowed TEXT NOT NULL DEFAULT '[]', profile TEXT NOT NULL DEFAULT '{}');
CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT, username TEXT, language_code TEXT);
CREATE TABLE IF NOT EXISTS groups (id INTEGER PRIMARY KEY, title TEXT NOT NULL, kind TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS members (chat_id INTEGER, member_id INTEGER, PRIMARY KEY (chat_id, member_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dialogs (
  bot_id INTEGER, user_id INTEGER, blocked INTEGER NOT NULL DEFAULT 0, menu_button TEXT, PRIMARY KEY (bot_id, user_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
  mailbox INTEGER, chat_id INTEGER, message_id INTEGER, sender_id INTEGER NOT NULL, sent_at REAL NOT NULL, edited_at REAL, deleted_at REAL,
  edit_count INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL, markup TEXT, PRIMARY KEY (mailbox, chat_id, message_id));
CREATE TABLE IF NOT EXISTS revisions (
  mailbox INTEGER, chat_id INTEGER, message_id INTEGER, revision INTEGER, at REAL NOT NULL, body TEXT NOT NULL, markup TEXT,
  PRIMARY KEY (mailbox, chat_id, message_id, revision)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS updates (
  row INTEGER PRIMARY KEY AUTOINCREMENT, bot_id INTEGER NOT NULL, update_id INTEGER NOT NULL, shard INTEGER NOT NULL, payload TEXT NOT NULL,
  position REAL NOT NULL, not_before REAL NOT NULL, state TEXT NOT NULL, fault TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  created_at REAL NOT NULL, done_at REAL);
CREATE INDEX IF NOT EXISTS updates_pending ON updates (bot_id, position) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS updates_open ON updates (bot_id) WHERE state <> 'done';
CREATE TABLE IF NOT EXISTS callback_queries (
  id TEXT PRIMARY KEY, bot_id INTEGER NOT NULL, user_id INTEGER NOT NULL, chat_id INTEGER NOT NULL, message_id INTEGER NOT NULL,
  data TEXT NOT NULL, created_at REAL NOT NULL, answered_at REAL, answer TEXT);
CREATE TABLE IF NOT EXISTS files (
  id TEXT PRIMARY KEY, bot_id INTEGER NOT NULL, path TEXT NOT NULL, name TEXT NOT NULL, mime TEXT NOT NULL, width INTEGER, height INTEGER,
  content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS faults (
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, remaining INTEGER NOT NULL, options TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS journal (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, kind TEXT NOT NULL, bot_id INTEGER NOT NULL, chat_id INTEGER,
  message_id INTEGER, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS journal_kind ON journal (kind, sequence);
"""


class Store:
    """One connection. `on_commit` callbacks run after the outermost transaction is durable."""

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False, timeout=PATIENCE_S)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)
        self._depth = 0
        self._after: list[Callable[[], None]] = []

    def close(self) -> None:
        """Close the file; a later start finds everything."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; nested ones join the outer one."""
        if self._depth:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        self._depth = 1
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # SQLite itself takes some failures back
                self._db.execute("ROLLBACK")
            self._after.clear()
            raise
        finally:
            self._depth = 0
        after, self._after = self._after, []
        for callback in after:
            callback()

    def on_commit(self, callback: Callable[[], None]) -> None:
        """Run `callback` once what was written is durable."""
        self._after.append(callback)

    def run(self, sql: str, *values: Any) -> int:
        """Write; returns the number of rows touched."""
        return self._db.execute(sql, values).rowcount

    def insert(self, sql: str, *values: Any) -> int:
        """Write one row; returns its row id."""
        return int(self._db.execute(sql, values).lastrowid or 0)

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """The first row or None."""
        row: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Every row."""
        return self._db.execute(sql, values).fetchall()

    def next_value(self, name: str, start: int = 1) -> int:
        """The next number of a counter that only grows; the first is `start`."""
        row = self.one("INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value", name, start)
        return int(row["value"]) if row else start

    def fact(self, name: str) -> str | None:
        """A single remembered value."""
        row = self.one("SELECT value FROM facts WHERE name = ?", name)
        return str(row["value"]) if row else None

    def set_fact(self, name: str, value: str) -> None:
        """Remember a single value."""
        self.run("INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)


def dump(value: Any) -> str:
    """Compact JSON text."""
    return orjson.dumps(value).decode()


def load(text: str | bytes | None) -> Any:
    """JSON text back; None stays None."""
    return None if text is None else orjson.loads(text)
