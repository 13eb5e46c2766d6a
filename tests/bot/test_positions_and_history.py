"""Positions, the sell panel, cards and history, as a person sees them in the chat."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import segno
from PIL import Image

from bot import attachments
from bot.attachments import with_attachment
from bot.catalog import load_catalog
from bot.grammar import parse
from bot.grammar.portfolio import HistoryWords, VerifyWords
from bot.grammar.words import Malformed, Plain
from bot.pictures.pnl_card import CardPicture, draw_card
from bot.screens.registry import render
from bot.screens.rendered import Rendered
from core.db.pool import Pool
from core.portfolio import codes
from tests.bot.test_chat import buy
from tests.support.desk import buy as order_to_buy
from tests.support.desk import make_desk
from tests.support.telegram_desk import TelegramDesk

TEXTS = load_catalog().texts("en")
FIGURES = {
    "symbol": "BTC/USDT",
    "venue": "paper",
    "average_cost": "100.1",
    "price": "90",
    "change_percent": "-10.09",
    "price_source": "test book",
    "price_at": "2026-01-01T00:00:00+00:00",
    "issued_at": "2026-01-01T00:00:01+00:00",
}
AMOUNTS = {"value": "90", "unrealized": "-10.1", "quote": "USDT"}


async def test_positions_tell_value_profit_and_fees_and_open_the_sell_panel(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    assert "nothing through orders" in (await user.ask("/positions", "In all")).text
    await buy(desk, user)
    shown = await user.ask("/positions", "Average cost")
    for words in ("BTC/USDT", "Worth", "USDT at", "test book", "fees so far", "In all"):
        assert words in shown.text
    await user.press(shown, "Sell BTC")
    panel = await user.wait_for_message("what would arrive", message_id=shown.message_id)
    for words in ("25 %:", "100 %:", "Initials:", "price impact", "fees", "test book"):
        assert words in panel.text
    arrives = [Decimal(found) for found in re.findall(r"% ?: [\d.]+ BTC → ([\d.]+) USDT", panel.text)]
    assert arrives == sorted(arrives)
    assert [button["text"] for button in panel.buttons] == ["25 %", "50 %", "75 %", "100 %", "Initials", "✏️ X", "← Back"]
    await user.press(panel, "100 %")
    preview = await user.wait_for_message("Minimum received", message_id=shown.message_id)
    assert str(arrives[-1].normalize()) in preview.text.replace(",", "")


async def test_x_says_how_to_type_an_amount_and_back_leads_back(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await buy(desk, user)
    shown = await user.ask("/positions", "Average cost")
    await user.press(shown, "Sell BTC")
    panel = await user.wait_for_message("what would arrive", message_id=shown.message_id)
    await user.press(panel, "Back")
    again = await user.wait_for_message("Average cost", message_id=shown.message_id)
    await user.press(again, "Sell BTC")
    panel = await user.wait_for_message("what would arrive", message_id=shown.message_id)
    await user.press(panel, "✏️ X")
    assert "/sell BTC/USDT 0.01" in (await user.wait_for_message("How much BTC", message_id=shown.message_id)).text


async def test_a_card_is_a_picture_whose_code_anybody_verifies(desk: TelegramDesk) -> None:
    user, other = await desk.user(7), await desk.user(8)
    await buy(desk, user)
    shown = await user.ask("/positions", "Average cost")
    await user.press(shown, "Card BTC")
    choice = await user.wait_for_message("With or without amounts", message_id=shown.message_id)
    await user.press(choice, "Percent only")
    card = await user.wait_for_message("check it:")
    assert card.raw["message"]["photo"]
    code = re.findall(r"code ([0-9A-Z-]{19})", card.text)[0]
    assert codes.parse(code) is not None
    verified = await other.ask(f"/verify {code.lower()}", "Issued here")
    assert "BTC/USDT" in verified.text
    assert "Value" not in verified.text
    await other.ask("/verify AAAA-AAAA-AAAA-AAAA", "No card with this code")
    assert await desk.pool.fetchval("select data->>'code' from outbox_chat where screen = 'pnl_card'") == code


async def test_history_turns_pages_and_sends_the_file(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await user.ask("/history", "No fills yet")
    await buy(desk, user)
    await desk.pool.execute(
        """insert into fills (id, order_id, user_id, venue, instrument, venue_fill_id, side, price, quantity, notional, base_amount,
            venue_fee, platform_fee, executed_at)
        select gen_random_uuid(), order_id, user_id, venue, instrument, 'more ' || n, side, price, quantity, notional, base_amount,
            venue_fee, platform_fee, executed_at - n * interval '1 minute' from fills, generate_series(1, 9) n
        where venue_fill_id = (select min(venue_fill_id) from fills)"""
    )
    first = await user.ask("/history", "page 1")
    assert first.text.count("bought") == 8
    await user.press(first, "Older")
    second = await user.wait_for_message("page 2", message_id=first.message_id)
    await user.press(second, "Newer")
    first = await user.wait_for_message("page 1", message_id=first.message_id)
    await user.press(first, "CSV")
    file = await user.wait_for_message("All your fills")
    assert file.message_id != first.message_id
    assert re.fullmatch(r"fills-\d{4}-\d\d-\d\d\.csv", file.raw["message"]["document"]["file_name"])
    again = await user.wait_for_message("page 1", message_id=first.message_id)
    assert [button["text"] for button in again.buttons] == ["Older →", "CSV file"]
    await user.ask("/history csv", "All your fills")


async def test_a_file_is_cut_at_a_line_and_says_so(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = await make_desk(pool)
    user_id = await desk.user()
    await desk.trade(order_to_buy(user_id, 50))
    data = {"user_id": user_id, "until": datetime.now(UTC).isoformat()}
    whole = (await with_attachment(pool, "history_file", data, Rendered("x"))).attachment
    monkeypatch.setattr(attachments, "LARGEST", 200)
    cut = (await with_attachment(pool, "history_file", data, Rendered("x"))).attachment
    assert whole is not None
    assert cut is not None
    assert whole.content.startswith(cut.content)
    assert (whole.content.count(b"\r\n"), cut.content.count(b"\r\n")) == (2, 1)
    assert (cut.filename.endswith("-newest.csv"), whole.filename.endswith("-newest.csv")) == (True, False)
    assert (await with_attachment(pool, "text", {}, Rendered("x"))).attachment is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/positions", Plain("positions")),
        ("/positions BTC", Malformed("no-arguments", {"command": "positions"})),
        ("/history", HistoryWords()),
        ("/history CSV", HistoryWords(csv=True)),
        ("/history xls", Malformed("usage-history")),
        ("/verify abcd efgh", VerifyWords("abcdefgh")),
        ("/verify", Malformed("usage-verify")),
        (f"/verify {'A' * 33}", Malformed("usage-verify")),
    ],
)
def test_what_can_be_typed(text: str, words: object) -> None:
    assert parse(text) == words


@pytest.mark.parametrize("amounts", [False, True])
def test_the_picture_is_a_png_with_a_code_that_can_be_scanned(amounts: bool) -> None:
    link = "https://desk.example/verify/ABCD-EFGH-JKMN-PQRS"
    made = draw_card(CardPicture({**FIGURES, **(AMOUNTS if amounts else {})}, "ABCD-EFGH-JKMN-PQRS", link, "@desk_bot"))
    with Image.open(io.BytesIO(made)) as picture:
        assert (picture.format, picture.size) == ("PNG", (1200, 675))
        modules = [[bool(module) for module in row] for row in segno.make_qr(link, error="m").matrix]
        scale = 250 // (len(modules) + 6)
        left, top = 1200 - 60 - 250 + 3 * scale, 675 - 60 - 250 - 70 + 3 * scale
        gray = picture.convert("L")
        seen = [
            [gray.getpixel((left + x * scale + scale // 2, top + y * scale + scale // 2)) == 0 for x in range(len(modules))]
            for y in range(len(modules))
        ]
        assert seen == modules


def test_a_card_with_amounts_differs_from_one_without() -> None:
    bare = draw_card(CardPicture(FIGURES, "C", "x", "d"))
    assert bare != draw_card(CardPicture({**FIGURES, **AMOUNTS}, "C", "x", "d"))
    assert bare == draw_card(CardPicture(FIGURES, "C", "x", "d"))


def test_what_has_no_price_is_said_and_not_guessed() -> None:
    row = {"symbol": "X/Y", "base": "X", "quote": "Y", "quantity": "1", "value": None, "unrealized": None, "price": None, "source": None}
    position = {**row, "age_ms": None, "average_cost": None, "cost": "0", "sell": "s", "card": "c"}
    total = {"quote": "USDT", "value": "0", "unrealized": "0", "realized": "0", "fees": "0", "missing": ["X", "Y"], "age_ms": None}
    shown = render("positions", {"rows": [position], "more": 3, "total": total, "refresh": "r"}, TEXTS).text
    for words in ("No price now", "X, Y", "3 more"):
        assert words in shown


def test_a_share_that_would_be_denied_says_why() -> None:
    offer = {"kind": "initials", "value": "1", "denied": "nothing_to_sell", "params": {"asset": "BTC"}, "handle": "h"}
    shown = render("sell_panel", {"symbol": "BTC/USDT", "offers": [offer], "custom": "x", "back": "b"}, TEXTS).text
    assert "Initials: not possible" in shown


def test_a_verified_card_tells_amounts_where_it_has_them() -> None:
    shown = render("verified", {"card": {"code": "C", "figures": {**FIGURES, **AMOUNTS}}}, TEXTS).text
    for words in ("−10.09 %", "Value 90 USDT", "test book", "paper"):
        assert words in shown


def test_sales_of_before_lots_have_no_profit_line() -> None:
    fill = {"side": "sell", "symbol": "X/Y", "base": "X", "quote": "Y", "quantity": "1", "price": "2", "fees": "0", "venue": "paper"}
    shown = render("history", {"fills": [{**fill, "realized": None, "at": "2026-01-01T00:00:00+00:00"}], "page": 1, "buttons": {}}, TEXTS)
    assert "sold 1 X" in shown.text
    assert "profit" not in shown.text
