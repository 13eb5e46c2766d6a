"""Statements of one shape are compiled once; what is sent is what a fresh compilation would send."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Executable, and_, func, insert, literal_column, select, update

from core.db import unit_of_work
from core.db.unit_of_work import compile_statement
from core.ledger.models import accounts, assets

SHAPES: dict[str, Callable[[int, str], Executable]] = {
    "where": lambda number, word: select(accounts.c.id).where(accounts.c.user_id == number, accounts.c.address.startswith(word)),
    "in": lambda number, _word: select(accounts.c.id).where(accounts.c.id.in_(list(range(number)))),
    "insert": lambda number, word: insert(assets).values(code=word, scale=number),
    "insert many": lambda number, word: insert(assets).values([{"code": word, "scale": one} for one in range(number)]),
    "update": lambda number, word: update(assets).where(assets.c.code == word).values(scale=assets.c.scale + number),
    "limit": lambda number, _word: select(accounts.c.id).limit(number).offset(number + 1),
    "null": lambda number, _word: select(accounts.c.id).where(accounts.c.user_id == (None if number == 2 else number)),
    "repeated value": lambda number, word: select(accounts.c.id).where(and_(accounts.c.address == word, func.lower(word) == str(number))),
    "literal text": lambda number, _word: select(literal_column(str(number))),
}


def freshly(statement: Executable) -> tuple[str, list[object]]:
    unit_of_work._compiled.clear()
    return compile_statement(statement)


@pytest.mark.parametrize("name", SHAPES)
def test_a_known_shape_is_sent_with_its_own_values(name: str) -> None:
    make = SHAPES[name]
    given = [(2, "one"), (3, "two"), (2, "three"), (1, "")]
    expected = [freshly(make(*values)) for values in given]
    unit_of_work._compiled.clear()
    assert [compile_statement(make(*values)) for values in given] == expected
    assert [compile_statement(make(*values)) for values in reversed(given)] == expected[::-1]


def test_a_shape_is_kept_once_and_what_depends_on_its_values_is_not_kept() -> None:
    unit_of_work._compiled.clear()
    for number in range(1, 5):
        compile_statement(SHAPES["where"](number, "x"))
        compile_statement(SHAPES["in"](number, "x"))
    assert len(unit_of_work._compiled) == 1


def test_the_shapes_kept_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    unit_of_work._compiled.clear()
    monkeypatch.setattr(unit_of_work, "_MOST_SHAPES", 3)
    for number in range(10):
        compile_statement(SHAPES["literal text"](number, ""))
    assert len(unit_of_work._compiled) <= 3
