"""A sandbox on a port of its own for each test, its client, and python-telegram-bot's own Bot against it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from telegram import Bot

from sandbox.telegram.client import TelegramSandbox
from sandbox.telegram.serving import ServedSandbox
from sandbox.telegram.settings import SandboxSettings

SPEC = Path(__file__).resolve().parents[4] / "shared" / "telegram" / "api.json"
TOKEN = "42:sandbox"


def spec() -> Path | None:
    return SPEC if SPEC.is_file() else None


@pytest.fixture(autouse=True)
def _durations_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """python-telegram-bot warns of each `RetryAfter` otherwise, and warnings are errors here."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
async def served() -> AsyncIterator[ServedSandbox]:
    async with ServedSandbox(settings=SandboxSettings(api_spec=spec(), webhook_backoff_s=0.02)) as running:
        yield running


@pytest.fixture
async def sandbox(served: ServedSandbox) -> AsyncIterator[TelegramSandbox]:
    async with TelegramSandbox(served.url) as client:
        await client.add_bot(TOKEN)
        yield client


@pytest.fixture
async def bot(served: ServedSandbox, sandbox: TelegramSandbox) -> AsyncIterator[Bot]:
    made = Bot(TOKEN, base_url=f"{served.url}/bot", base_file_url=f"{served.url}/file/bot")
    async with made:
        await sandbox.add_user(7, first_name="Ann", started=True)
        await sandbox.add_user(8, first_name="Bob", started=True)
        yield made
