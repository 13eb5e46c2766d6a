"""Every call is held against python-telegram-bot's signatures and, where it is there, the published specification."""

from __future__ import annotations

import aiohttp
import pytest
from telegram import Bot
from telegram.error import BadRequest, InvalidToken

from sandbox.telegram.client import TelegramSandbox
from sandbox.telegram.parameters import library_methods, specified_methods
from sandbox.telegram.server import HANDLERS
from tests.sandbox.telegram.conftest import TOKEN, spec


def test_every_modelled_method_is_one_of_the_library():
    assert set(HANDLERS) <= {method.name for method in library_methods().values()}


@pytest.mark.skipif(spec() is None, reason="the published specification is not beside this checkout")
@pytest.mark.parametrize("name", sorted([*HANDLERS, "getUpdates"]))
def test_library_and_specification_agree_on_the_modelled_methods(name: str):
    path = spec()
    assert path
    library, published = library_methods()[name.lower()], specified_methods(path)[name.lower()]
    convenience = {"filename", "reply_to_message_id", "allow_sending_without_reply", "disable_web_page_preview"}
    later = {"text"} if name == "editMessageText" else set()  # no longer required from Bot API 10.1 on
    assert published.required == library.required - later
    assert library.known - published.known <= convenience
    assert published.returns_bool == library.returns_bool or "Boolean" in name or name.startswith("edit")


async def call(sandbox: TelegramSandbox, path: str, **request: object) -> tuple[int, dict[str, object]]:
    async with aiohttp.ClientSession() as client, client.post(f"{sandbox.url}{path}", **request) as answer:  # type: ignore[arg-type]
        return answer.status, await answer.json()


async def test_an_unknown_parameter_is_refused(bot: Bot, sandbox: TelegramSandbox):
    with pytest.raises(BadRequest, match=r"(?i)unknown parameter colour"):
        await bot.send_message(7, "x", api_kwargs={"colour": "red"})
    assert await sandbox.user(7).chat() == []


async def test_a_missing_parameter_is_refused(sandbox: TelegramSandbox):
    status, body = await call(sandbox, f"/bot{TOKEN}/sendMessage", json={"chat_id": 7})
    assert (status, body["description"]) == (400, "Bad Request: parameter text is required")


async def test_query_form_multipart_and_json_mean_the_same(bot: Bot, sandbox: TelegramSandbox):
    await call(sandbox, f"/bot{TOKEN}/sendMessage?chat_id=7&text=query")
    await call(sandbox, f"/bot{TOKEN}/sendMessage", data={"chat_id": "7", "text": "form"})
    with aiohttp.MultipartWriter("form-data") as parts:
        for name, value in (("chat_id", "7"), ("text", "multipart")):
            parts.append(value).set_content_disposition("form-data", name=name)
        await call(sandbox, f"/bot{TOKEN}/sendMessage", data=parts)
    await sandbox.limits(enabled=False)
    await call(sandbox, f"/bot{TOKEN}/SENDmessage", json={"chat_id": 7, "text": "json"})
    assert [message.text for message in await sandbox.user(7).chat()] == ["query", "form", "multipart", "json"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"/bot{TOKEN}/noSuchMethod", b"{}", 404),
        ("/botnonsense/getMe", b"{}", 401),
        (f"/bot{TOKEN}x/getMe", b"{}", 401),
        (f"/bot{TOKEN}/sendMessage", b"{broken", 400),
        (f"/bot{TOKEN}/sendMessage", b"[1]", 400),
        (f"/bot{TOKEN}/sendMessage", b'{"chat_id": {"a": 1}, "text": "x"}', 400),
        (f"/bot{TOKEN}/sendMessage", b'{"chat_id": 7, "text": "x", "reply_markup": "{"}', 400),
        (f"/bot{TOKEN}/sendMessage", b'{"chat_id": 7, "text": "x", "reply_markup": [1]}', 400),
        (f"/bot{TOKEN}/sendMessage", b'{"chat_id": 7, "text": "x", "entities": [{"type": "bold", "offset": 0, "length": 9}]}', 400),
        (f"/bot{TOKEN}/sendMessage", b'{"chat_id": 7, "text": "x", "parse_mode": "BB"}', 400),
        (f"/bot{TOKEN}/sendMessage", b'{"chat_id": 999, "text": "x"}', 400),
        (f"/bot{TOKEN}/deleteMessages", b'{"chat_id": 7, "message_ids": []}', 400),
        (f"/bot{TOKEN}/sendPoll", b'{"chat_id": 7, "question": "x", "options": []}', 501),
        (f"/bot{TOKEN}/setMessageReaction", b'{"chat_id": 7, "message_id": 1}', 200),
    ],
)
async def test_refusals_look_like_telegrams(bot: Bot, sandbox: TelegramSandbox, path: str, body: bytes, status: int):
    got, answer = await call(sandbox, path, data=body, headers={"Content-Type": "application/json"})
    assert (got, answer["ok"]) == (status, status == 200)
    if status != 200:
        assert answer["error_code"] == status
        assert answer["description"]


async def test_a_bot_id_with_another_secret_is_unauthorized(bot: Bot, sandbox: TelegramSandbox):
    stranger = Bot("42:other", base_url=f"{sandbox.url}/bot")
    with pytest.raises(InvalidToken):
        await stranger.initialize()
    await stranger.shutdown()
