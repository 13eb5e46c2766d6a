"""What a bot says about itself: name, commands, descriptions, menu button; and what it may ask about chats."""

from __future__ import annotations

import re
from typing import Any

from sandbox.telegram import files
from sandbox.telegram.errors import bad_request
from sandbox.telegram.markup import web_app_refusal
from sandbox.telegram.methods.call import Call, Handler
from sandbox.telegram.store import Json

_NO_GIFTS = {
    "unlimited_gifts": False,
    "limited_gifts": False,
    "unique_gifts": False,
    "premium_subscription": False,
    "gifts_from_channels": False,
}


def get_me(call: Call) -> Json:
    """getMe."""
    abilities = {"can_join_groups": True, "can_read_all_group_messages": True, "supports_inline_queries": False, "has_main_web_app": True}
    return call.bot.user() | abilities | {"can_connect_to_business": False}


def _save(call: Call, key: str, value: Any) -> bool:
    profile = dict(call.bot.profile)
    profile.pop(key, None)
    call.state.accounts.change_bot(call.bot.id, profile=profile if value is None else profile | {key: value})
    call.state.journal.record("profile", call.bot.id, {key: value})
    return True


def _scope(call: Call) -> str:
    scope = call.parameters.json("scope") or {"type": "default"}
    parts = [str(scope.get(key, "")) for key in ("type", "chat_id", "user_id")]
    return ":".join(["commands", *parts, call.parameters.text("language_code")])


def set_commands(call: Call) -> bool:
    """setMyCommands."""
    commands = call.parameters.json("commands")
    if not isinstance(commands, list) or len(commands) > 100:
        raise bad_request("expected an Array of at most 100 BotCommand")
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", str(command.get("command", "")).removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    kept = [{"command": command["command"].removeprefix("/"), "description": command["description"]} for command in commands]
    return _save(call, _scope(call), kept)


def get_commands(call: Call) -> list[Json]:
    """getMyCommands."""
    found: list[Json] = call.bot.profile.get(_scope(call), [])
    return found


def delete_commands(call: Call) -> bool:
    """deleteMyCommands."""
    return _save(call, _scope(call), None)


def _text_setter(key: str, limit: int) -> Handler:
    def handler(call: Call) -> bool:
        text = call.parameters.text(key)
        if len(text) > limit:
            raise bad_request(f"{key} is too long")
        return _save(call, f"{key}:{call.parameters.text('language_code')}", text or None)

    return handler


def _text_getter(key: str) -> Handler:
    def handler(call: Call) -> Json:
        profile = call.bot.profile
        return {key: profile.get(f"{key}:{call.parameters.text('language_code')}") or profile.get(f"{key}:", "")}

    return handler


def set_name(call: Call) -> bool:
    """setMyName."""
    name = call.parameters.text("name")
    if len(name) > 64:
        raise bad_request("name is too long")
    if name:
        call.state.accounts.change_bot(call.bot.id, first_name=name)
    return True


def get_name(call: Call) -> Json:
    """getMyName."""
    return {"name": call.bot.first_name}


def set_menu_button(call: Call) -> bool:
    """setChatMenuButton, of one chat or the bot's default."""
    button = call.parameters.json("menu_button") or {"type": "default"}
    if button.get("type") not in {"default", "commands", "web_app"}:
        raise bad_request("can't parse menu button: unknown type")
    refusal = web_app_refusal("menu button", button.get("web_app")) if button["type"] == "web_app" else None
    if refusal:
        raise refusal
    chat_id = call.parameters.integer("chat_id")
    if not chat_id:
        return _save(call, "menu_button", button)
    call.writable_chat()
    call.state.accounts.set_menu_button(call.bot.id, chat_id, None if button["type"] == "default" else button)
    call.state.journal.record("profile", call.bot.id, {"menu_button": button}, chat_id=chat_id)
    return True


def get_menu_button(call: Call) -> Json:
    """getChatMenuButton."""
    dialog = call.state.accounts.dialog(call.bot.id, call.parameters.integer("chat_id"))
    button: Json = (dialog or {}).get("menu_button") or call.bot.profile.get("menu_button") or {"type": "default"}
    return button


def get_chat(call: Call) -> Json:
    """getChat."""
    chat = call.state.accounts.known_chat(call.parameters.values.get("chat_id"))
    call.chat_id = chat["id"]
    full: Json = chat | {"accent_color_id": chat["id"] % 7, "max_reaction_count": 11, "accepted_gift_types": _NO_GIFTS}
    if chat["id"] < 0:
        return full | {"permissions": dict.fromkeys(_PERMISSIONS, True)}
    return full | ({"active_usernames": [chat["username"]]} if chat.get("username") else {})


_PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)


def get_chat_member(call: Call) -> Json:
    """getChatMember."""
    chat = call.state.accounts.known_chat(call.parameters.values.get("chat_id"))
    user_id = call.parameters.integer("user_id")
    bot = call.state.accounts.bot(user_id)
    user = bot.user() if bot else call.state.accounts.user(user_id)
    if user is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    member = user_id in call.state.accounts.members(chat["id"]) if chat["id"] < 0 else user_id in (chat["id"], call.bot.id)
    return {"status": "member" if member else "left", "user": user}


def get_chat_member_count(call: Call) -> int:
    """getChatMemberCount."""
    chat = call.state.accounts.known_chat(call.parameters.values.get("chat_id"))
    return len(call.state.accounts.members(chat["id"])) if chat["id"] < 0 else 2


def get_file(call: Call) -> Json:
    """getFile."""
    return files.describe(call.state.store, call.bot.id, call.parameters.text("file_id"))


METHODS: dict[str, Handler] = {
    "getMe": get_me,
    "setMyCommands": set_commands,
    "getMyCommands": get_commands,
    "deleteMyCommands": delete_commands,
    "setMyDescription": _text_setter("description", 512),
    "getMyDescription": _text_getter("description"),
    "setMyShortDescription": _text_setter("short_description", 120),
    "getMyShortDescription": _text_getter("short_description"),
    "setMyName": set_name,
    "getMyName": get_name,
    "setChatMenuButton": set_menu_button,
    "getChatMenuButton": get_menu_button,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatMemberCount": get_chat_member_count,
    "getFile": get_file,
}
