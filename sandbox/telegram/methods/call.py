"""One Bot API call on its way through a method: who calls, with what, and what it did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.telegram.accounts import BotAccount
from sandbox.telegram.errors import bad_request
from sandbox.telegram.messages import Stored
from sandbox.telegram.parameters import Parameters
from sandbox.telegram.state import State
from sandbox.telegram.store import Json


@dataclass
class Call:
    """`chat_id` and `message_id` are filled in by the method for the journal."""

    state: State
    bot: BotAccount
    method: str
    parameters: Parameters
    chat_id: int | None = None
    message_id: int | None = None

    def writable_chat(self) -> Json:
        """The chat named by `chat_id`, checked for writing."""
        chat = self.state.accounts.writable_chat(self.bot.id, self.parameters.values.get("chat_id"))
        self.chat_id = chat["id"]
        return chat

    def stored(self, message_id: int, complaint: str) -> Stored:
        """A message of the call's chat that is still there, or 400 with the complaint."""
        chat = self.writable_chat()
        self.message_id = message_id
        found = self.state.messages.find(self.state.mailbox(self.bot.id, chat["id"]), chat["id"], message_id)
        if found is None:
            raise bad_request(complaint)
        return found


Handler = Callable[[Call], Any]
