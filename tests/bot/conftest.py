"""A desk with a bot that runs, for the tests of the chat."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.db.pool import Pool
from core.kernel.secret import Secret
from tests.support.telegram_desk import TelegramDesk, telegram_desk


@pytest.fixture
async def desk(app_dsn: Secret, pool: Pool, valkey_url: str) -> AsyncIterator[TelegramDesk]:
    async with telegram_desk(app_dsn, pool, valkey_url) as running:
        yield running
