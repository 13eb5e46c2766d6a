"""The other ways in which words reach a bot: forwarded, through another bot, as a channel or an anonymous administrator, inline.

Each carries what Telegram puts into it: its own accounts stand in for people who hide behind a chat. Called by the control interface,
inside a transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.telegram.accounts import BotAccount
from sandbox.telegram.entities import detect
from sandbox.telegram.errors import ControlError
from sandbox.telegram.people import known_user
from sandbox.telegram.state import State
from sandbox.telegram.store import Json

ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
CHANNEL_BOT = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
TELEGRAM = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
OTHER_BOT = {"id": 5550001, "is_bot": True, "first_name": "Other", "username": "other_bot"}
CHANNEL: Json = {"id": -1009990001, "type": "channel", "title": "News"}
"""A channel that the bot is in, or that is linked to a group."""


@dataclass(frozen=True)
class Disguise:
    """`update` is the kind of update; `changes` makes the rest of the message of (user, chat, seconds since 1970)."""

    update: str
    changes: Callable[[Json, Json, int], Json]


def _origin_user(_user: Json, _chat: Json, at: int) -> Json:
    return {"forward_origin": {"type": "user", "sender_user": {"id": 5550002, "is_bot": False, "first_name": "Mallory"}, "date": at}}


def _origin_hidden(_user: Json, _chat: Json, at: int) -> Json:
    return {"forward_origin": {"type": "hidden_user", "sender_user_name": "Mallory", "date": at}}


def _origin_channel(at: int) -> Json:
    return {"forward_origin": {"type": "channel", "chat": CHANNEL, "message_id": 1, "date": at}}


DISGUISES: Mapping[str, Disguise] = {
    "plain": Disguise("message", lambda _user, _chat, _at: {}),
    "forwarded": Disguise("message", _origin_user),
    "forwarded_hidden": Disguise("message", _origin_hidden),
    "via_bot": Disguise("message", lambda _user, _chat, _at: {"via_bot": OTHER_BOT}),
    "other_bot": Disguise("message", lambda _user, _chat, _at: {"from": OTHER_BOT}),
    "anonymous_admin": Disguise("message", lambda _user, chat, _at: {"from": ANONYMOUS, "sender_chat": chat}),
    "as_channel": Disguise("message", lambda _user, _chat, _at: {"from": CHANNEL_BOT, "sender_chat": CHANNEL}),
    "linked_channel": Disguise(
        "message", lambda _u, _c, at: {"from": TELEGRAM, "sender_chat": CHANNEL, "is_automatic_forward": True, **_origin_channel(at)}
    ),
    "edited": Disguise("edited_message", lambda _user, _chat, at: {"edit_date": at}),
    "business": Disguise("business_message", lambda _user, _chat, _at: {"business_connection_id": "b1"}),
    "channel_post": Disguise("channel_post", lambda _user, _chat, _at: {"from": None, "chat": CHANNEL, "sender_chat": CHANNEL}),
    "edited_channel_post": Disguise(
        "edited_channel_post", lambda _u, _c, at: {"from": None, "chat": CHANNEL, "sender_chat": CHANNEL, "edit_date": at}
    ),
}
"""By name. None takes a field out."""


def speak(state: State, bot: BotAccount, user_id: int, chat_id: int, text: str, disguise: str) -> list[int]:
    """A text in a disguise, delivered whatever kinds of update the bot asked for; returns the update ids."""
    found = DISGUISES.get(disguise)
    if found is None:
        raise ControlError(400, f"there is no disguise {disguise!r}; there are {', '.join(DISGUISES)}")
    chat = state.accounts.known_chat(chat_id)
    user, at = known_user(state, user_id), int(state.now())
    number = state.messages.new_id(state.mailbox(bot.id, chat_id), chat_id)
    entities = detect(text, [])
    said: Json = {
        "message_id": number,
        "date": at,
        "chat": chat,
        "from": user,
        "text": text,
        **({"entities": entities} if entities else {}),
    }
    message = {key: value for key, value in (said | found.changes(user, chat, at)).items() if value is not None}
    return [state.updates.inject(bot.id, {found.update: message}, user_id)]


def ask_inline(state: State, bot: BotAccount, user_id: int, query: str) -> list[int]:
    """What somebody types behind the bot's name in any chat, and choosing what came: `inline_query`, `chosen_inline_result`."""
    user = known_user(state, user_id)
    asked = {"id": str(state.store.next_value("inline_query")), "from": user, "query": query, "offset": "", "chat_type": "supergroup"}
    chosen = {"result_id": "1", "from": user, "query": query}
    return [state.updates.inject(bot.id, update, user_id) for update in ({"inline_query": asked}, {"chosen_inline_result": chosen})]


def tap_inline(state: State, bot: BotAccount, user_id: int, data: str) -> list[int]:
    """A tap on a button of a message that was sent inline: Telegram names no chat and no message the bot could know."""
    query_id = str((user_id << 31) + state.store.next_value("callback_query"))
    state.store.run(
        "INSERT INTO callback_queries (id, bot_id, user_id, chat_id, message_id, data, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        query_id, bot.id, user_id, 0, 0, data, state.now(),
    )  # fmt: skip
    query = {"id": query_id, "from": known_user(state, user_id), "inline_message_id": "AAAA1", "chat_instance": "1", "data": data}
    return [state.updates.inject(bot.id, {"callback_query": query}, user_id)]
