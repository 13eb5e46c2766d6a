"""Fills by pages and as a file, with what each made, from real orders on the paper venue."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.portfolio.history import COLUMNS, FillPage, HistoryFill, cursor, export_fills, fill_history, read_cursor
from core.portfolio.service import lots, positions
from core.trading.types import SizeKind
from tests.support.desk import Desk, buy, make_desk, sell


async def traded(pool: Pool) -> tuple[Desk, int]:
    """Buys 3 at 100, 200 and 500; sells 2, first in first out."""
    desk = await make_desk(pool)
    user_id = await desk.user()
    await desk.trade(buy(user_id, 3, SizeKind.BASE_QUANTITY))
    await desk.trade(sell(user_id, 2))
    return desk, user_id


async def page(pool: Pool, user_id: int, before: str | None = None, limit: int = 2) -> FillPage:
    async with unit_of_work(pool) as uow:
        return await fill_history(uow, user_id, before=before, limit=limit)


async def test_pages_hold_every_fill_once_newest_first(pool: Pool) -> None:
    _, user_id = await traded(pool)
    found: list[HistoryFill] = []
    before = None
    while True:
        one = await page(pool, user_id, before)
        assert len(one.fills) <= 2
        found += one.fills
        before = one.older
        if before is None:
            break
    count = await pool.fetchval("select count(*) from fills")
    assert len({fill.id for fill in found}) == len(found) == count
    assert [fill.executed_at for fill in found] == sorted((fill.executed_at for fill in found), reverse=True)
    assert read_cursor(cursor(found[0])) == (found[0].executed_at, found[0].id)


async def test_what_fills_made_adds_up_to_the_position(pool: Pool) -> None:
    _, user_id = await traded(pool)
    fills = (await page(pool, user_id, limit=100)).fills
    async with unit_of_work(pool) as uow:
        [position] = await positions(uow, user_id, "paper")
        left = await lots(uow, user_id, "paper", "BTC/USDT")
    assert sum(fill.realized.units for fill in fills if fill.realized) == position.realized_pnl.units
    assert sum((fill.venue_fee + fill.platform_fee).units for fill in fills) == position.fees.units
    assert {fill.side for fill in fills if fill.realized is None} == {"buy"}
    assert [(lot.quantity, lot.remaining) for lot in left] == [(Decimal(1), Decimal(1))]
    assert left[0].cost == position.cost


async def test_nobody_sees_the_fills_of_others(pool: Pool) -> None:
    desk, _ = await traded(pool)
    stranger = await desk.user()
    assert await page(pool, stranger) == FillPage((), None)
    assert [part async for part in export_fills(pool, stranger)] == [(",".join(COLUMNS) + "\r\n").encode()]


async def test_the_file_holds_every_fill_in_pieces(pool: Pool) -> None:
    desk, user_id = await traded(pool)
    parts = [part async for part in export_fills(pool, user_id, page=2)]
    fills = (await page(pool, user_id, limit=100)).fills
    rows = list(csv.DictReader(io.StringIO(b"".join(parts).decode(), newline=""), strict=True))
    assert len(parts) == 1 + (len(fills) + 1) // 2
    assert [row["fill"] for row in rows] == [str(fill.id) for fill in fills]
    assert [Decimal(row["price"]) for row in rows] == [fill.price for fill in fills]
    assert {row["instrument"] for row in rows} == {"BTC/USDT"}
    assert all(row["time"].endswith("Z") for row in rows)
    later = datetime.now(UTC) + timedelta(hours=1)
    assert b"".join([part async for part in export_fills(pool, user_id, until=later)]) == b"".join(parts)
    assert len([part async for part in export_fills(pool, user_id, until=fills[-1].executed_at - timedelta(days=1))]) == 1
    await desk.require_clean()


@pytest.mark.parametrize("text", ["", "x", "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00~00000000-0000-0000-0000-000000000000"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"isoformat|time zone|UUID"):
        read_cursor(text)
