"""An order is found by its short code: by its owner alone, however the code is written, and the newest where two share it."""

from __future__ import annotations

from uuid import UUID

import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.ids import new_id, short_code
from core.trading import request
from core.trading.types import Order
from tests.support.desk import Desk, buy, make_desk


async def found(desk: Desk, user: int, code: str) -> Order | None:
    async with unit_of_work(desk.pool) as uow:
        return await desk.trading.find_order(uow, user, code)


@pytest.fixture
async def desk(pool: Pool) -> Desk:
    return await make_desk(pool)


async def test_an_order_is_found_by_its_owner_in_capitals_or_not(desk: Desk) -> None:
    user, other = await desk.user(), await desk.user()
    mine, newer, theirs = await desk.request(buy(user, 100)), await desk.request(buy(user, 50)), await desk.request(buy(other, 100))

    for order in (mine, newer):
        code = short_code(order.id)
        assert await found(desk, user, code) == await found(desk, user, code.lower()) == order
    assert await found(desk, user, short_code(theirs.id)) is None
    assert await found(desk, other, short_code(theirs.id)) == theirs


async def test_a_code_is_whole_or_finds_nothing(desk: Desk) -> None:
    user = await desk.user()
    code = short_code((await desk.request(buy(user, 100))).id)

    for wrong in ("", code[1:], f"0{code}", "%", "_" * 8, f"{code} ", str(new_id())):
        assert await found(desk, user, wrong) is None


async def test_of_two_orders_with_the_same_code_the_newest_is_found(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ids are chosen so that their order is not the order of the requests."""
    user, ids = await desk.user(), sorted(UUID(int=new_id().int | 0xFFFFFFFF) for _ in range(3))
    chosen = [ids[1], ids[2], ids[0]]
    made = iter(chosen)
    monkeypatch.setattr(request, "new_id", lambda: next(made))
    orders = [await desk.request(buy(user, amount)) for amount in (10, 20, 30)]

    assert [order.id for order in orders] == chosen
    assert await found(desk, user, "ffffffff") == orders[-1]
