"""Texts, captions and labels within Telegram's limits; names that play tricks."""

from __future__ import annotations

import pytest

from bot.catalog import load_catalog
from bot.names import look_alike, unlinked, visible
from bot.screens.fitting import fitted, label, shortened
from bot.screens.rendered import Button, Rendered

TEXTS = load_catalog().texts("en")


def test_what_fits_stays_as_it_is() -> None:
    assert shortened("<b>Total</b>\n1 &lt; 2", 11) == "<b>Total</b>\n1 &lt; 2"


def test_a_long_text_loses_whole_lines_from_its_end_and_says_so() -> None:
    assert shortened("<b>one</b>\ntwo\nthree", 9) == "<b>one</b>\ntwo\n…"


def test_a_cut_never_leaves_a_tag_open() -> None:
    assert shortened("first\n<b>bold\nstill bold</b>\nlast", 20) == "first\n…"


def test_one_line_that_is_too_long_is_cut_without_its_markup() -> None:
    assert shortened(f"<b>{'x' * 50}</b>", 10) == "x" * 9 + "…"
    assert len(shortened("𝕏" * 50, 10).encode("utf-16-le")) // 2 <= 10


def test_a_label_is_plain_short_and_says_when_it_is_a_look_alike() -> None:
    assert label("A &amp; B", TEXTS) == "A & B"
    assert label("✖️ Cancel", TEXTS) == "✖️ Cancel"
    assert label("\u202ex\u200b", TEXTS) == "x"
    assert label("ВТС/USDT", TEXTS) == "ВТС/USDT (⚠️ not BTC)"
    assert len(label("x" * 500, TEXTS)) == 64
    assert label("\u200b", TEXTS) == "…"


def test_a_caption_is_shorter_than_a_text() -> None:
    long = Rendered("line\n" * 700, [[Button("x", "h")]])
    assert len(fitted(long, TEXTS, caption=True).text) < 1024 < len(fitted(long, TEXTS, caption=False).text)


@pytest.mark.parametrize("honest", ["BTC", "btc", "BTC/USDT", "1INCH", "100 USDT", "4594E3F6", "привет", "Ünal", "24ч"])
def test_an_honest_name_is_no_look_alike(honest: str) -> None:
    assert look_alike(honest) == ""


@pytest.mark.parametrize(
    ("name", "ticker"), [("ВТС", "BTC"), ("S0L", "SOL"), ("ＵＳＤＴ", "USDT"), ("L1NK", "LINK"), ("buy ЕТН now", "ETH")]
)
def test_a_look_alike_is_told(name: str, ticker: str) -> None:
    assert look_alike(name) == ticker


def test_what_telegram_would_link_is_written_otherwise_and_figures_stay() -> None:
    assert unlinked("see evil.com or t.me/x, @me #now $BTC /sell") == "see evil․com or t․me/x, ＠me ＃now ＄BTC ⁄sell"
    for figure in ("1,250.5", "0.1.0", "BTC/USDT", "Europe/Berlin", "$50", "2026-01-02 03:04:05 UTC"):
        assert unlinked(figure) == figure


def test_marks_do_not_pile_up() -> None:
    assert visible("e" + "\u0301" * 90) == "e\u0301\u0301"
