"""Everything the sandbox knows, put together once by `server`; methods, webhook delivery and the control interface get it handed in."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from sandbox.telegram.accounts import Accounts, BotAccount
from sandbox.telegram.errors import ControlError, FloodExceeded
from sandbox.telegram.faults import Faults
from sandbox.telegram.journal import Journal
from sandbox.telegram.limits import FloodControl
from sandbox.telegram.messages import Messages, Stored
from sandbox.telegram.settings import SandboxSettings
from sandbox.telegram.signals import Signals
from sandbox.telegram.store import Json, Store
from sandbox.telegram.updates import Updates


class State:
    """The parts, the clock (which tests may push forward) and the few steps that touch several parts."""

    def __init__(self, path: Path | None, settings: SandboxSettings) -> None:
        self.settings = settings
        self.store = Store(path)
        self.signals = Signals()
        self.clock_offset = 0.0
        self.accounts = Accounts(self.store, settings.bot_name)
        self.messages = Messages(self.store)
        self.faults = Faults(self.store)
        self.journal = Journal(self.store, self.signals, self.now)
        self.updates = Updates(self.store, self.signals, self.faults, self.now)
        self.flood = FloodControl(settings.limits)

    def now(self) -> float:
        """Seconds since 1970, shifted by what the control interface added."""
        return time.time() + self.clock_offset

    def close(self) -> None:
        """Close the file."""
        self.store.close()

    def spend(self, bot_id: int, chat_id: int, *, edit: bool) -> None:
        """Take a message's worth from the flood limits; raises 429."""
        wait = self.flood.retry_after(self.now(), bot_id, chat_id, edit=edit)
        if wait:
            raise FloodExceeded(wait)

    def mailbox(self, bot_id: int, chat_id: int) -> int:
        """Whose numbering a chat's messages have: the bot's in private chats, the group's own (0) in groups."""
        return bot_id if chat_id > 0 else 0

    def write(self, bot_id: int, sender_id: int, content: Json, chat: Json, markup: Json | None, sender: Json) -> Stored:
        """Write a message of anybody into a chat and tell the followers; `content` is the rest of the Message."""
        mailbox = self.mailbox(bot_id, chat["id"])
        at = self.now()
        inline = {"reply_markup": markup} if markup and "inline_keyboard" in markup else {}
        head = {"message_id": self.messages.new_id(mailbox, chat["id"]), "date": int(at), "chat": chat, "from": sender}
        stored = self.messages.add(mailbox, sender_id, at, head | content | inline, markup)
        self.journal.record("message", bot_id, stored.view(), chat_id=stored.chat_id, message_id=stored.message_id)
        return stored

    def rewrite(self, bot_id: int, old: Stored, body: Json, markup: Json | None) -> Stored:
        """Edit a message and tell the followers."""
        stored = self.messages.edit(old, self.now(), body, markup)
        self.journal.record("edit", bot_id, stored.view(), chat_id=stored.chat_id, message_id=stored.message_id)
        return stored

    def chosen_bot(self, bot: Any = None) -> BotAccount:
        """The bot a control request means: by id, or the only one there is; ControlError otherwise."""
        bots = self.accounts.bots()
        if bot:
            found = next((each for each in bots if each.id == int(bot)), None)
            if found is None:
                raise ControlError(404, f"there is no bot {bot}")
            return found
        if len(bots) != 1:
            raise ControlError(409, f"there are {len(bots)} bots; say which one by `bot`")
        return bots[0]

    def bots_in(self, chat_id: int) -> list[BotAccount]:
        """Bots that are members of a group."""
        members = set(self.accounts.members(chat_id))
        return [bot for bot in self.accounts.bots() if bot.id in members]
