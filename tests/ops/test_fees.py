"""The platform's fee on the operator's command line: history, and a line for what it cannot be."""

from __future__ import annotations

from pathlib import Path

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.fees.service import platform_fee_bps
from tests.ops.test_ops import desk, ops

__all__ = ["desk"]


async def test_a_fee_is_set_with_its_history(pool: Pool, desk: Path) -> None:
    assert (await ops(desk, "fees", "show", DATA_DIR=str(desk)))[1].startswith("0 bps: no fee was ever set")
    await ops(desk, "fees", "set", "25", "--note", "opening", DATA_DIR=str(desk))
    code, out, _ = await ops(desk, "fees", "set", "30", DATA_DIR=str(desk))
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["30", "25"]
    assert "opening" in out
    async with unit_of_work(pool) as uow:
        assert await platform_fee_bps(uow) == 30


async def test_an_impossible_fee_changes_nothing(pool: Pool, desk: Path) -> None:
    code, _, err = await ops(desk, "fees", "set", "501", DATA_DIR=str(desk))
    assert (code, "0 to 500" in err) == (1, True)
    async with unit_of_work(pool) as uow:
        assert await platform_fee_bps(uow) == 0
