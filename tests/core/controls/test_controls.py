"""The kill switch: one open pause a scope, resumed by exactly its scope, history kept."""

from __future__ import annotations

import pytest

from core.controls import service as controls
from core.controls.rules import is_scope
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied


async def test_a_scope_is_paused_once_and_resumed_once(pool: Pool) -> None:
    async with unit_of_work(pool) as uow:
        assert await controls.pause(uow, scope="venue:paper", reason="odd prices", user_id=1)
        assert not await controls.pause(uow, scope="venue:paper", reason="again", user_id=2)
        assert await controls.pause(uow, scope="global", reason="", user_id=1)
        assert [(one.scope, one.reason) for one in await controls.open_pauses(uow)] == [("venue:paper", "odd prices"), ("global", "")]
        assert await controls.resume(uow, scope="venue:paper", user_id=2)
        assert not await controls.resume(uow, scope="venue:paper", user_id=2)
        assert [one.scope for one in await controls.open_pauses(uow)] == ["global"]
        assert await controls.pause(uow, scope="venue:paper", reason="", user_id=1)
    assert await pool.fetchval("select count(*) from control_pauses") == 3


@pytest.mark.parametrize(
    "scope", ["", "everything", "venue:", "venue:PAPER", "instrument:BTC", "user:0", "user:x", "global ", "venue:paper\n"]
)
async def test_an_unknown_scope_is_denied(pool: Pool, scope: str) -> None:
    assert not is_scope(scope)
    async with unit_of_work(pool) as uow:
        with pytest.raises(Denied, match="unknown_scope"):
            await controls.pause(uow, scope=scope, reason="", user_id=1)
        with pytest.raises(Denied, match="unknown_scope"):
            await controls.resume(uow, scope=scope, user_id=1)
