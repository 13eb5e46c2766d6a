"""Messages with their full history.

`mailbox` is whose numbering a message id belongs to: the bot's own for private chats, 0 (shared) for groups.

Called by methods and by the control interface inside a transaction.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from sandbox.telegram.store import Json, Store, dump, load


@dataclass(frozen=True)
class Stored:
    """One message: `body` is the Message object, `markup` any keyboard (reply keyboards too), times are seconds since 1970."""

    mailbox: int
    chat_id: int
    message_id: int
    sender_id: int
    sent_at: float
    edited_at: float | None
    deleted_at: float | None
    edit_count: int
    body: Json
    markup: Json | None

    def view(self, history: list[Json] | None = None) -> Json:
        """What the control interface and the page read."""
        shown: Json = {key: self.body[key] for key in ("text", "caption", "entities", "caption_entities") if key in self.body}
        return {
            "message_id": self.message_id,
            "chat_id": self.chat_id,
            "bot_id": self.mailbox,
            "sender_id": self.sender_id,
            "sent_at": self.sent_at,
            "edited_at": self.edited_at,
            "deleted": self.deleted_at is not None,
            "edit_count": self.edit_count,
            "reply_markup": self.markup,
            "message": self.body,
            **shown,
            **({} if history is None else {"history": history}),
        }


def _stored(row: sqlite3.Row) -> Stored:
    values: dict[str, Any] = dict(row)
    return Stored(**values | {"body": load(row["body"]), "markup": load(row["markup"])})


class Messages:
    """The message table and its revisions."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def new_id(self, mailbox: int, chat_id: int) -> int:
        """The next message id: of the bot's mailbox in private chats, of the group itself in groups."""
        return self._store.next_value(f"message:{mailbox}" if mailbox else f"message:{chat_id}")

    def add(self, mailbox: int, sender_id: int, at: float, body: Json, markup: Json | None) -> Stored:
        """Write a new message; `body` carries chat and message_id."""
        chat_id, message_id = body["chat"]["id"], body["message_id"]
        self._store.run(
            "INSERT INTO messages (mailbox, chat_id, message_id, sender_id, sent_at, body, markup) VALUES (?, ?, ?, ?, ?, ?, ?)",
            mailbox, chat_id, message_id, sender_id, at, dump(body), dump(markup) if markup else None,
        )  # fmt: skip
        self._remember(mailbox, chat_id, message_id, 0, at, body, markup)
        return Stored(mailbox, chat_id, message_id, sender_id, at, None, None, 0, body, markup)

    def edit(self, old: Stored, at: float, body: Json, markup: Json | None) -> Stored:
        """Replace the content, keep the old one in the history."""
        revision = old.edit_count + 1
        self._store.run(
            "UPDATE messages SET body = ?, markup = ?, edited_at = ?, edit_count = ? WHERE mailbox = ? AND chat_id = ? AND message_id = ?",
            dump(body), dump(markup) if markup else None, at, revision, old.mailbox, old.chat_id, old.message_id,
        )  # fmt: skip
        self._remember(old.mailbox, old.chat_id, old.message_id, revision, at, body, markup)
        return Stored(old.mailbox, old.chat_id, old.message_id, old.sender_id, old.sent_at, at, None, revision, body, markup)

    def _remember(self, mailbox: int, chat_id: int, message_id: int, revision: int, at: float, body: Json, markup: Json | None) -> None:
        self._store.run(
            "INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?, ?)",
            mailbox, chat_id, message_id, revision, at, dump(body), dump(markup) if markup else None,
        )  # fmt: skip

    def delete(self, old: Stored, at: float) -> None:
        """Gone for everybody; kept in the state with its time."""
        self._store.run(
            "UPDATE messages SET deleted_at = ? WHERE mailbox = ? AND chat_id = ? AND message_id = ?",
            at,
            old.mailbox,
            old.chat_id,
            old.message_id,
        )

    def find(self, mailbox: int, chat_id: int, message_id: int, *, deleted: bool = False) -> Stored | None:
        """A message that is there (or, asked for, was)."""
        row = self._store.one("SELECT * FROM messages WHERE mailbox = ? AND chat_id = ? AND message_id = ?", mailbox, chat_id, message_id)
        return _stored(row) if row and (deleted or row["deleted_at"] is None) else None

    def in_chat(self, mailbox: int, chat_id: int, *, after: int = 0, limit: int = 1000, deleted: bool = False) -> list[Stored]:
        """The newest `limit` messages with an id above `after`, oldest first."""
        rows = self._store.all(
            "SELECT * FROM messages WHERE mailbox = ? AND chat_id = ? AND message_id > ? AND (? OR deleted_at IS NULL)"
            " ORDER BY message_id DESC LIMIT ?",
            mailbox, chat_id, after, deleted, limit,
        )  # fmt: skip
        return [_stored(row) for row in reversed(rows)]

    def history(self, message: Stored) -> list[Json]:
        """Every content the message ever had, oldest first."""
        rows = self._store.all(
            "SELECT * FROM revisions WHERE mailbox = ? AND chat_id = ? AND message_id = ? ORDER BY revision",
            message.mailbox, message.chat_id, message.message_id,
        )  # fmt: skip
        found = []
        for row in rows:
            body = load(row["body"])
            shown = {key: body[key] for key in ("text", "caption") if key in body}
            found.append({"revision": row["revision"], "at": row["at"], "reply_markup": load(row["markup"]), **shown})
        return found
