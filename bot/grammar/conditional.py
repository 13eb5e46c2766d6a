"""/buy and /sell with a condition: stop, trail, tp, oco, bracket, exit. Pure; without a condition the words go to `orders`.

`/sell BTC/USDT 50% stop 58000` · `… stop 58000 limit 57900` · `… trail 2%` (or an amount) · `… tp 65000:50% 70000:50%` ·
`… oco 65000/58000` · `… exit 2h` · `/buy BTC/USDT 100 bracket 65000/58000` · `/buy BTC/USDT 100 stop 70000` · `… exit 2h`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from bot.amounts import parse_number, parse_percent
from bot.grammar import orders
from bot.grammar.orders import OrderWords
from bot.grammar.words import Malformed, Parser, Words
from core.strategies.types import WHOLE_SHARE_BPS, LegRole, LegSpec
from core.venues.types import Side

CONDITIONS = frozenset({"stop", "trail", "tp", "oco", "bracket", "exit"})
OPTIONS = frozenset({"on", "slippage"})
LONGEST_EXIT = timedelta(days=90)
MOST_STEPS = 5
HUNDRED = Decimal(100)
_SPAN = re.compile(r"([1-9][0-9]{0,4})([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class ConditionalWords(Words):
    """A conditional order as typed. `order` has symbol, size, venue and slippage; `exit_after` is counted from now."""

    order: OrderWords
    legs: tuple[LegSpec, ...] = ()
    exit_after: timedelta | None = None
    enters: bool = False

    @property
    def command(self) -> str:
        """`buy` or `sell`."""
        return self.order.side.value


def _with_conditions(side: Side) -> Parser:
    plain = orders.COMMANDS[side.value]

    def parse(words: list[str]) -> Words:
        place = next((number for number, word in enumerate(words) if number >= 1 and word.lower() in CONDITIONS), None)
        if place is None:
            return plain(words)
        wrong = Malformed(f"usage-conditional-{side.value}")
        options, conditions = _split(words[place:])
        head = plain([*words[:place], *options])
        if not isinstance(head, OrderWords) or head.size is None or head.size.kind == "initials" or head.limit is not None:
            return wrong
        return _conditions(side, conditions, ConditionalWords(head)) or wrong

    return parse


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """Options of the order (`on binance`, `slippage 1%`), and the rest."""
    options: list[str] = []
    rest: list[str] = []
    take = 0
    for word in words:
        take = 2 if not take and word.lower() in OPTIONS else take
        (options if take else rest).append(word)
        take = max(0, take - 1)
    return options, rest


def _conditions(side: Side, words: list[str], found: ConditionalWords) -> ConditionalWords | None:
    """One condition, and perhaps an exit after it; None for anything else."""
    names = [number for number, word in enumerate(words) if word.lower() in CONDITIONS]
    parts = [words[start:end] for start, end in zip(names, [*names[1:], len(words)], strict=True)]
    seen: set[str] = set()
    for name, *rest in parts:
        word = name.lower()
        if word in seen or (word != "exit" and seen - {"exit"}):
            return None
        seen.add(word)
        parsed = _PARTS[word](side, rest, found)
        if parsed is None:
            return None
        found = parsed
    if side is Side.BUY and "exit" in seen and seen & {"stop", "trail"}:
        return None
    return replace(found, enters=side is Side.BUY and not seen & {"stop", "trail"})


def _stop(_side: Side, words: list[str], found: ConditionalWords) -> ConditionalWords | None:
    limit: Decimal | None = None
    if len(words) == 3 and words[1].lower() == "limit":
        limit = parse_number(words[2])
        if limit is None:
            return None
    elif len(words) != 1:
        return None
    trigger = parse_number(words[0])
    return None if trigger is None else _and(found, LegSpec(LegRole.STOP, trigger, limit_price=limit))


def _trail(_side: Side, words: list[str], found: ConditionalWords) -> ConditionalWords | None:
    if len(words) != 1:
        return None
    if words[0].endswith("%"):
        bps = _bps(words[0])
        return None if bps is None or bps >= WHOLE_SHARE_BPS else _and(found, LegSpec(LegRole.TRAILING_STOP, trail_bps=bps))
    amount = parse_number(words[0])
    return None if amount is None else _and(found, LegSpec(LegRole.TRAILING_STOP, trail_amount=amount))


def _bps(word: str) -> int | None:
    percent = parse_percent(word)
    bps = None if percent is None else percent * HUNDRED
    return None if bps is None or bps != bps.to_integral_value() else int(bps)


def _take_profit(side: Side, words: list[str], found: ConditionalWords) -> ConditionalWords | None:
    """`65000`, or `65000:50% 70000:50%` with shares of at most 100 % together."""
    if side is Side.BUY or not 1 <= len(words) <= MOST_STEPS:
        return None
    legs = []
    for word in words:
        price, colon, share = word.partition(":")
        trigger, bps = parse_number(price), _bps(share) if colon else WHOLE_SHARE_BPS
        if trigger is None or bps is None:
            return None
        legs.append(LegSpec(LegRole.TAKE_PROFIT, trigger, share_bps=bps))
    if sum(leg.share_bps for leg in legs) > WHOLE_SHARE_BPS:
        return None
    return _and(found, *legs)


def _pair(wanted: Side) -> Callable[[Side, list[str], ConditionalWords], ConditionalWords | None]:
    """`65000/58000`: the higher one takes the profit, the lower one stops the loss."""

    def parse(side: Side, words: list[str], found: ConditionalWords) -> ConditionalWords | None:
        if side is not wanted or len(words) != 1:
            return None
        prices = [parse_number(part) for part in words[0].split("/")]
        if len(prices) != 2 or prices[0] is None or prices[1] is None or prices[0] == prices[1]:
            return None
        low, high = sorted([prices[0], prices[1]])
        return _and(found, LegSpec(LegRole.TAKE_PROFIT, high), LegSpec(LegRole.STOP, low))

    return parse


def _exit(_side: Side, words: list[str], found: ConditionalWords) -> ConditionalWords | None:
    span = _SPAN.fullmatch(words[0].lower()) if len(words) == 1 else None
    if span is None:
        return None
    after = int(span[1]) * _UNITS[span[2]]
    return replace(found, exit_after=after) if after <= LONGEST_EXIT else None


def _and(found: ConditionalWords, *legs: LegSpec) -> ConditionalWords:
    return replace(found, legs=(*found.legs, *legs))


_PARTS: Mapping[str, Callable[[Side, list[str], ConditionalWords], ConditionalWords | None]] = {
    "stop": _stop,
    "trail": _trail,
    "tp": _take_profit,
    "oco": _pair(Side.SELL),
    "bracket": _pair(Side.BUY),
    "exit": _exit,
}
COMMANDS: Mapping[str, Parser] = {side.value: _with_conditions(side) for side in Side}
