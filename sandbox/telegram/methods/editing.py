"""Editing and deleting the bot's messages, with Telegram's refusals."""

from __future__ import annotations

from sandbox.telegram import files
from sandbox.telegram.errors import bad_request
from sandbox.telegram.markup import checked_markup
from sandbox.telegram.messages import Stored
from sandbox.telegram.methods.call import Call, Handler
from sandbox.telegram.methods.sending import content_of
from sandbox.telegram.parameters import Parameters
from sandbox.telegram.store import Json
from sandbox.telegram.texts import caption_text, message_text

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup"
    " of the message"
)
_DELETABLE_S = 48 * 3600


def _editable(call: Call) -> Stored:
    if call.parameters.text("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    stored = call.stored(call.parameters.integer("message_id"), "message to edit not found")
    keyboard = stored.markup is not None and "inline_keyboard" not in stored.markup
    if stored.sender_id != call.bot.id or keyboard or "forward_origin" in stored.body:
        raise bad_request("message can't be edited")
    return stored


def _apply(call: Call, old: Stored, content: Json) -> Json:
    """Replace the content; the keyboard becomes what the call says, none when it says none."""
    markup = checked_markup(call.parameters.json("reply_markup"), chat_id=old.chat_id)
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    kept = {key: value for key, value in old.body.items() if key not in content_of(old.body)}
    body = kept | content | ({"reply_markup": markup} if markup else {})
    if content_of(body) == content_of(old.body):
        raise bad_request(NOT_MODIFIED)
    call.state.spend(call.bot.id, old.chat_id, edit=True)
    return call.state.rewrite(call.bot.id, old, body | {"edit_date": int(call.state.now())}, markup).body


def edit_text(call: Call) -> Json:
    """editMessageText."""
    old = _editable(call)
    if "text" not in old.body:
        raise bad_request("there is no text in the message to edit")
    parameters = call.parameters
    return _apply(call, old, message_text(parameters.text("text"), parameters.text("parse_mode"), parameters.json("entities")))


def edit_caption(call: Call) -> Json:
    """editMessageCaption."""
    old = _editable(call)
    media = {key: old.body[key] for key in ("photo", "document") if key in old.body}
    if not media:
        raise bad_request("there is no caption in the message to edit")
    parameters = call.parameters
    return _apply(
        call, old, media | caption_text(parameters.text("caption"), parameters.text("parse_mode"), parameters.json("caption_entities"))
    )


def edit_markup(call: Call) -> Json:
    """editMessageReplyMarkup."""
    old = _editable(call)
    return _apply(call, old, {key: value for key, value in content_of(old.body).items() if key != "reply_markup"})


def edit_media(call: Call) -> Json:
    """editMessageMedia: a photo or a document in the place of what was there."""
    old = _editable(call)
    media = call.parameters.json("media")
    if not isinstance(media, dict) or media.get("type") not in {"photo", "document"}:
        raise bad_request("the sandbox models media of type photo and document")
    inner = Parameters({"media": media.get("media")}, call.parameters.files)
    store = files.photo if media["type"] == "photo" else files.document
    content = {media["type"]: store(call.state.store, call.bot.id, inner, "media")}
    caption = caption_text(media.get("caption"), str(media.get("parse_mode") or ""), media.get("caption_entities"))
    return _apply(call, old, content | caption)


def _delete(call: Call, stored: Stored) -> None:
    if stored.chat_id < 0 and stored.sender_id != call.bot.id:
        raise bad_request("message can't be deleted")
    if call.state.now() - stored.sent_at > _DELETABLE_S:
        raise bad_request("message can't be deleted for everyone")
    call.state.messages.delete(stored, call.state.now())
    call.state.journal.record("delete", call.bot.id, {}, chat_id=stored.chat_id, message_id=stored.message_id)


def delete_message(call: Call) -> bool:
    """deleteMessage."""
    _delete(call, call.stored(call.parameters.integer("message_id"), "message to delete not found"))
    return True


def delete_messages(call: Call) -> bool:
    """deleteMessages: those that are not there are passed over."""
    chat = call.writable_chat()
    ids = call.parameters.json("message_ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= 100:
        raise bad_request("message_ids must be an Array of 1 to 100 identifiers")
    for message_id in ids:
        found = call.state.messages.find(call.state.mailbox(call.bot.id, chat["id"]), chat["id"], int(message_id))
        if found:
            _delete(call, found)
    return True


METHODS: dict[str, Handler] = {
    "editMessageText": edit_text,
    "editMessageCaption": edit_caption,
    "editMessageReplyMarkup": edit_markup,
    "editMessageMedia": edit_media,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
}
