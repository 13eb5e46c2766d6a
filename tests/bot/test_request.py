"""The HTTP door: python-telegram-bot's errors keep their meaning, files travel, and the token appears in nothing that leaves it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from io import BytesIO

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.app import NamelessBot
from bot.request import AiohttpRequest

TOKEN = "77:a-token-that-must-never-be-seen"
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def bot_against(answer: Answer, read_timeout: float = 5.0) -> AsyncIterator[Bot]:
    """A Bot whose every call is answered by `answer`."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    request = AiohttpRequest(read_timeout=read_timeout)
    await request.initialize()
    try:
        yield NamelessBot(TOKEN, base_url=f"http://127.0.0.1:{port}/bot", request=request, get_updates_request=AiohttpRequest())
    finally:
        await request.shutdown()
        await runner.cleanup()


def failing(status: int, description: str, **parameters: object) -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        body = {"ok": False, "error_code": status, "description": description, **({"parameters": parameters} if parameters else {})}
        return web.json_response(body, status=status)

    return answer


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequest),
        (401, InvalidToken),
        (403, Forbidden),
        (404, InvalidToken),
        (409, Conflict),
        (500, NetworkError),
        (502, NetworkError),
    ],
)
async def test_statuses_keep_their_meaning(status: int, kind: type[TelegramError]) -> None:
    async with bot_against(failing(status, "the reason")) as bot:
        with pytest.raises(kind) as raised:
            await bot.get_me()
        assert "the reason" in str(raised.value)


async def test_a_flood_says_how_long_to_wait() -> None:
    async with bot_against(failing(429, "Too Many Requests", retry_after=7)) as bot:
        with pytest.raises(RetryAfter) as raised:
            await bot.get_me()
        assert raised.value.retry_after == timedelta(seconds=7)


async def test_no_error_and_no_log_carries_the_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def cut_off(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        if request.path.endswith("getMyName"):
            request.transport.close()
        await asyncio.Event().wait()
        return web.Response()

    async with bot_against(cut_off, read_timeout=0.2) as bot:
        found: list[TelegramError] = []
        for call in (bot.get_me, bot.get_my_name):
            with pytest.raises(TelegramError) as raised:
                await call()
            found.append(raised.value)
        assert TOKEN not in repr(bot)
    refused = AiohttpRequest()
    await refused.initialize()
    nowhere = NamelessBot(TOKEN, base_url="http://127.0.0.1:1/bot", request=refused)
    with pytest.raises(NetworkError) as raised:
        await nowhere.get_me()
    await refused.shutdown()
    for error in (*found, raised.value):
        chain: BaseException | None = error
        while chain is not None:
            assert TOKEN not in str(chain) + repr(chain)
            chain = chain.__cause__ or (None if chain.__suppress_context__ else chain.__context__)
    assert TOKEN not in "\n".join(record.getMessage() for record in caplog.records if record.name.startswith(("bot", "aiohttp.client")))


async def test_a_server_that_says_nothing_is_a_timeout() -> None:
    async def silent(_request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        return web.Response()

    async with bot_against(silent, read_timeout=0.1) as bot:
        with pytest.raises(TimedOut):
            await bot.get_me()


async def test_files_travel_as_multipart() -> None:
    seen: dict[str, object] = {}

    async def keep(request: web.Request) -> web.StreamResponse:
        form = await request.post()
        part = form["document"]
        assert isinstance(part, web.FileField)
        seen.update(content=part.file.read(), chat=form["chat_id"], name=part.filename)
        chat = {"id": 7, "type": "private"}
        return web.json_response({"ok": True, "result": {"message_id": 1, "date": 1, "chat": chat}})

    async with bot_against(keep) as bot:
        await bot.send_document(7, BytesIO(b"a;b\n1;2\n"), filename="orders.csv")
    assert seen == {"content": b"a;b\n1;2\n", "chat": "7", "name": "orders.csv"}


async def test_what_is_no_json_is_a_telegram_error() -> None:
    async def html(_request: web.Request) -> web.StreamResponse:
        return web.Response(text="<html>", status=502)

    async with bot_against(html) as bot:
        with pytest.raises(NetworkError):
            await bot.get_me()
