"""The grammar: what is accepted, what is not, and that nothing at all makes it raise or guess."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.amounts import parse_number, parse_percent
from bot.catalog import load_catalog
from bot.grammar import COMMAND_NAMES, parse
from bot.grammar.account import Start
from bot.grammar.operation import Switch
from bot.grammar.orders import PLAIN_TERMS, AskLimit, LimitWords, OrderWords, SizeWords, canonical, size_of
from bot.grammar.words import FreeText, Malformed, Plain
from core.trading.types import OrderSize, SizeKind
from core.venues.types import Side, TimeInForce

BOT = "strongroom_bot"
MALFORMED = [
    re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), line)
    for line in (Path(__file__).parent / "malformed.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def limit_words(terms: LimitWords = PLAIN_TERMS) -> OrderWords:
    return OrderWords(Side.BUY, "BTC", SizeWords("amount", Decimal(100)), Decimal(58000), terms=terms)


def test_there_are_more_than_two_hundred_malformed_commands() -> None:
    assert len(set(MALFORMED)) == len(MALFORMED) >= 200


@pytest.mark.parametrize("text", MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_command_gets_one_line_with_an_example(text: str) -> None:
    found = parse(text, BOT)
    if isinstance(found, OrderWords):
        pytest.fail(f"{text!r} was taken for {found}")
    if found is None:
        return  # addressed to nobody or another bot: not even a line
    assert isinstance(found, Malformed), f"{text!r} was taken for {found}"
    line = load_catalog().texts("en")(found.message, **found.params)
    assert "\n" not in line
    assert "nothing happened" in line
    assert re.search(r"/[a-z]+", line), "there is no example"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/start", Start()),
        ("/start ref_ABCD2345", Start("ref_ABCD2345")),
        ("/start So1ana-CODE1234", Start("So1ana-CODE1234")),
        ("/help", Plain("help")),
        ("  /Portfolio  ", Plain("portfolio")),
        ("/orders@strongroom_bot", Plain("orders")),
        ("/STATUS@Strongroom_Bot", Plain("status")),
        ("/orders@other_bot", None),
        ("/pause", Switch(False, "global")),
        ("/pause venue paper", Switch(False, "venue:paper")),
        ("/pause btc/usdt", Switch(False, "instrument:BTC/USDT")),
        ("/resume user 7", Switch(True, "user:7")),
        ("/buy", OrderWords(Side.BUY)),
        ("/sell BTC", OrderWords(Side.SELL, "BTC")),
        ("/buy BTC/USDT 100", OrderWords(Side.BUY, "BTC/USDT", SizeWords("amount", Decimal(100)))),
        ("/buy btc-usdt 0.01 btc", OrderWords(Side.BUY, "BTC-USDT", SizeWords("amount", Decimal("0.01"), "BTC"))),
        ("/buy BTCUSDT $50", OrderWords(Side.BUY, "BTCUSDT", SizeWords("amount", Decimal(50), dollars=True))),
        ("/buy btc 1,250.75", OrderWords(Side.BUY, "BTC", SizeWords("amount", Decimal("1250.75")))),
        ("/buy btc 1.2k USDT", OrderWords(Side.BUY, "BTC", SizeWords("amount", Decimal(1200), "USDT"))),
        ("/buy btc 25%", OrderWords(Side.BUY, "BTC", SizeWords("percent", Decimal(25)))),
        ("/sell btc MAX", OrderWords(Side.SELL, "BTC", SizeWords("percent", Decimal(100)))),
        ("/sell btc initials", OrderWords(Side.SELL, "BTC", SizeWords("initials", Decimal(1)))),
        (
            "/buy btc 100 slippage 0.5% on Binance limit 58,000",
            OrderWords(Side.BUY, "BTC", SizeWords("amount", Decimal(100)), Decimal(58000), "binance", 50),
        ),
        ("/buy BTC 100 limit 58000", limit_words()),
        ("/limit BTC 100 58000", limit_words()),
        ("/limit buy BTC 100 limit 58000", limit_words()),
        ("/buy BTC 100 limit 58000 post", limit_words(LimitWords(post_only=True))),
        ("/buy BTC 100 limit 58000 GTC post", limit_words(LimitWords(post_only=True))),
        ("/buy BTC 100 ioc limit 58000", limit_words(LimitWords(TimeInForce.IOC))),
        ("/limit BTC 100 58000 fok", limit_words(LimitWords(TimeInForce.FOK))),
        ("/buy BTC 100 limit 58000 gtd 2h", limit_words(LimitWords(TimeInForce.GTD, good_for=timedelta(hours=2)))),
        ("/buy BTC 100 limit 58000 post gtd 7D", limit_words(LimitWords(TimeInForce.GTD, True, timedelta(days=7)))),
        ("/limit", AskLimit()),
        ("/limit sell", AskLimit(Side.SELL)),
        ("/limit btc", AskLimit(Side.BUY, "BTC")),
        ("/limit sell btc 50%", AskLimit(Side.SELL, "BTC", SizeWords("percent", Decimal(50)))),
        ("/limit btc 0.1 BTC", AskLimit(Side.BUY, "BTC", SizeWords("amount", Decimal("0.1"), "BTC"))),
        ("btc", FreeText("btc")),
        ("", FreeText("")),
    ],
)
def test_what_is_accepted(text: str, expected: object) -> None:
    assert parse(text, BOT) == expected


@pytest.mark.parametrize(
    ("words", "side", "expected"),
    [
        (SizeWords("amount", Decimal(100)), Side.BUY, OrderSize(SizeKind.QUOTE_AMOUNT, Decimal(100))),
        (SizeWords("amount", Decimal(1)), Side.SELL, OrderSize(SizeKind.BASE_QUANTITY, Decimal(1))),
        (SizeWords("amount", Decimal(1), "BTC"), Side.BUY, OrderSize(SizeKind.BASE_QUANTITY, Decimal(1))),
        (SizeWords("amount", Decimal(50), "USDT"), Side.SELL, OrderSize(SizeKind.QUOTE_AMOUNT, Decimal(50))),
        (SizeWords("amount", Decimal(50), dollars=True), Side.SELL, OrderSize(SizeKind.QUOTE_AMOUNT, Decimal(50))),
        (SizeWords("percent", Decimal(100)), Side.SELL, OrderSize(SizeKind.PERCENT, Decimal(100))),
        (SizeWords("initials", Decimal(1)), Side.SELL, OrderSize(SizeKind.INITIALS, Decimal(1))),
    ],
)
def test_what_a_size_means(words: SizeWords, side: Side, expected: OrderSize) -> None:
    assert size_of(words, side, "BTC", "USDT") == expected


def test_a_foreign_unit_and_dollars_for_a_pair_without_them_are_refused() -> None:
    assert isinstance(size_of(SizeWords("amount", Decimal(1), "EUR"), Side.BUY, "BTC", "USDT"), Malformed)
    assert isinstance(size_of(SizeWords("amount", Decimal(1), dollars=True), Side.BUY, "ETH", "BTC"), Malformed)


@given(st.text(max_size=400))
def test_any_text_gives_a_result(text: str) -> None:
    require_sound(text)


WORDS = st.one_of(
    st.sampled_from(
        [
            "BTC/USDT",
            "btc",
            "100",
            "0.5",
            "1.2k",
            "$50",
            "25%",
            "max",
            "initials",
            "limit",
            "on",
            "slippage",
            "post",
            "gtd",
            "2h",
            "1%",
            "USDT",
            "-1",
            "nan",
            "1e9",
        ]
    ),
    st.text(max_size=12),
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
    st.from_regex(r"[0-9,.]{1,30}[k%]?", fullmatch=True),
)


@given(st.sampled_from(COMMAND_NAMES), st.lists(WORDS, max_size=8))
def test_any_words_after_a_command_give_a_result(name: str, words: list[str]) -> None:
    require_sound(f"/{name} {' '.join(words)}")


def require_sound(text: str) -> None:
    """A result, and every size in it positive, finite and within what an order can say."""
    found = parse(text, BOT)
    if not isinstance(found, OrderWords):
        return
    assert found.slippage_bps is None or 1 <= found.slippage_bps <= 5_000
    assert found.limit is None or (found.limit.is_finite() and found.limit > 0)
    if found.size is not None:
        assert found.size.value.is_finite()
        assert found.size.value > 0
        assert found.size.value < Decimal(10) ** 22
        assert found.size.kind != "percent" or found.size.value <= 100
        size = size_of(found.size, found.side, "BTC", "USDT")
        assert isinstance(size, Malformed) or size.value > 0


NUMBERS = st.decimals(min_value="0.00000001", max_value="999999999", allow_nan=False, allow_infinity=False, places=8)
SIZES = st.one_of(
    st.builds(SizeWords, st.just("amount"), NUMBERS, st.sampled_from(["", "USDT", "BTC"])),
    st.builds(SizeWords, st.just("amount"), NUMBERS, st.just(""), st.just(True)),
    st.builds(SizeWords, st.just("percent"), st.decimals(min_value="0.01", max_value=100, places=2)),
)
ORDERS = st.builds(
    OrderWords,
    st.sampled_from(list(Side)),
    st.sampled_from(["BTC/USDT", "ETH", "SOL-USDT"]),
    SIZES,
    st.one_of(st.none(), NUMBERS),
    st.sampled_from(["", "paper", "binance"]),
    st.integers(1, 5_000),
)
SPANS = st.integers(1, 90 * 1440).map(lambda minutes: timedelta(minutes=minutes))
TERMS = st.one_of(
    st.builds(LimitWords, st.sampled_from([TimeInForce.IOC, TimeInForce.FOK])),
    st.builds(LimitWords, st.just(TimeInForce.GTC), st.booleans()),
    st.builds(LimitWords, st.just(TimeInForce.GTD), st.booleans(), SPANS),
)


@given(ORDERS, TERMS)
def test_the_terms_of_a_limit_order_are_read_back(command: OrderWords, terms: LimitWords) -> None:
    if command.limit is not None:
        command = replace(command, terms=terms)
    assert parse(canonical(command), BOT) == command


@given(ORDERS)
def test_what_is_written_in_canonical_form_is_read_back(command: OrderWords) -> None:
    assert parse(canonical(command), BOT) == command


@given(st.decimals(min_value=1, max_value=999_999_999, places=2))
def test_thousands_separators_in_the_right_places_change_nothing(value: Decimal) -> None:
    assert parse_number(f"{value:,f}") == value == parse_number(f"{value:f}")


@given(st.text(max_size=40))
def test_numbers_are_positive_and_finite_or_none(text: str) -> None:
    for value in (parse_number(text), parse_percent(text)):
        assert value is None or (value.is_finite() and value > 0)


def test_a_message_of_ten_thousand_characters_is_refused() -> None:
    assert parse("/buy BTC/USDT " + "1" * 10_000, BOT) == Malformed("too-long")
