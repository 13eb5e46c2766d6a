"""Pure rules of the inbox: who sent an update, how it is stored, when a failed one is tried again.

Called by the poller, the webhook and the bot's consumer. Whatever Telegram (or somebody else) sends must come through here
without an exception other than ValueError.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson

from core.inbox.types import RawUpdate

MAX_ATTEMPTS = 8
FIRST_RETRY = timedelta(milliseconds=50)
LONGEST_RETRY = timedelta(seconds=10)
LARGEST_ID = 2**63 - 1
EXITS = frozenset({"pause", "resume", "cancel", "orders", "status"})
"""Commands that must get through whatever else there is: what stops or takes back, and what shows where to press for that."""
_EXIT = re.compile(rf"\s*/({'|'.join(sorted(EXITS))})(?![a-z0-9_])", re.IGNORECASE)
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def retry_delay(attempts: int) -> timedelta | None:
    """How long to wait after the `attempts`th failure in a row (from 1); None when it is time to park."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return min(FIRST_RETRY * (1 << (attempts - 1)), LONGEST_RETRY)


def read_json(body: bytes) -> Any:
    """What a JSON text says. Raises ValueError for anything that is not JSON in UTF-8, or is nested too deep."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError("not JSON in UTF-8") from error


def raw_update(payload: object) -> RawUpdate:
    """The update as the inbox stores it. Raises ValueError where there is no object with a usable `update_id`.

    PostgreSQL's JSON knows neither U+0000 nor lone surrogates: the former is left out, the latter becomes `?`.
    """
    if not isinstance(payload, Mapping):
        raise ValueError("an update is a JSON object")
    update_id = payload.get("update_id")
    if type(update_id) is not int or not 0 <= update_id <= LARGEST_ID:
        raise ValueError("an update has an update_id")
    return RawUpdate(update_id, sender_of(payload), _NUL.sub(r"\1", _text(payload)), is_urgent(payload))


def is_urgent(payload: Mapping[str, Any]) -> bool:
    """Whether it may be an exit: a command that stops, takes back or shows what is open, or a tap (whose button nobody knows yet)."""
    if "callback_query" in payload:
        return True
    message = payload.get("message")
    text = message.get("text") if isinstance(message, Mapping) else None
    return isinstance(text, str) and _EXIT.match(text) is not None


def _text(payload: Mapping[str, Any]) -> str:
    try:
        return orjson.dumps(payload).decode()
    except orjson.JSONEncodeError:
        pass
    try:
        return json.dumps(payload, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace").decode("utf-8")
    except (TypeError, RecursionError) as error:
        raise ValueError("not JSON") from error


def sender_of(payload: Mapping[str, Any]) -> int:
    """The Telegram id of whoever caused the update, else of the chat, else 0."""
    for kind, content in payload.items():
        if kind == "update_id" or not isinstance(content, Mapping):
            continue
        for who in ("from", "user", "chat"):
            found = _id_of(content.get(who))
            if found:
                return found
    return 0


def _id_of(who: object) -> int:
    found = who.get("id") if isinstance(who, Mapping) else None
    return found if type(found) is int and abs(found) <= LARGEST_ID else 0
