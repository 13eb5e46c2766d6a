"""What people do: write, edit, tap, block. Called by the control interface; every function runs inside a transaction."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.telegram.accounts import BotAccount
from sandbox.telegram.entities import detect
from sandbox.telegram.errors import ControlError
from sandbox.telegram.markup import callback_buttons
from sandbox.telegram.messages import Stored
from sandbox.telegram.state import State
from sandbox.telegram.store import Json

NAMES = ("Ann", "Bob", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana", "Ivo", "Jana", "Kai", "Lena")
FIRST_USER = 7


@dataclass(frozen=True)
class Tap:
    """A tap on an inline button; `data` is what Telegram will carry, `forged` skips the check that the button is there."""

    user_id: int
    chat_id: int
    message_id: int
    data: str | None
    text: str | None
    forged: bool = False
    copies: int = 1


def add_user(state: State, user_id: int | None, first_name: str, username: str | None, language_code: str) -> Json:
    """Make a user, with the next free id and a name where none is given."""
    known = {user["id"] for user in state.accounts.users()}
    chosen = user_id or next(candidate for candidate in range(FIRST_USER, FIRST_USER + len(known) + 1) if candidate not in known)
    name = first_name or NAMES[(chosen - FIRST_USER) % len(NAMES)]
    user = state.accounts.add_user(chosen, name, username, language_code)
    state.journal.record("user", 0, user, chat_id=chosen)
    return user


def known_user(state: State, user_id: int) -> Json:
    """A User object; made with a default name on first use."""
    return state.accounts.user(user_id) or add_user(state, user_id, "", None, "en")


def send(state: State, bot: BotAccount, user_id: int, chat_id: int, content: Json, reply_to: int | None = None) -> Stored:
    """A user's message, `content` being `{"text": …}` or `{"web_app_data": …}`; every bot of the chat gets the update."""
    user = known_user(state, user_id)
    chat = _chat(state, user_id, chat_id)
    content = content | _found(content.get("text", "")) | _replied(state, bot, chat_id, reply_to)
    if chat_id > 0:
        _open_dialog(state, bot, user_id)
    stored = state.write(bot.id if chat_id > 0 else 0, user_id, content, chat, None, user)
    for each in [bot] if chat_id > 0 else state.bots_in(chat_id):
        _update(state, each, {"message": stored.body}, user_id)
    return stored


def _open_dialog(state: State, bot: BotAccount, user_id: int) -> None:
    state.accounts.start_dialog(bot.id, user_id)
    if (state.accounts.dialog(bot.id, user_id) or {}).get("blocked"):
        raise ControlError(409, "this user has blocked the bot; unblock it first")


def _chat(state: State, user_id: int, chat_id: int) -> Json:
    chat = state.accounts.chat(chat_id)
    if chat is None or (chat_id > 0 and chat_id != user_id):
        raise ControlError(404, f"user {user_id} has no chat {chat_id}")
    if chat_id < 0 and user_id not in state.accounts.members(chat_id):
        raise ControlError(403, f"user {user_id} is not a member of {chat_id}")
    return chat


def _found(text: str) -> Json:
    entities = detect(text, [])
    return {"entities": entities} if entities else {}


def _replied(state: State, bot: BotAccount, chat_id: int, reply_to: int | None) -> Json:
    original = state.messages.find(state.mailbox(bot.id, chat_id), chat_id, reply_to) if reply_to else None
    return {"reply_to_message": {key: value for key, value in original.body.items() if key != "reply_to_message"}} if original else {}


def _update(state: State, bot: BotAccount, payload: Json, user_id: int, copies: int = 1) -> list[int]:
    ids = state.updates.append(bot, payload, user_id, copies=copies)
    state.journal.record("update", bot.id, {"update_ids": ids, "type": next(iter(payload))}, chat_id=user_id)
    return ids


def edit(state: State, bot: BotAccount, user_id: int, chat_id: int, message_id: int, text: str) -> Stored:
    """A user edits what he wrote: `edited_message`."""
    old = state.messages.find(state.mailbox(bot.id, chat_id), chat_id, message_id)
    if old is None or old.sender_id != user_id or "text" not in old.body:
        raise ControlError(404, f"user {user_id} wrote no text message {message_id} in chat {chat_id}")
    kept = {key: value for key, value in old.body.items() if key != "entities"}
    stored = state.rewrite(old.mailbox, old, kept | {"text": text, "edit_date": int(state.now())} | _found(text), old.markup)
    for each in [bot] if chat_id > 0 else state.bots_in(chat_id):
        _update(state, each, {"edited_message": stored.body}, user_id)
    return stored


def press(state: State, bot: BotAccount, tap: Tap) -> Json:
    """A tap: `{"callback_query_id", "update_ids", "data"}`, or `{"button"}` for a button that only opens or copies something."""
    stored = state.messages.find(state.mailbox(bot.id, tap.chat_id), tap.chat_id, tap.message_id, deleted=tap.forged)
    if stored is None:
        raise ControlError(404, f"there is no message {tap.message_id} in chat {tap.chat_id}")
    button = _button(stored, tap)
    if "callback_data" not in button:
        return {"button": button}
    user = known_user(state, tap.user_id)
    number = state.store.next_value("callback_query")
    query_id = str((tap.user_id << 31) + number)
    state.store.run(
        "INSERT INTO callback_queries (id, bot_id, user_id, chat_id, message_id, data, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        query_id, bot.id, tap.user_id, tap.chat_id, tap.message_id, button["callback_data"], state.now(),
    )  # fmt: skip
    query = {
        "id": query_id,
        "from": user,
        "message": stored.body,
        "chat_instance": str(bot.id * 31 + tap.chat_id),
        "data": button["callback_data"],
    }
    ids = _update(state, bot, {"callback_query": query}, tap.user_id, tap.copies)
    return {"callback_query_id": query_id, "update_ids": ids, "data": button["callback_data"]}


def _button(stored: Stored, tap: Tap) -> Json:
    if tap.forged and tap.data is not None:
        return {"text": "", "callback_data": tap.data}
    buttons = callback_buttons(stored.markup)
    for button in buttons:
        if tap.data is not None and button.get("callback_data") == tap.data:
            return button
        if tap.data is None and tap.text is not None and re.search(re.escape(tap.text), button["text"], re.IGNORECASE):
            return button
    there = ", ".join(button["text"] for button in buttons) or "none"
    raise ControlError(404, f"message {tap.message_id} has no such button; there is: {there}")


def block(state: State, bot: BotAccount, user_id: int, *, blocked: bool) -> bool:
    """Block or unblock the bot; the bot learns it by `my_chat_member`."""
    user = known_user(state, user_id)
    changed = state.accounts.set_blocked(bot.id, user_id, blocked=blocked)
    if changed:
        member: Json = {"user": bot.user(), "status": "member"}
        kicked: Json = {"user": bot.user(), "status": "kicked", "until_date": 0}
        old, new = (member, kicked) if blocked else (kicked, member)
        chat = state.accounts.known_chat(user_id)
        change = {"chat": chat, "from": user, "date": int(state.now()), "old_chat_member": old, "new_chat_member": new}
        _update(state, bot, {"my_chat_member": change}, user_id)
        state.journal.record("blocked" if blocked else "unblocked", bot.id, {}, chat_id=user_id)
    return changed
