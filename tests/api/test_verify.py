"""Anybody verifies a card by its code and learns what is on it; nobody makes one, and nothing else is told."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.secret import Secret
from core.portfolio.cards import issue_card
from tests.api.support import api_settings, open_door

KEY = Secret("a key for cards")
FIGURES = {"symbol": "BTC/<b>USDT", "venue": "paper", "change_percent": "50.50", "issued_at": "2026-01-01T00:00:00+00:00", "secret": "mine"}
PEOPLE = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
async def open_to_all(app_dsn: Secret, valkey_url: str) -> AsyncIterator[AsyncClient]:
    settings = api_settings(app_dsn, valkey_url).model_copy(update={"card_secret": KEY})
    async with open_door(settings) as client:
        yield client


async def issued(pool: Pool) -> str:
    async with unit_of_work(pool) as uow:
        return (await issue_card(uow, KEY, 4242, FIGURES)).code


async def test_a_program_gets_the_figures_of_the_card_and_nothing_else(pool: Pool, open_to_all: AsyncClient) -> None:
    code = await issued(pool)
    answer = await open_to_all.get(f"/verify/{code.lower()}")
    assert answer.status_code == 200
    assert answer.json() == {"code": code, "figures": {name: FIGURES[name] for name in FIGURES if name != "secret"}}
    assert answer.headers["cache-control"] == "no-store"


async def test_a_person_gets_a_page_in_which_nothing_is_markup(pool: Pool, open_to_all: AsyncClient) -> None:
    answer = await open_to_all.get(f"/verify/{await issued(pool)}", headers=PEOPLE)
    assert answer.status_code == 200
    for words in ("issued here", "50.50", "BTC/&lt;b&gt;USDT", "simulated"):
        assert words in answer.text
    for words in ("<b>USDT", "4242", "mine", "user"):
        assert words not in answer.text


@pytest.mark.parametrize("code", ["AAAA-AAAA-AAAA-AAAA", "x", "%00", "🙂", "A" * 500])
async def test_what_was_not_issued_is_not_found(pool: Pool, open_to_all: AsyncClient, code: str) -> None:
    await issued(pool)
    assert (await open_to_all.get(f"/verify/{code}")).status_code == 404
    page = await open_to_all.get(f"/verify/{code}", headers=PEOPLE)
    assert (page.status_code, "No card with this code" in page.text) == (404, True)


async def test_figures_that_were_changed_later_are_no_card(pool: Pool, open_to_all: AsyncClient) -> None:
    code = await issued(pool)
    await pool.execute("""update portfolio_cards set figures = figures || '{"change_percent": "999.00"}'""")
    assert (await open_to_all.get(f"/verify/{code}")).status_code == 404
