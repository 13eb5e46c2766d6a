"""/settings: one setting a line, as typed or as a button keeps it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.amounts import parse_number, parse_percent
from bot.grammar.words import Malformed, Parser, Words
from core.notifications.types import Event, Mode, QuietHours

HUNDRED = Decimal(100)
_HOURS = re.compile(r"([01]?[0-9]|2[0-3])(?::([0-5][0-9]))?-([01]?[0-9]|2[0-3])(?::([0-5][0-9]))?")
_TIMEZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]{1,38}")


@dataclass(frozen=True, slots=True)
class SettingWords(Words):
    """`name` is '' for all settings; without a `value` the bot shows the one setting and how to change it.

    Values: slippage int (basis points), presets tuple of Decimal, sell tuple of int (per cent), phrase str ('' takes it away), quiet
    (QuietHours or None, timezone or None), language str, confirm and digest bool, mode str, notify (Event, Mode), lots str.
    """

    name: str = ""
    value: object = None

    @property
    def command(self) -> str:
        """`settings`."""
        return "settings"


def parse_setting(words: list[str]) -> Words:
    """The words after /settings."""
    if not words:
        return SettingWords()
    name = words[0].lower()
    read = _READERS.get(name)
    if read is None:
        return Malformed("usage-settings")
    if len(words) == 1:
        return SettingWords(name)
    value = read(words[1:])
    return Malformed(f"usage-settings-{name}") if value is None else SettingWords(name, value)


def _slippage(words: list[str]) -> int | None:
    percent = parse_percent(words[0]) if len(words) == 1 else None
    bps = None if percent is None else percent * HUNDRED
    return int(bps) if bps is not None and bps == bps.to_integral_value() else None


def _presets(words: list[str]) -> tuple[Decimal, ...] | None:
    amounts = [parse_number(word.removeprefix("$")) for word in words]
    return tuple(amount for amount in amounts if amount is not None) if None not in amounts else None


def _shares(words: list[str]) -> tuple[int, ...] | None:
    shares = [parse_percent(word if word.endswith("%") else f"{word}%") for word in words]
    whole = [int(share) for share in shares if share is not None and share == share.to_integral_value()]
    return tuple(whole) if len(whole) == len(words) else None


def _phrase(words: list[str]) -> str:
    return "" if [word.lower() for word in words] == ["off"] else " ".join(words)


def _quiet(words: list[str]) -> tuple[QuietHours | None, str | None] | None:
    timezone = words[1] if len(words) == 2 and _TIMEZONE.fullmatch(words[1]) else None
    if len(words) > 2 or (len(words) == 2 and timezone is None):
        return None
    if words[0].lower() == "off":
        return None, timezone
    found = _HOURS.fullmatch(words[0])
    if found is None:
        return None
    begin, end = int(found[1]) * 60 + int(found[2] or 0), int(found[3]) * 60 + int(found[4] or 0)
    return (QuietHours(begin, end), timezone) if begin != end else None


def _switch(words: list[str]) -> bool | None:
    return {"on": True, "off": False}.get(words[0].lower()) if len(words) == 1 else None


def _one_of(*allowed: str) -> Callable[[list[str]], str | None]:
    def read(words: list[str]) -> str | None:
        return words[0].lower() if len(words) == 1 and words[0].lower() in allowed else None

    return read


def _language(words: list[str]) -> str | None:
    word = words[0].lower()
    return word if len(words) == 1 and word.isascii() and word.isalpha() and len(word) == 2 else None


def _notify(words: list[str]) -> tuple[Event, Mode] | None:
    events = {event.value: event for event in Event}
    modes = {mode.value: mode for mode in Mode}
    if len(words) != 2 or words[0].lower() not in events or words[1].lower() not in modes:
        return None
    return events[words[0].lower()], modes[words[1].lower()]


_READERS: Mapping[str, Callable[[list[str]], object]] = {
    "language": _language,
    "mode": _one_of("paper", "live"),
    "slippage": _slippage,
    "presets": _presets,
    "sell": _shares,
    "confirm": _switch,
    "notify": _notify,
    "quiet": _quiet,
    "digest": _switch,
    "phrase": _phrase,
    "lots": _one_of("fifo", "lifo", "hifo"),
}
SETTINGS = tuple(_READERS)
COMMANDS: Mapping[str, Parser] = {"settings": parse_setting}
