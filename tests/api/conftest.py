"""The open door, with a bot registered behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.inbox import service as inbox
from core.kernel.secret import Secret
from tests.api.support import api_settings, open_door

BOT_ID = 7000000001


@pytest.fixture
async def registered_bot(pool: Pool) -> int:
    async with unit_of_work(pool) as uow:
        await inbox.enroll_bot(uow, bot_id=BOT_ID, username="desk_bot")
    return BOT_ID


@pytest.fixture
async def door(app_dsn: Secret, valkey_url: str, registered_bot: int) -> AsyncIterator[AsyncClient]:
    async with open_door(api_settings(app_dsn, valkey_url)) as client:
        yield client
