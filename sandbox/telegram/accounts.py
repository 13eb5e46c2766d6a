"""Bots, users, groups and who may write to whom. Every table here is written by these functions only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sandbox.telegram.errors import ApiError, ControlError, bad_request, forbidden
from sandbox.telegram.store import Json, Store, dump, load

_TOKEN = re.compile(r"(\d{1,16}):[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class BotAccount:
    """A bot: `profile` holds commands, descriptions and menu button; `webhook` its address or {}; `allowed` the update types it wants."""

    id: int
    token: str
    first_name: str
    username: str
    webhook: Json
    allowed: list[str]
    profile: Json

    def user(self) -> Json:
        """The bot as a User object."""
        return {"id": self.id, "is_bot": True, "first_name": self.first_name, "username": self.username}


class Accounts:
    """Who exists. A bot appears with the first call that carries its token; users and groups are made by the control interface."""

    def __init__(self, store: Store, bot_name: str) -> None:
        self._store = store
        self._bot_name = bot_name

    def authorize(self, token: str) -> BotAccount:
        """The bot of a token, made on first sight; 401 for a malformed token or another bot's id."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            raise ApiError(401, "Unauthorized")
        bot = self.bot(int(match.group(1))) or self.add_bot(token, self._bot_name, "")
        if bot.token != token:
            raise ApiError(401, "Unauthorized")
        return bot

    def add_bot(self, token: str, first_name: str, username: str) -> BotAccount:
        """Make or rename a bot."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            raise ControlError(400, "a token looks like 123456:letters")
        bot_id = int(match.group(1))
        name = username or f"{re.sub('[^a-z0-9]+', '_', first_name.lower()).strip('_')}_{bot_id}_bot"
        with self._store.transaction():
            self._store.run(
                "INSERT INTO bots (id, token, first_name, username) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET token = excluded.token, first_name = excluded.first_name, username = excluded.username",
                bot_id, token, first_name, name,
            )  # fmt: skip
        bot = self.bot(bot_id)
        assert bot is not None  # noqa: S101 - written in the line above
        return bot

    def bot(self, bot_id: int) -> BotAccount | None:
        """A bot by id."""
        row = self._store.one("SELECT * FROM bots WHERE id = ?", bot_id)
        if row is None:
            return None
        return BotAccount(
            row["id"], row["token"], row["first_name"], row["username"], load(row["webhook"]), load(row["allowed"]), load(row["profile"])
        )

    def bots(self) -> list[BotAccount]:
        """Every bot, by id."""
        found = [self.bot(row["id"]) for row in self._store.all("SELECT id FROM bots ORDER BY id")]
        return [bot for bot in found if bot]

    def change_bot(self, bot_id: int, **columns: Any) -> None:
        """Set `webhook`, `allowed`, `profile` or `first_name`."""
        for column, value in columns.items():
            if column not in {"webhook", "allowed", "profile", "first_name"}:
                raise ValueError(column)
            text = value if isinstance(value, str) else dump(value)
            self._store.run(f"UPDATE bots SET {column} = ? WHERE id = ?", text, bot_id)  # noqa: S608 - one of four names

    def add_user(
        self, user_id: int, first_name: str, username: str | None, language_code: str | None, last_name: str | None = None
    ) -> Json:
        """Make or change a user; ids are positive."""
        if user_id <= 0:
            raise ControlError(400, "ids of users are positive")
        self._store.run(
            "INSERT INTO users VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET first_name = excluded.first_name,"
            " last_name = excluded.last_name, username = excluded.username, language_code = excluded.language_code",
            user_id, first_name, last_name, username, language_code,
        )  # fmt: skip
        return self.user(user_id) or {}

    def user(self, user_id: int) -> Json | None:
        """A User object, or None."""
        row = self._store.one("SELECT * FROM users WHERE id = ?", user_id)
        if row is None:
            return None
        optional = {key: row[key] for key in ("last_name", "username", "language_code") if row[key]}
        return {"id": row["id"], "is_bot": False, "first_name": row["first_name"], **optional}

    def users(self) -> list[Json]:
        """Every user, by id."""
        return [self.user(row["id"]) or {} for row in self._store.all("SELECT id FROM users ORDER BY id")]

    def add_group(self, group_id: int, title: str, members: list[int], kind: str = "supergroup") -> Json:
        """Make a group or supergroup (id negative) with users and bots as members."""
        if group_id >= 0:
            raise ControlError(400, "ids of groups are negative")
        self._store.run("INSERT INTO groups VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET title = excluded.title", group_id, title, kind)
        for member in members:
            self._store.run("INSERT OR IGNORE INTO members VALUES (?, ?)", group_id, member)
        return self.chat(group_id) or {}

    def members(self, chat_id: int) -> list[int]:
        """Ids of a group's members, bots too."""
        return [int(row["member_id"]) for row in self._store.all("SELECT member_id FROM members WHERE chat_id = ? ORDER BY 1", chat_id)]

    def chat(self, chat_id: int) -> Json | None:
        """A Chat object, or None."""
        if chat_id < 0:
            row = self._store.one("SELECT * FROM groups WHERE id = ?", chat_id)
            return {"id": row["id"], "type": row["kind"], "title": row["title"]} if row else None
        user = self.user(chat_id)
        if user is None:
            return None
        return {"id": chat_id, "type": "private"} | {key: user[key] for key in ("first_name", "last_name", "username") if key in user}

    def groups(self) -> list[Json]:
        """Every group with its members."""
        rows = self._store.all("SELECT id FROM groups ORDER BY id")
        return [(self.chat(row["id"]) or {}) | {"members": self.members(row["id"])} for row in rows]

    def start_dialog(self, bot_id: int, user_id: int) -> bool:
        """Note that the user has written to the bot; True the first time."""
        return self._store.run("INSERT OR IGNORE INTO dialogs (bot_id, user_id) VALUES (?, ?)", bot_id, user_id) > 0

    def set_blocked(self, bot_id: int, user_id: int, *, blocked: bool) -> bool:
        """Block or unblock the bot; True when that changed something."""
        self.start_dialog(bot_id, user_id)
        changed = self._store.run(
            "UPDATE dialogs SET blocked = ? WHERE bot_id = ? AND user_id = ? AND blocked <> ?", blocked, bot_id, user_id, blocked
        )
        return changed > 0

    def dialog(self, bot_id: int, user_id: int) -> Json | None:
        """`{"blocked", "menu_button"}` of a started private chat, or None."""
        row = self._store.one("SELECT * FROM dialogs WHERE bot_id = ? AND user_id = ?", bot_id, user_id)
        return {"blocked": bool(row["blocked"]), "menu_button": load(row["menu_button"])} if row else None

    def set_menu_button(self, bot_id: int, user_id: int, button: Json | None) -> None:
        """The menu button of one private chat; None is the bot's default again."""
        self._store.run(
            "UPDATE dialogs SET menu_button = ? WHERE bot_id = ? AND user_id = ?", dump(button) if button else None, bot_id, user_id
        )

    def writable_chat(self, bot_id: int, chat_id: Any) -> Json:
        """The chat a bot writes to; 400 unknown, 403 never started, blocked or not a member."""
        chat = self.known_chat(chat_id)
        if chat["id"] < 0:
            if bot_id not in self.members(chat["id"]):
                raise forbidden("bot is not a member of the supergroup chat")
            return chat
        dialog = self.dialog(bot_id, chat["id"])
        if dialog is None:
            raise forbidden("bot can't initiate conversation with a user")
        if dialog["blocked"]:
            raise forbidden("bot was blocked by the user")
        return chat

    def known_chat(self, chat_id: Any) -> Json:
        """The chat, or 400 'chat not found'."""
        try:
            chat = self.chat(int(chat_id))
        except (TypeError, ValueError):
            chat = None
        if chat is None:
            raise bad_request("chat not found")
        return chat
