"""/buy and /sell: sizes and options of orders. Pure.

A size is always positive and finite; what it means (spend, receive) depends on the instrument and is settled by `size_of`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.amounts import parse_number, parse_percent
from bot.grammar.words import OPTION_WORDS, Malformed, Parser, Words, is_symbol, is_venue
from core.trading.types import OrderSize, SizeKind
from core.venues.types import Side

MAX_SLIPPAGE_PERCENT = Decimal(50)
DEFAULT_SLIPPAGE_BPS = 100
DOLLARS = frozenset({"USDT", "USDC", "USD"})
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class SizeWords:
    """A size as typed. `percent` and `initials` have no unit; `unit` is '' or upper case; `dollars` is True for `$50`."""

    kind: str
    value: Decimal
    unit: str = ""
    dollars: bool = False


@dataclass(frozen=True, slots=True)
class OrderWords(Words):
    """/buy or /sell. Without `symbol` or `size` the bot asks."""

    side: Side
    symbol: str = ""
    size: SizeWords | None = None
    limit: Decimal | None = None
    venue: str = ""
    slippage_bps: int = DEFAULT_SLIPPAGE_BPS

    @property
    def command(self) -> str:
        """`buy` or `sell`."""
        return self.side.value


def _order(side: Side) -> Parser:
    def parse_order(words: list[str]) -> Words:
        wrong = Malformed(f"usage-{side.value}")
        if not words:
            return OrderWords(side)
        symbol, rest = words[0], words[1:]
        if not is_symbol(symbol):
            return wrong
        if not rest:
            return OrderWords(side, symbol.upper())
        size, rest = _take_size(rest)
        if size is None or (size.kind == "initials" and side is Side.BUY):
            return wrong
        options = _options(rest)
        if options is None:
            return wrong
        return OrderWords(side, symbol.upper(), size, options.limit, options.venue, options.slippage_bps)

    return parse_order


def _take_size(words: list[str]) -> tuple[SizeWords | None, list[str]]:
    """The size at the head of `words`, and what follows it."""
    first, rest = words[0], words[1:]
    lowered = first.lower()
    if lowered == "max":
        return SizeWords("percent", HUNDRED), rest
    if lowered == "initials":
        return SizeWords("initials", Decimal(1)), rest
    percent = parse_percent(first)
    if percent is not None:
        return SizeWords("percent", percent), rest
    dollars = first.startswith("$")
    value = parse_number(first[1:] if dollars else first)
    if value is None:
        return None, rest
    if dollars or not rest or not _is_unit(rest[0]):
        return SizeWords("amount", value, dollars=dollars), rest
    return SizeWords("amount", value, rest[0].upper()), rest[1:]


def _is_unit(word: str) -> bool:
    return word.isascii() and word.isalnum() and 2 <= len(word) <= 12 and word[0].isalpha() and word.lower() not in OPTION_WORDS


@dataclass(frozen=True, slots=True)
class _Options:
    limit: Decimal | None = None
    venue: str = ""
    slippage_bps: int = DEFAULT_SLIPPAGE_BPS


def _options(words: list[str]) -> _Options | None:
    """`limit 58000`, `on binance`, `slippage 1%`, each at most once, in any order; None for anything else."""
    if len(words) % 2:
        return None
    given = {words[place].lower(): words[place + 1] for place in range(0, len(words), 2)}
    if len(given) * 2 != len(words) or not given.keys() <= OPTION_WORDS:
        return None
    limit = parse_number(given["limit"]) if "limit" in given else None
    slippage = _slippage_bps(given["slippage"]) if "slippage" in given else DEFAULT_SLIPPAGE_BPS
    venue = given.get("on", "").lower()
    if ("limit" in given and limit is None) or slippage is None or ("on" in given and not is_venue(venue)):
        return None
    return _Options(limit, venue, slippage)


def _slippage_bps(word: str) -> int | None:
    percent = parse_percent(word)
    if percent is None or percent > MAX_SLIPPAGE_PERCENT:
        return None
    bps = percent * HUNDRED
    return int(bps) if bps == bps.to_integral_value() else None


def size_of(words: SizeWords, side: Side, base: str, quote: str) -> OrderSize | Malformed:
    """What a size means for an instrument: without a unit `/buy` spends the quote asset and `/sell` sells the base asset."""
    if words.kind == "percent":
        return OrderSize(SizeKind.PERCENT, words.value)
    if words.kind == "initials":
        return OrderSize(SizeKind.INITIALS, Decimal(1))
    unit = words.unit
    if words.dollars:
        if quote not in DOLLARS:
            return Malformed("unit-unknown", {"unit": "$", "base": base, "quote": quote})
        unit = quote
    if unit == base or (not unit and side is Side.SELL):
        return OrderSize(SizeKind.BASE_QUANTITY, words.value)
    if unit == quote or not unit:
        return OrderSize(SizeKind.QUOTE_AMOUNT, words.value)
    return Malformed("unit-unknown", {"unit": unit, "base": base, "quote": quote})


def canonical(command: OrderWords) -> str:
    """A text that parses to the same command; for the property test and for help."""
    words = [f"/{command.side.value}", command.symbol]
    if command.size is not None:
        words.append(_canonical_size(command.size))
    if command.limit is not None:
        words.append(f"limit {command.limit:f}")
    if command.venue:
        words.append(f"on {command.venue}")
    if command.slippage_bps != DEFAULT_SLIPPAGE_BPS:
        words.append(f"slippage {Decimal(command.slippage_bps).scaleb(-2):f}%")
    return " ".join(words).strip()


def _canonical_size(size: SizeWords) -> str:
    if size.kind == "percent":
        return f"{size.value:f}%"
    if size.kind == "initials":
        return "initials"
    return f"{'$' if size.dollars else ''}{size.value:f} {size.unit}".strip()


COMMANDS: Mapping[str, Parser] = {"buy": _order(Side.BUY), "sell": _order(Side.SELL)}
