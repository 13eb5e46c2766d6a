"""Sending: messages, photos, documents, forwards, copies, the typing line."""

from __future__ import annotations

from typing import Any

from sandbox.telegram import files
from sandbox.telegram.errors import bad_request
from sandbox.telegram.markup import checked_markup
from sandbox.telegram.messages import Stored
from sandbox.telegram.methods.call import Call, Handler
from sandbox.telegram.store import Json
from sandbox.telegram.texts import caption_text, message_text

_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}
_CONTENT = ("text", "entities", "caption", "caption_entities", "photo", "document", "web_app_data")


def _post(call: Call, content: Json) -> Stored:
    """Write the bot's message with reply, keyboard and flood limits."""
    chat = call.writable_chat()
    markup = checked_markup(call.parameters.json("reply_markup"), chat_id=chat["id"])
    content = content | _reply(call, chat["id"]) | _flags(call)
    call.state.spend(call.bot.id, chat["id"], edit=False)
    stored = call.state.write(call.bot.id, call.bot.id, content, chat, markup, call.bot.user())
    call.message_id = stored.message_id
    return stored


def _reply(call: Call, chat_id: int) -> Json:
    wanted = call.parameters.json("reply_parameters") or {}
    message_id = int(wanted.get("message_id") or call.parameters.integer("reply_to_message_id"))
    if not message_id:
        return {}
    original = call.state.messages.find(call.state.mailbox(call.bot.id, chat_id), chat_id, message_id)
    if original is None:
        if wanted.get("allow_sending_without_reply") or call.parameters.boolean("allow_sending_without_reply"):
            return {}
        raise bad_request("message to be replied not found")
    return {"reply_to_message": {key: value for key, value in original.body.items() if key != "reply_to_message"}}


def _flags(call: Call) -> Json:
    flags: Json = {"has_protected_content": True} if call.parameters.boolean("protect_content") else {}
    preview = call.parameters.json("link_preview_options")
    return flags | ({"link_preview_options": preview} if preview else {})


def send_message(call: Call) -> Json:
    """sendMessage."""
    parameters = call.parameters
    call.writable_chat()
    return _post(call, message_text(parameters.text("text"), parameters.text("parse_mode"), parameters.json("entities"))).body


def _caption(call: Call) -> Json:
    parameters = call.parameters
    return caption_text(parameters.text("caption"), parameters.text("parse_mode"), parameters.json("caption_entities"))


def send_photo(call: Call) -> Json:
    """sendPhoto: an upload or a known file id."""
    call.writable_chat()
    content: Json = {"photo": files.photo(call.state.store, call.bot.id, call.parameters, "photo")} | _caption(call)
    if call.parameters.boolean("has_spoiler"):
        content["has_media_spoiler"] = True
    return _post(call, content).body


def send_document(call: Call) -> Json:
    """sendDocument: an upload or a known file id."""
    call.writable_chat()
    return _post(call, {"document": files.document(call.state.store, call.bot.id, call.parameters, "document")} | _caption(call)).body


def _original(call: Call, message_id: int, complaint: str) -> Stored:
    source = call.state.accounts.known_chat(call.parameters.values.get("from_chat_id"))
    found = call.state.messages.find(call.state.mailbox(call.bot.id, source["id"]), source["id"], message_id)
    if found is None:
        raise bad_request(complaint)
    return found


def _forward(call: Call, message_id: int) -> Stored:
    original = _original(call, message_id, "message to forward not found")
    if original.body.get("has_protected_content"):
        raise bad_request("message can't be forwarded")
    sender = original.body["from"]
    origin = original.body.get("forward_origin") or {"type": "user", "date": original.body["date"], "sender_user": sender}
    return _post(call, {key: original.body[key] for key in _CONTENT if key in original.body} | {"forward_origin": origin})


def _copy(call: Call, message_id: int) -> Stored:
    original = _original(call, message_id, "message to copy not found")
    content = {key: original.body[key] for key in _CONTENT if key in original.body}
    if "caption" in call.parameters.values:
        content = {key: value for key, value in content.items() if not key.startswith("caption")} | _caption(call)
    return _post(call, content)


def _ids(call: Call) -> list[int]:
    ids = call.parameters.json("message_ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= 100:
        raise bad_request("message_ids must be an Array of 1 to 100 identifiers")
    return [int(message_id) for message_id in ids]


def forward_message(call: Call) -> Json:
    """forwardMessage."""
    return _forward(call, call.parameters.integer("message_id")).body


def forward_messages(call: Call) -> list[Json]:
    """forwardMessages."""
    return [{"message_id": _forward(call, message_id).message_id} for message_id in _ids(call)]


def copy_message(call: Call) -> Json:
    """copyMessage."""
    return {"message_id": _copy(call, call.parameters.integer("message_id")).message_id}


def copy_messages(call: Call) -> list[Json]:
    """copyMessages."""
    return [{"message_id": _copy(call, message_id).message_id} for message_id in _ids(call)]


def send_chat_action(call: Call) -> bool:
    """sendChatAction: the typing line, five seconds in the page."""
    chat = call.writable_chat()
    action = call.parameters.text("action")
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    call.state.journal.record("action", call.bot.id, {"action": action}, chat_id=chat["id"])
    return True


METHODS: dict[str, Handler] = {
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "forwardMessage": forward_message,
    "forwardMessages": forward_messages,
    "copyMessage": copy_message,
    "copyMessages": copy_messages,
    "sendChatAction": send_chat_action,
}


def content_of(body: Json) -> dict[str, Any]:
    """The part of a message that an edit can change."""
    return {key: body[key] for key in (*_CONTENT, "reply_markup") if key in body}
