"""Conditions in the chat's grammar: what is understood, and that everything else is one line and nothing happens."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.grammar import parse
from bot.grammar.conditional import CONDITIONS, ConditionalWords
from bot.grammar.orders import OrderWords
from bot.grammar.why import WhyWords
from bot.grammar.words import Malformed
from core.strategies.types import LegRole, LegSpec

STOP = LegSpec(LegRole.STOP, Decimal(58000))


@pytest.mark.parametrize(
    ("text", "legs"),
    [
        ("/sell BTC/USDT 50% stop 58000", (STOP,)),
        ("/sell btc max STOP 58,000", (STOP,)),
        ("/sell BTC/USDT 0.5 BTC stop 58k", (STOP,)),
        ("/sell BTC/USDT 50% stop 58000 limit 57900", (LegSpec(LegRole.STOP, Decimal(58000), limit_price=Decimal(57900)),)),
        ("/sell BTC/USDT 50% trail 2.5%", (LegSpec(LegRole.TRAILING_STOP, trail_bps=250),)),
        ("/sell BTC/USDT 50% trail 1500", (LegSpec(LegRole.TRAILING_STOP, trail_amount=Decimal(1500)),)),
        ("/sell BTC/USDT 50% tp 65000", (LegSpec(LegRole.TAKE_PROFIT, Decimal(65000)),)),
        (
            "/sell BTC/USDT 50% tp 65000:50% 70000:50%",
            (
                LegSpec(LegRole.TAKE_PROFIT, Decimal(65000), share_bps=5000),
                LegSpec(LegRole.TAKE_PROFIT, Decimal(70000), share_bps=5000),
            ),
        ),
        ("/sell BTC/USDT 50% oco 58000/65000", (LegSpec(LegRole.TAKE_PROFIT, Decimal(65000)), STOP)),
        ("/buy BTC/USDT 100 bracket 65000/58000", (LegSpec(LegRole.TAKE_PROFIT, Decimal(65000)), STOP)),
        ("/buy BTC/USDT 100 stop 58000", (STOP,)),
        ("/sell BTC/USDT 50% exit 2h", ()),
    ],
)
def test_a_condition_is_understood(text: str, legs: tuple[LegSpec, ...]) -> None:
    found = parse(text)
    assert isinstance(found, ConditionalWords)
    assert found.legs == legs
    assert found.exit_after == (timedelta(hours=2) if "exit" in text else None)
    assert found.enters is ("bracket" in text)


def test_options_stand_anywhere_and_an_exit_goes_with_a_condition() -> None:
    found = parse("/sell BTC/USDT 50% on paper stop 58000 slippage 3% exit 90m")
    assert isinstance(found, ConditionalWords)
    assert (found.order.venue, found.order.slippage_bps, found.exit_after) == ("paper", 300, timedelta(minutes=90))
    entered = parse("/buy BTC/USDT 100 exit 1d")
    assert isinstance(entered, ConditionalWords)
    assert entered.enters


@pytest.mark.parametrize(
    "text",
    [
        "/sell BTC/USDT 50% stop",
        "/sell BTC/USDT 50% stop -1",
        "/sell BTC/USDT 50% stop 58000 limit",
        "/sell BTC/USDT 50% stop 58000 60000",
        "/sell BTC/USDT 50% stop 58000 stop 57000",
        "/sell BTC/USDT 50% stop 58000 trail 2%",
        "/sell BTC/USDT 50% trail 100%",
        "/sell BTC/USDT 50% trail",
        "/sell BTC/USDT 50% tp 65000:60% 70000:60%",
        "/sell BTC/USDT 50% tp 1:1% 2:1% 3:1% 4:1% 5:1% 6:1%",
        "/sell BTC/USDT 50% oco 65000",
        "/sell BTC/USDT 50% oco 65000/65000",
        "/sell BTC/USDT 50% bracket 65000/58000",
        "/buy BTC/USDT 100 oco 65000/58000",
        "/buy BTC/USDT 100 tp 65000",
        "/buy BTC/USDT 100 stop 58000 exit 2h",
        "/sell BTC/USDT 50% exit 2",
        "/sell BTC/USDT 50% exit 0h",
        "/sell BTC/USDT 50% exit 99999d",
        "/sell BTC/USDT initials stop 58000",
        "/sell BTC/USDT 50% limit 60000 stop 58000",
        "/why me",
        "/why 1234567",
        "/why 12345678 9",
    ],
)
def test_anything_else_gets_one_line_with_an_example(text: str) -> None:
    found = parse(text)
    assert isinstance(found, Malformed)
    assert found.message.startswith("usage-")


def test_without_a_condition_it_is_a_plain_order() -> None:
    assert isinstance(parse("/sell BTC/USDT 50%"), OrderWords)
    assert isinstance(parse("/sell"), OrderWords)
    assert isinstance(parse("/sell stop"), OrderWords | Malformed)


def test_why() -> None:
    assert parse("/why") == WhyWords()
    assert parse("/why 1a2b3c4d") == WhyWords("1A2B3C4D")


words = st.sampled_from(
    [*sorted(CONDITIONS), "limit", "on", "slippage", "58000", "2%", "65000/58000", "65000:50%", "2h", "max", "x", ":", "/"]
)


@given(st.sampled_from(["/buy", "/sell", "/why"]), st.lists(words, max_size=8))
def test_any_words_give_a_result(command: str, more: list[str]) -> None:
    found = parse(" ".join([command, "BTC/USDT", "50%", *more]))
    assert found is not None
    if isinstance(found, ConditionalWords):
        assert found.legs or found.exit_after
