"""The one address while the sandbox is on: Telegram, the chat page, the door of `api`, and what runs here. For this machine only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient

from core.kernel.secret import Secret
from sandbox.app import create_app
from sandbox.supervisor_files import DeskFolder, describe
from sandbox.telegram.server import Server
from tests.api.support import api_settings


@pytest.fixture
async def sandbox(app_dsn: Secret, valkey_url: str, tmp_path: Path) -> AsyncIterator[AsyncClient]:
    folder = DeskFolder(tmp_path)
    folder.write_processes("http://127.0.0.1:8123/", describe("supervisor", 1), [describe("bot", 1)])
    settings = api_settings(app_dsn, valkey_url).model_copy(update={"data_dir": tmp_path})
    app = create_app(settings, Server())
    async with app.router.lifespan_context(app), AsyncClient(transport=ASGITransport(app), base_url="http://127.0.0.1:8123") as client:
        yield client


async def test_the_address_leads_to_the_chat_page(sandbox: AsyncClient) -> None:
    answer = await sandbox.get("/")
    assert answer.is_redirect
    page = await sandbox.get(answer.headers["location"])
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")


async def test_what_runs_here_is_told(sandbox: AsyncClient) -> None:
    told = (await sandbox.get("/sandbox")).json()
    assert told["processes"] == [{"name": "bot", "pid": 1}]
    assert told["chat_url"] == "http://127.0.0.1:8123/chat"
    bot = await sandbox.get(f"{told['bot_api_url']}/bot7000000001:{'a' * 35}/getMe")
    assert bot.json()["result"]["id"] == 7000000001


async def test_the_door_stands_beside_it(sandbox: AsyncClient) -> None:
    assert (await sandbox.get("/health")).json()["parts"]["postgres"]["state"] == "ok"
    assert (await sandbox.get("/metrics")).status_code == 200
    assert (await sandbox.post("/telegram/webhook")).status_code == 401
    assert (await sandbox.get("/nothing")).status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "desk.example:8123"])
async def test_a_page_elsewhere_cannot_reach_it_under_its_own_name(sandbox: AsyncClient, host: str) -> None:
    for path in ("/", "/sandbox", "/chat", "/control/overview", "/health"):
        assert (await sandbox.get(path, headers={"host": host})).status_code == 400


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "desk.example"])
def test_an_address_that_others_can_reach_is_refused(host: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="refused"):
        create_app(api_settings().model_copy(update={"http_host": host, "data_dir": tmp_path}), Server())
