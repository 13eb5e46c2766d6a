"""Keyboards as Telegram accepts them: inline ones, reply keyboards, removing one, ForceReply. Pure; used by sending and editing."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import telegram

from sandbox.telegram.errors import ApiError, bad_request

Json = dict[str, Any]

_LOCAL = {"127.0.0.1", "localhost", "::1"}
_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
_INLINE_KEYS = {"text", "style", "icon_custom_emoji_id", *_ACTIONS} | {
    key for key in telegram.InlineKeyboardButton.__slots__ if key[0] != "_"
}
_REPLY_KEYS = {key for key in telegram.KeyboardButton.__slots__ if key[0] != "_"} | {"text"}
_KINDS = ("inline_keyboard", "keyboard", "remove_keyboard", "force_reply")


def checked_markup(markup: Any, *, chat_id: int) -> Json | None:
    """The markup as it is stored, or None; 400 with Telegram's words for a bad one."""
    if markup is None or markup == {}:
        return None
    if not isinstance(markup, dict) or not any(kind in markup for kind in _KINDS):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        rows = [[_inline(button, chat_id) for button in row] for row in _rows(markup["inline_keyboard"]) if row]
        return {"inline_keyboard": rows} if rows else None
    if "keyboard" in markup:
        return dict(markup) | {"keyboard": [[_reply(button) for button in row] for row in _rows(markup["keyboard"]) if row]}
    return dict(markup)


def inline_part(markup: Json | None) -> Json | None:
    """What of a markup is part of the Message object: inline keyboards only."""
    return markup if markup and "inline_keyboard" in markup else None


def callback_buttons(markup: Json | None) -> list[Json]:
    """All inline buttons in reading order."""
    return [button for row in (markup or {}).get("inline_keyboard", []) for button in row]


def _rows(rows: Any) -> list[list[Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request("can't parse keyboard: expected an Array of Arrays of buttons")
    if sum(len(row) for row in rows) > 100 or any(len(row) > 8 for row in rows if row and "callback_data" in row[0]):
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return rows


def _inline(button: Any, chat_id: int) -> Json:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str) or not button["text"].strip():
        raise bad_request('can\'t parse inline keyboard button: field "text" must be a non-empty String')
    unknown = set(button) - _INLINE_KEYS
    if unknown:
        raise bad_request(f"can't parse inline keyboard button: unknown field {sorted(unknown)[0]}")
    actions = [action for action in _ACTIONS if action in button]
    if not actions:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request("can't parse inline keyboard button: exactly one action is allowed")
    check = _CHECKS.get(actions[0])
    refusal = check(button, chat_id) if check else None
    if refusal:
        raise refusal
    return dict(button)


def _check_callback(button: Json, _chat_id: int) -> ApiError | None:
    data = button["callback_data"]
    return None if isinstance(data, str) and 1 <= len(data.encode()) <= 64 else bad_request("BUTTON_DATA_INVALID")


def _check_url(button: Json, _chat_id: int) -> ApiError | None:
    url = str(button["url"])
    fine = re.match(r"(?:https?|tg|ton)://\S+$", url) or re.match(r"[\w-]+(?:\.[\w-]+)+(?:[/?#]\S*)?$", url)
    return None if fine else bad_request("BUTTON_URL_INVALID")


def _check_web_app(button: Json, chat_id: int) -> ApiError | None:
    if chat_id < 0:
        return bad_request("BUTTON_TYPE_INVALID")
    return web_app_refusal("inline keyboard button", button["web_app"])


def web_app_refusal(what: str, web_app: Any) -> ApiError | None:
    """Web apps need HTTPS at Telegram; here HTTP is allowed for this machine itself."""
    url = str(web_app.get("url", "")) if isinstance(web_app, dict) else ""
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL):
        return None
    return bad_request(f"{what} Web App URL '{url}' is invalid: Only HTTPS links are allowed")


def _check_copy(button: Json, _chat_id: int) -> ApiError | None:
    text = button["copy_text"].get("text", "") if isinstance(button["copy_text"], dict) else ""
    return None if 1 <= len(text) <= 256 else bad_request("BUTTON_COPY_TEXT_INVALID")


_CHECKS = {"callback_data": _check_callback, "url": _check_url, "web_app": _check_web_app, "copy_text": _check_copy}


def _reply(button: Any) -> Json:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict) or not button.get("text") or set(button) - _REPLY_KEYS:
        raise bad_request("can't parse keyboard button: expected a String or a KeyboardButton")
    refusal = web_app_refusal("keyboard button", button["web_app"]) if "web_app" in button else None
    if refusal:
        raise refusal
    return dict(button)
