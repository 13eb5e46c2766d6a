"""Reasons are kept in the order in which they were given."""

from __future__ import annotations

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.decisions.service import reasons, record


async def test_verdicts_come_back_in_order_with_their_inputs(pool: Pool) -> None:
    verdicts = [
        {"check": "first", "verdict": "passed", "reason": "", "inputs": {"a": "1.5", "b": [1, None]}},
        {"check": "second", "verdict": "denied", "reason": "paused", "inputs": {}},
    ]
    async with unit_of_work(pool) as uow:
        await record(uow, "order", "x", verdicts)
        await record(uow, "order", "y", verdicts[:1])
        found = await reasons(uow, "order", "x")
    assert [(one.check, one.verdict, one.reason, one.inputs) for one in found] == [
        ("first", "passed", "", {"a": "1.5", "b": [1, None]}),
        ("second", "denied", "paused", {}),
    ]
