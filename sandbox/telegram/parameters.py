"""Which parameters a call may and must have, and reading them. The truth is python-telegram-bot's `Bot`, by introspection; in tests the
published specification (`api.json`) is held against each call too. Used by `server`.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import telegram

from sandbox.telegram.errors import ApiError, bad_request

_TRANSPORT = {"self", "read_timeout", "write_timeout", "connect_timeout", "pool_timeout", "api_kwargs"}
_NOT_METHODS = {"do_api_request", "initialize", "shutdown"}


@dataclass(frozen=True)
class MethodSchema:
    """One method: its name in Telegram's spelling, required and known parameters, and whether it answers True."""

    name: str
    required: frozenset[str]
    known: frozenset[str]
    returns_bool: bool


@dataclass(frozen=True)
class Upload:
    """A file of a multipart request."""

    filename: str
    content_type: str
    data: bytes


@dataclass(frozen=True)
class Parameters:
    """The values of one call; each reader turns a value that came as text into its type, or raises 400."""

    values: dict[str, Any]
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        """As a string."""
        value = self.values.get(name)
        return default if value is None else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        """As an integer."""
        value = self.values.get(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad_request(f"{name} must be an Integer") from None

    def boolean(self, name: str) -> bool:
        """As a boolean; absent is False."""
        return self.values.get(name) in (True, "true", "True", "1", 1)

    def json(self, name: str) -> Any:
        """As what the JSON says; absent is None."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            raise bad_request(f"can't parse {name} JSON object") from None

    def upload(self, name: str) -> Upload | None:
        """The file sent as this parameter, directly or by `attach://`."""
        value = self.values.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            return self.files.get(value.removeprefix("attach://"))
        return self.files.get(name)


def camel_case(name: str) -> str:
    """`send_message` → `sendMessage`."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


@cache
def library_methods() -> dict[str, MethodSchema]:
    """Every method of python-telegram-bot's Bot by its name in lower case (Telegram's names are case-insensitive)."""
    methods = {}
    for name, function in inspect.getmembers(telegram.Bot, inspect.iscoroutinefunction):
        if name.startswith("_") or name != name.lower() or name in _NOT_METHODS:
            continue
        signature = inspect.signature(function)
        parameters = {key: value for key, value in signature.parameters.items() if key not in _TRANSPORT}
        required = frozenset(key for key, value in parameters.items() if value.default is inspect.Parameter.empty)
        telegram_name = camel_case(name)
        returns_bool = signature.return_annotation in (bool, "bool")
        methods[telegram_name.lower()] = MethodSchema(telegram_name, required, frozenset(parameters), returns_bool)
    return methods


def specified_methods(path: Path) -> dict[str, MethodSchema]:
    """The same from the published specification's data."""
    methods = {}
    for name, method in orjson.loads(path.read_bytes())["methods"].items():
        fields = method.get("fields", [])
        required = frozenset(entry["name"] for entry in fields if entry["required"])
        known = frozenset(entry["name"] for entry in fields)
        methods[name.lower()] = MethodSchema(name, required, known, method.get("returns") == ["Boolean"])
    return methods


class Schemas:
    """The check of each call against the library, and against the specification where one is given."""

    def __init__(self, spec: Path | None, *, strict: bool) -> None:
        self._library = library_methods()
        self._spec = specified_methods(spec) if spec else {}
        self._strict = strict

    def method(self, name: str) -> MethodSchema:
        """The method's schema; 404 for a name the Bot API does not have."""
        found = self._library.get(name.lower())
        if found is None:
            raise ApiError(404, "Not Found: method not found")
        return found

    def check(self, schema: MethodSchema, parameters: Parameters) -> None:
        """400 for a missing or unknown parameter."""
        given = set(parameters.values) | set(parameters.files)
        given = {name for name in given if name in parameters.files or parameters.values.get(name) is not None}
        attached = {name for name in parameters.files if _is_attached(name, parameters)}
        specified = self._spec.get(schema.name.lower())
        for source in (schema, specified):
            if source is None:
                continue
            missing = sorted(source.required - given)
            if missing:
                raise bad_request(f"parameter {missing[0]} is required")
            unknown = sorted(given - source.known - attached)
            if unknown and self._strict:
                raise bad_request(f"unknown parameter {unknown[0]}")


def _is_attached(name: str, parameters: Parameters) -> bool:
    return any(f"attach://{name}" in str(value) for value in parameters.values.values())
