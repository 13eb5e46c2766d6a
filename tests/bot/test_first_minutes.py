"""What a newcomer stumbled over: links that name a ticker, orders without their price, figures without separators."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image, ImageDraw

from bot.catalog import load_catalog
from bot.errors import explain
from bot.grammar import parse
from bot.grammar.words import Malformed
from bot.pictures.pnl_card import CardPicture, draw_card
from bot.screens.registry import render
from tests.bot.test_positions_and_history import AMOUNTS, FIGURES
from tests.support.telegram_desk import TelegramDesk


async def test_a_link_with_a_ticker_opens_its_card(desk: TelegramDesk) -> None:
    ann = await desk.user(7)
    await ann.ask("/start", "Welcome")
    assert "BTC/USDT" in (await ann.ask("/start BTC", "spread")).text


async def test_a_newcomer_with_such_a_link_is_welcomed_and_sees_the_card(desk: TelegramDesk) -> None:
    ann, bob = await desk.user(7), await desk.user(8)
    await ann.ask("/start", "Welcome")
    code = await desk.pool.fetchval("select referral_code from users")
    asked = await bob.send(f"/start BTC-{code}")
    await bob.wait_for_message("spread", after=asked.message_id)
    assert "10,000" in (await bob.wait_for_message("Welcome", after=asked.message_id)).text
    assert await desk.pool.fetchval("select count(*) from users where referred_by is not null") == 1


async def test_a_link_that_names_nothing_known_here_says_so(desk: TelegramDesk) -> None:
    ann = await desk.user(7)
    assert "You came for So1anaMint" in (await ann.ask("/start So1anaMint", "came for")).text
    assert "came for" not in (await ann.ask("/start ref_A", "account is open")).text


async def test_an_open_limit_order_is_listed_with_its_size_and_price(desk: TelegramDesk) -> None:
    ann = await desk.user(7)
    shown = await ann.ask("/buy BTC/USDT 150 limit 95", "Limit 95")
    await ann.press(shown, "Confirm")
    await ann.wait_for_message("Accepted", message_id=shown.message_id)
    await desk.work()
    await ann.wait_for_message("Working", message_id=shown.message_id)
    assert "· working · 0 / 1.57736 · Limit 95 USDT ·" in (await ann.ask("/orders", "Open orders")).text


@pytest.mark.parametrize(
    ("code", "params", "expected"),
    [
        ("trigger_met", {"price": "61735.98", "trigger": "58000"}, "the book gives 61,735.98 now, so a trigger of 58,000 would"),
        ("alert_already_true", {"symbol": "BTC/USDT", "price": "61661.385"}, "BTC/USDT is at 61,661.385 now"),
    ],
)
def test_prices_in_refusals_are_written_as_everywhere(code: str, params: dict[str, str], expected: str) -> None:
    assert expected in explain(load_catalog().texts("en"), code, params)


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("/sell BTC trail 2%", "usage-conditional-sell"),
        ("/buy BTC stop 70000", "usage-conditional-buy"),
        ("/buy BTC 100 limit", "usage-limit"),
        ("/sell BTC 50% limit 70000 fok post", "usage-limit"),
        ("/sell BTC 50% slippage 60%", "usage-sell"),
    ],
)
def test_the_line_of_help_is_about_what_was_tried(typed: str, line: str) -> None:
    assert parse(typed) == Malformed(line)


def test_an_alert_that_fired_says_its_currency() -> None:
    data = {"kind": "above", "symbol": "BTC/USDT", "threshold": "61735.1", "window": "", "price": None}
    assert render("alert", data, load_catalog().texts("en")).text == "🔔 BTC/USDT at or above 61,735.1 USDT"


def test_the_letters_of_a_card_are_in_its_font_and_none_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    original = ImageDraw.ImageDraw.text

    def text(pen: ImageDraw.ImageDraw, at: tuple[float, float], said: str, **how: Any) -> None:
        drawn.append(said)
        original(pen, at, said, **how)

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", text)
    with Image.open(io.BytesIO(draw_card(CardPicture({**FIGURES, **AMOUNTS}, "ABCD-EFGH-JKMN-PQRS", "x", "@" + "w" * 32)))) as picture:
        edge = picture.crop((picture.width - 3, 0, picture.width, picture.height))
        assert edge.getcolors() == [(3 * picture.height, (16, 24, 32))]
    assert "-10.1 USDT" in drawn
    assert all(said.isascii() for said in drawn)
