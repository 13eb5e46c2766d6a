"""`ops fees`: the platform's fee, with its history. Orders decided before a change keep the rate they were promised."""

from __future__ import annotations

from core.db.unit_of_work import unit_of_work
from core.fees import service
from core.support import operations
from ops.desk import actor, open_pool
from ops.output import Answer

LARGEST_BPS = 500


async def show() -> Answer:
    """Every schedule, newest first; the first one is in force."""
    async with open_pool() as pool, unit_of_work(pool) as uow:
        history = await service.history(uow)
    lines = [f"{one.platform_fee_bps} bps  since {one.begins_at:%Y-%m-%d %H:%M:%S}  {one.note}".rstrip() for one in history]
    data = [{"platform_fee_bps": one.platform_fee_bps, "begins_at": one.begins_at.isoformat(), "note": one.note} for one in history]
    return Answer(lines or ["0 bps: no fee was ever set"], data)


async def set_fee(bps: int, note: str) -> Answer:
    """Begins a new schedule now."""
    if not 0 <= bps <= LARGEST_BPS:
        return Answer([], [], 1, f"a platform fee is 0 to {LARGEST_BPS} basis points, such as: python -m ops fees set 25")
    async with open_pool() as pool, unit_of_work(pool) as uow:
        await operations.set_fee(uow, bps, note, actor=actor())
    return await show()
