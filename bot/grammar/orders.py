"""/buy, /sell and /limit: sizes and options of orders. Pure.

`… limit 58000` makes a limit order, good till canceled unless `ioc`, `fok` or `gtd 2h` says otherwise; with `post` it never takes.
`/limit BTC/USDT 100 58000` and `/limit sell BTC 50% 70000` say the same shorter. A size is always positive and finite; what it means
(spend, receive) depends on the instrument and is settled by `size_of`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from bot.amounts import parse_number, parse_percent
from bot.grammar.words import OPTION_WORDS, Malformed, Parser, Words, is_symbol, is_venue
from core.trading.types import OrderSize, SizeKind
from core.venues.types import RESTING, Side, TimeInForce

MAX_SLIPPAGE_PERCENT = Decimal(50)
DEFAULT_SLIPPAGE_BPS = 100
DOLLARS = frozenset({"USDT", "USDC", "USD"})
HUNDRED = Decimal(100)
TERM_WORDS = frozenset({"post", *(one.value for one in TimeInForce)})
LONGEST_SPAN = timedelta(days=90)
_SPAN = re.compile(r"([1-9][0-9]{0,5})([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class SizeWords:
    """A size as typed. `percent` and `initials` have no unit; `unit` is '' or upper case; `dollars` is True for `$50`."""

    kind: str
    value: Decimal
    unit: str = ""
    dollars: bool = False


@dataclass(frozen=True, slots=True)
class LimitWords:
    """How a limit order may wait, as typed: `good_for` is counted from now and goes with GTD alone."""

    time_in_force: TimeInForce = TimeInForce.GTC
    post_only: bool = False
    good_for: timedelta | None = None


PLAIN_TERMS = LimitWords()


@dataclass(frozen=True, slots=True)
class OrderWords(Words):
    """/buy or /sell. Without `symbol` or `size` the bot asks."""

    side: Side
    symbol: str = ""
    size: SizeWords | None = None
    limit: Decimal | None = None
    venue: str = ""
    slippage_bps: int | None = None
    terms: LimitWords = PLAIN_TERMS

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
            return Malformed("usage-limit") if "limit" in {word.lower() for word in rest} else wrong
        return OrderWords(side, symbol.upper(), size, options.limit, options.venue, options.slippage_bps, options.terms)

    return parse_order


@dataclass(frozen=True, slots=True)
class AskLimit(Words):
    """/limit without a price: the bot asks for what is missing, step by step."""

    side: Side | None = None
    symbol: str = ""
    size: SizeWords | None = None

    @property
    def command(self) -> str:
        """`limit`."""
        return "limit"


def _limit(words: list[str]) -> Words:
    """/limit [buy|sell] SYMBOL SIZE PRICE and options; what is missing is asked for."""
    wrong = Malformed("usage-limit")
    side = _SIDES.get(words[0].lower()) if words else None
    rest = words[1:] if side else words
    if not rest:
        return AskLimit(side)
    if not is_symbol(rest[0]):
        return wrong
    side = side or Side.BUY
    if len(rest) == 1:
        return AskLimit(side, rest[0].upper())
    size, left = _take_size(rest[1:])
    if size is None or (size.kind == "initials" and side is Side.BUY):
        return wrong
    if not left:
        return AskLimit(side, rest[0].upper(), size)
    price = left if left[0].lower() == "limit" else ["limit", *left]
    found = _order(side)([rest[0], *rest[1 : len(rest) - len(left)], *price])
    return found if isinstance(found, OrderWords) else wrong


_SIDES = {side.value: side for side in Side}


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
    return (
        word.isascii() and word.isalnum() and 2 <= len(word) <= 12 and word[0].isalpha() and word.lower() not in OPTION_WORDS | TERM_WORDS
    )


@dataclass(frozen=True, slots=True)
class _Options:
    limit: Decimal | None = None
    venue: str = ""
    slippage_bps: int | None = None
    terms: LimitWords = PLAIN_TERMS


def _options(words: list[str]) -> _Options | None:
    """`limit 58000 post`, `gtd 2h`, `on binance`, `slippage 1%`, each at most once, in any order; None for anything else."""
    given = _given(words)
    terms = None if given is None else _terms(given)
    if given is None or terms is None or ("limit" not in given and given.keys() & TERM_WORDS):
        return None
    limit = parse_number(given["limit"]) if "limit" in given else None
    slippage = _slippage_bps(given["slippage"]) if "slippage" in given else None
    venue = given.get("on", "").lower()
    if ("limit" in given and limit is None) or ("slippage" in given and slippage is None) or ("on" in given and not is_venue(venue)):
        return None
    return _Options(limit, venue, slippage, terms)


def _given(words: list[str]) -> dict[str, str] | None:
    """Each option with its value ('' for a word that stands alone); None for what is none, is there twice or lacks its value."""
    found: dict[str, str] = {}
    left = list(words)
    while left:
        name = left.pop(0).lower()
        takes_value = name in OPTION_WORDS or name == "gtd"
        if name in found or not (takes_value or name in TERM_WORDS) or (takes_value and not left):
            return None
        found[name] = left.pop(0) if takes_value else ""
    return found


def _terms(given: Mapping[str, str]) -> LimitWords | None:
    named = [one for one in TimeInForce if one.value in given]
    if len(named) > 1:
        return None
    time_in_force = named[0] if named else TimeInForce.GTC
    good_for = parse_span(given["gtd"]) if "gtd" in given else None
    if ("gtd" in given and good_for is None) or ("post" in given and time_in_force not in RESTING):
        return None
    return LimitWords(time_in_force, "post" in given, good_for)


def parse_span(word: str) -> timedelta | None:
    """`30m`, `2h` or `7d`, at most LONGEST_SPAN; None for anything else."""
    found = _SPAN.fullmatch(word.lower())
    span = None if found is None else int(found[1]) * _UNITS[found[2]]
    return span if span is not None and span <= LONGEST_SPAN else None


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
        words += _canonical_terms(command.terms)
    if command.venue:
        words.append(f"on {command.venue}")
    if command.slippage_bps is not None:
        words.append(f"slippage {Decimal(command.slippage_bps).scaleb(-2):f}%")
    return " ".join(words).strip()


def _canonical_terms(terms: LimitWords) -> list[str]:
    words = ["post"] if terms.post_only else []
    if terms.good_for is not None:
        return [*words, f"gtd {terms.good_for // timedelta(minutes=1)}m"]
    return words if terms.time_in_force is TimeInForce.GTC else [*words, terms.time_in_force.value]


def _canonical_size(size: SizeWords) -> str:
    if size.kind == "percent":
        return f"{size.value:f}%"
    if size.kind == "initials":
        return "initials"
    return f"{'$' if size.dollars else ''}{size.value:f} {size.unit}".strip()


COMMANDS: Mapping[str, Parser] = {"buy": _order(Side.BUY), "sell": _order(Side.SELL), "limit": _limit}
