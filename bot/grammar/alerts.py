"""/alerts: arming an alert on a price, a move or a volume. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.amounts import parse_number, parse_percent
from bot.grammar.words import Malformed, Parser, Words, is_symbol

DEFAULT_WINDOW = "1h"
WINDOWS = ("5m", "1h", "24h")
_SIDES = {"above": "above", ">": "above", "over": "above", "below": "below", "<": "below", "under": "below"}
WRONG = Malformed("usage-alerts")


@dataclass(frozen=True, slots=True)
class AlertWords(Words):
    """`kind` is '' (list, or ask), `price` (the side is where the price is not), above, below, move or volume.

    `threshold`: quote a base, basis points of a move, or how many times the usual volume.
    """

    symbol: str = ""
    kind: str = ""
    threshold: Decimal = Decimal(0)
    window: str = ""

    @property
    def command(self) -> str:
        """`alerts`."""
        return "alerts"


def parse_alert(words: list[str]) -> Words:
    """The words after /alerts."""
    if not words:
        return AlertWords()
    if not is_symbol(words[0]) or words[0].lower() in _SIDES:
        return WRONG
    symbol, rest = words[0].upper(), [word.lower() for word in words[1:]]
    match rest:
        case []:
            return AlertWords(symbol)
        case [price]:
            return _price(symbol, "price", price)
        case [side, price] if side in _SIDES:
            return _price(symbol, _SIDES[side], price)
        case ["move", share, *window] if len(window) <= 1:
            percent = parse_percent(share)
            return WRONG if percent is None else _windowed(symbol, "move", percent * 100, window)
        case ["volume", times, *window] if len(window) <= 1 and times.endswith("x"):
            count = parse_number(times[:-1])
            return WRONG if count is None else _windowed(symbol, "volume", count, window)
    return WRONG


def _price(symbol: str, kind: str, word: str) -> Words:
    price = parse_number(word.removeprefix("$"))
    return WRONG if price is None else AlertWords(symbol, kind, price)


def _windowed(symbol: str, kind: str, threshold: Decimal, window: list[str]) -> Words:
    name = window[0] if window else DEFAULT_WINDOW
    return AlertWords(symbol, kind, threshold, name) if name in WINDOWS else WRONG


COMMANDS: Mapping[str, Parser] = {"alerts": parse_alert, "alert": parse_alert}
