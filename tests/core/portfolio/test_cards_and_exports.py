"""Codes that anybody can verify and nobody can make; files that spreadsheets open as data."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied
from core.kernel.money import Amount
from core.kernel.secret import Secret
from core.market.types import PriceSource
from core.portfolio import cards, codes
from core.portfolio.conversion import Mark
from core.portfolio.spreadsheet import exact, line
from core.portfolio.types import Position
from tests.support.desk import USDT

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
KEY, OTHER_KEY = Secret("k" * 32), Secret("l" * 32)
MARK = Mark(Decimal("150.5"), NOW, PriceSource("a recording", "recorded_book"))
HELD = Position(7, "paper", "BTC/USDT", Decimal("2.000"), Amount(USDT, 200 * 10**8), Amount(USDT, -5), Amount(USDT, 10**8))
AMOUNTS = {"value", "unrealized", "quote"}


def test_a_card_tells_the_change_and_amounts_only_where_wanted() -> None:
    bare = cards.figures_of(HELD, MARK, amounts=False, now=NOW)
    full = cards.figures_of(HELD, MARK, amounts=True, now=NOW)
    assert set(full) - set(bare) == AMOUNTS
    assert (bare["average_cost"], bare["price"], bare["change_percent"]) == ("100", "150.5", "50.5")
    assert (full["value"], full["unrealized"], full["quote"]) == ("301", "101", "USDT")
    assert not any(str(value) == "7" for value in full.values())


@pytest.mark.parametrize("quantity", ["0", "1"])
def test_nothing_held_or_nothing_paid_makes_no_card(quantity: str) -> None:
    nothing = Position(7, "paper", "BTC/USDT", Decimal(quantity), Amount(USDT, 0), Amount(USDT, 0), Amount(USDT, 0))
    with pytest.raises(Denied, match="nothing_to_show"):
        cards.figures_of(nothing, MARK, amounts=True, now=NOW)


async def test_a_card_is_found_by_its_code_however_it_is_typed(pool: Pool) -> None:
    figures = cards.figures_of(HELD, MARK, amounts=True, now=NOW)
    async with unit_of_work(pool) as uow:
        card = await cards.issue_card(uow, KEY, 7, figures)
    for typed in (card.code, card.code.lower(), f" {card.code.replace('-', '')} ", card.code.replace("0", "O").replace("1", "l")):
        async with unit_of_work(pool) as uow:
            assert await cards.verify_card(uow, KEY, typed) == card


async def test_a_code_that_was_not_issued_or_whose_figures_changed_is_no_card(pool: Pool) -> None:
    async with unit_of_work(pool) as uow:
        card = await cards.issue_card(uow, KEY, 7, {"change_percent": "1.00"})
    found = codes.parse(card.code)
    assert found is not None
    wrong = codes.shown(found[0], found[1][::-1] if found[1] != found[1][::-1] else "00000000")
    unknown = codes.shown("00000000", codes.sign(KEY, "00000000", {}))
    async with unit_of_work(pool) as uow:
        for code, key in ((wrong, KEY), (unknown, KEY), ("nonsense", KEY), (card.code, OTHER_KEY), (card.code, Secret(""))):
            assert await cards.verify_card(uow, key, code) is None
        await uow.connection.execute("update portfolio_cards set figures = jsonb_build_object('change_percent', '900.00')")
        assert await cards.verify_card(uow, KEY, card.code) is None


async def test_without_a_key_there_are_no_cards(pool: Pool) -> None:
    with pytest.raises(ValueError, match="key"):
        codes.sign(Secret(""), "00000000", {})
    async with unit_of_work(pool) as uow:
        with pytest.raises(Denied, match="cards_unavailable"):
            await cards.issue_card(uow, Secret(""), 7, {})


async def test_a_name_that_is_taken_is_not_given_again(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    names = iter(["AAAAAAAA", "AAAAAAAA", "BBBBBBBB", *["AAAAAAAA"] * 5])
    monkeypatch.setattr(codes, "new_card_id", lambda: next(names))
    async with unit_of_work(pool) as uow:
        first, second = [await cards.issue_card(uow, KEY, 7, {"n": str(n)}) for n in range(2)]
        assert (first.code[:9], second.code[:9]) == ("AAAA-AAAA", "BBBB-BBBB")
        with pytest.raises(Denied, match="cards_unavailable"):
            await cards.issue_card(uow, KEY, 7, {})


@given(st.text(max_size=80))
def test_what_is_typed_is_a_code_or_nothing(text: str) -> None:
    found = codes.parse(text)
    assert found is None or codes.parse(codes.shown(*found)) == found


def test_names_of_cards_differ() -> None:
    assert len({codes.new_card_id() for _ in range(1000)}) == 1000


CELLS = st.lists(st.one_of(st.text(max_size=20), st.decimals(allow_nan=False, allow_infinity=False), st.none()), min_size=2, max_size=6)


@given(CELLS)
def test_a_line_is_read_back_whole_and_holds_no_formula(cells: list[str | Decimal | None]) -> None:
    [read] = csv.reader(io.StringIO(line(cells).decode(errors="surrogatepass"), newline=""), strict=True)
    assert len(read) == len(cells)
    for written, found in zip(cells, read, strict=True):
        if isinstance(written, Decimal):
            assert Decimal(found) == written
            assert "E" not in found
        else:
            assert found.removeprefix("'") == (written or "").removeprefix("'")
            assert not found.strip().startswith(("=", "+", "-", "@", "＝"))


@pytest.mark.parametrize("text", ["=1+1", " =HYPERLINK()", "+1", "-1", "@x", "\tx", "\rx", "\n=x", "＝1"])
def test_a_text_that_looks_like_a_formula_is_quoted(text: str) -> None:
    assert line([text]).decode().lstrip('"').startswith("'")


def test_times_are_utc_and_figures_exact() -> None:
    at = datetime(2026, 1, 1, 2, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    assert line([at, Decimal("1.500"), Decimal("1E+3"), None, 'a "b", c']) == b'2026-01-01T00:30:00.123Z,1.5,1000,,"a ""b"", c"\r\n'
    assert [exact(Decimal(text)) for text in ("-0.00", "1E-20", "-1.10")] == ["0", "0.00000000000000000001", "-1.1"]
