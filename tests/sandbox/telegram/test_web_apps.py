"""Launch data of mini apps verifies as Telegram's does, and is refused once touched."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from telegram import Bot, InlineQueryResultArticle, InputTextMessageContent
from telegram.error import BadRequest

from sandbox.telegram import webapp
from sandbox.telegram.client import TelegramSandbox
from tests.sandbox.telegram.conftest import TOKEN

PUBLISHED_TOKEN = "5768337691:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8"
PUBLISHED = {
    "query_id": "AAHdF6IQAAAAAN0XohDhrOrc",
    "user": '{"id":279058397,"first_name":"Vladislav","last_name":"Kibenko","username":"vdkfrost","language_code":"ru","is_premium":true}',
    "auth_date": "1662771648",
}
PUBLISHED_HASH = "c501b71e775f74ce10e377dea85a7ea24ecd640b223ea86dfe453e0eaed2e2b2"


def own_hash(values: dict[str, str], token: str) -> str:
    lines = "\n".join(f"{key}={values[key]}" for key in sorted(values) if key != "hash")
    secret = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    return hmac.new(secret, lines.encode(), hashlib.sha256).hexdigest()


def test_the_hash_here_is_the_published_one():
    assert own_hash(PUBLISHED, PUBLISHED_TOKEN) == PUBLISHED_HASH
    signed = webapp.sign(PUBLISHED, PUBLISHED_TOKEN, Ed25519PrivateKey.generate())
    assert signed["hash"] == own_hash(signed, PUBLISHED_TOKEN)


async def launch(sandbox: TelegramSandbox, kind: str) -> tuple[str, dict[str, str]]:
    made = await sandbox.post("/web_app", user=7, url="https://example.org/app?x=1", kind=kind, theme={"bg_color": "#fff"})
    return made["url"], dict(parse_qsl(made["init_data"], strict_parsing=True))


async def test_a_launch_is_signed_twice(bot: Bot, sandbox: TelegramSandbox):
    url, values = await launch(sandbox, "menu")
    fragment = dict(parse_qsl(urlsplit(url).fragment))
    assert list(fragment) == ["tgWebAppData", "tgWebAppVersion", "tgWebAppPlatform", "tgWebAppThemeParams"]
    assert dict(parse_qsl(fragment["tgWebAppData"])) == values
    assert values["hash"] == own_hash(values, TOKEN)
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex((await sandbox.get("/web_app_key"))["ed25519_public_key"]))
    lines = "\n".join(f"{name}={values[name]}" for name in sorted(values) if name not in ("hash", "signature"))
    signature = base64.urlsafe_b64decode(values["signature"] + "==")
    key.verify(signature, f"42:WebAppData\n{lines}".encode())
    with pytest.raises(InvalidSignature):
        key.verify(signature, f"43:WebAppData\n{lines}".encode())


async def test_a_query_of_a_mini_app_is_answered_once(bot: Bot, sandbox: TelegramSandbox):
    _url, values = await launch(sandbox, "inline")
    result = InlineQueryResultArticle("1", "Bought", InputTextMessageContent("Bought in the app"))
    assert await bot.answer_web_app_query(values["query_id"], result)
    assert [message.text for message in await sandbox.user(7).chat()] == ["Bought in the app"]
    with pytest.raises(BadRequest):
        await bot.answer_web_app_query(values["query_id"], result)


async def test_data_of_a_keyboard_app_arrives_as_a_message(bot: Bot, sandbox: TelegramSandbox):
    _url, values = await launch(sandbox, "keyboard")
    assert "query_id" not in values
    await sandbox.post("/web_app_data", user=7, data="42", button_text="App")
    message = (await bot.get_updates())[-1].message
    assert message
    assert message.web_app_data
    assert (message.web_app_data.data, message.web_app_data.button_text) == ("42", "App")
