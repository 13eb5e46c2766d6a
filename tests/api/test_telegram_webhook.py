"""The webhook: the secret first, then the inbox, then 200; whatever bytes come, 2xx or 4xx."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api import auth
from api.app import create_app
from api.routes import telegram_webhook
from core.db.pool import Pool
from core.kernel.secret import Secret
from tests.api.support import HEADER, NOWHERE, PATH, RIGHT, WEBHOOK_SECRET, api_settings, open_door


def update(number: int, text: str = "/start") -> dict[str, Any]:
    return {"update_id": number, "message": {"message_id": 1, "from": {"id": 42}, "chat": {"id": 42}, "text": text}}


async def rows(pool: Pool) -> list[Any]:
    return await pool.fetch("select * from inbox_updates order by id")


async def test_an_update_is_stored_before_it_is_answered(door: AsyncClient, pool: Pool, registered_bot: int) -> None:
    answer = await door.post(PATH, json=update(7), headers=RIGHT)
    assert answer.status_code == 200
    assert answer.content == b""
    (row,) = await rows(pool)
    assert (row["bot_id"], row["update_id"], row["sender_id"], row["state"]) == (registered_bot, 7, 42, "pending")
    assert row["payload"] == update(7)
    assert row["correlation_id"]


async def test_the_same_update_again_is_stored_once(door: AsyncClient, pool: Pool) -> None:
    for text in ("/start", "/start", "/other"):
        assert (await door.post(PATH, json=update(7, text), headers=RIGHT)).status_code == 200
    assert len(await rows(pool)) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({HEADER: ""}, 403), ({HEADER: WEBHOOK_SECRET + "x"}, 403), ({HEADER: WEBHOOK_SECRET[:-1]}, 403), ({HEADER: "ü"}, 403)],
)
async def test_without_the_secret_nothing_is_stored(door: AsyncClient, pool: Pool, headers: dict[str, str], status: int) -> None:
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    answer = await door.post(PATH, json=update(7), headers=encoded)
    assert answer.status_code == status
    assert await rows(pool) == []


async def test_an_unset_secret_admits_nobody(app_dsn: Secret, registered_bot: int, pool: Pool) -> None:
    async with open_door(api_settings(app_dsn, secret="")) as client:
        assert (await client.post(PATH, json=update(1), headers={HEADER: ""})).status_code == 403
        assert (await client.post(PATH, json=update(1))).status_code == 401
    assert await rows(pool) == []


@pytest.mark.parametrize(("shown", "status", "reads"), [("wrong", 403, 0), (WEBHOOK_SECRET, 400, 1)])
async def test_the_secret_is_compared_before_anything_of_the_body_is_read(shown: str, status: int, reads: int) -> None:
    received: list[str] = []
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        received.append("body")
        return {"type": "http.request", "body": b"no update", "more_body": False}

    async def send(message: Any) -> None:
        statuses.append(message.get("status", 0))

    headers = [(HEADER.lower().encode(), shown.encode()), (b"host", b"door")]
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http"}
    path = {"path": PATH, "raw_path": PATH.encode(), "query_string": b"", "root_path": "", "headers": headers}
    await create_app(api_settings())({**scope, **path, "client": None, "server": ("door", 80)}, receive, send)
    assert statuses[0] == status
    assert len(received) == reads


def test_the_comparison_is_the_constant_time_one(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def noted(shown: bytes, expected: bytes) -> bool:
        compared.append((shown, expected))
        return True

    monkeypatch.setattr("hmac.compare_digest", noted)
    assert auth.same_secret("x", Secret("y"))
    assert compared == [(b"x", b"y")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b'{"update_id": "7"}',
        b'{"update_id": true}',
        b'{"update_id": -1}',
        b'{"update_id": 1.5}',
        b'{"update_id": 99999999999999999999999}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
async def test_what_is_no_update_is_refused_and_not_stored(door: AsyncClient, pool: Pool, body: bytes) -> None:
    assert (await door.post(PATH, content=body, headers=RIGHT)).status_code == 400
    assert await rows(pool) == []


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\\u0000", "\\\\u0000", "\\\x00", "\ud800", "\U0010ffff", "𝕏" * 5000])
async def test_odd_characters_are_stored_not_refused(door: AsyncClient, pool: Pool, text: str) -> None:
    """A refused update would come again for ever and stop the queue behind it."""
    body = json.dumps(update(7, text)).encode()
    assert (await door.post(PATH, content=body, headers=RIGHT)).status_code == 200
    assert len(await rows(pool)) == 1


async def test_a_large_body_is_not_read(door: AsyncClient, pool: Pool) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b"x" * 65_536

    told = await door.post(PATH, content=b"x" * (telegram_webhook.LARGEST_BODY + 1), headers=RIGHT)
    untold = await door.post(PATH, content=endless(), headers=RIGHT)
    assert (told.status_code, untold.status_code) == (413, 413)
    assert await rows(pool) == []


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON: st.SearchStrategy[object] = st.deferred(lambda: LEAVES | st.lists(JSON, max_size=3) | st.dictionaries(st.text(), JSON, max_size=3))
UPDATES = st.builds(
    lambda number, extra: {"update_id": number, **extra},
    st.integers() | st.text() | st.none(),
    st.dictionaries(
        st.sampled_from(["message", "callback_query", "x", "\x00"]), JSON | st.fixed_dictionaries({"from": JSON, "chat": JSON})
    ),
)
BODIES = st.binary(max_size=400) | JSON.map(lambda one: json.dumps(one).encode()) | UPDATES.map(lambda one: json.dumps(one).encode())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES, length=st.sampled_from([None, "-1", "x", "9" * 30, ""]))
async def test_any_bytes_are_answered_with_success_or_the_senders_fault(door: AsyncClient, body: bytes, length: str | None) -> None:
    headers = {**RIGHT} if length is None else {**RIGHT, "content-length": length}
    answer = await door.post(PATH, content=body, headers=headers)
    assert 200 <= answer.status_code < 300 or 400 <= answer.status_code < 500, (answer.status_code, body)


async def test_without_the_database_telegram_is_asked_to_send_again() -> None:
    async with open_door(api_settings(NOWHERE)) as client:
        answer = await client.post(PATH, json=update(7), headers=RIGHT)
    assert answer.status_code == 503
    assert "nobody" not in answer.text


async def test_before_a_bot_is_registered_telegram_is_asked_to_send_again(app_dsn: Secret, pool: Pool) -> None:
    async with open_door(api_settings(app_dsn)) as client:
        assert (await client.post(PATH, json=update(7), headers=RIGHT)).status_code == 503
    assert await rows(pool) == []


async def test_the_door_listens_where_telegram_was_told(app_dsn: Secret, registered_bot: int) -> None:
    async with open_door(api_settings(app_dsn, url="https://desk.example/bot/")) as client:
        assert (await client.post("/bot/telegram/webhook", json=update(1), headers=RIGHT)).status_code == 200
        assert (await client.post(PATH, json=update(1), headers=RIGHT)).status_code == 404
