"""Nothing secret reaches a log line, whichever way it tries; what is allowed does, with the id that follows an order."""

import asyncio
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
import structlog

from core.config import metrics
from core.config.logging import (
    ALLOWED_FIELDS,
    bind_correlation,
    configure_logging,
    current_correlation,
    describe,
    get_logger,
    mask,
    new_correlation,
)
from core.kernel.errors import Denied
from core.kernel.secret import Secret

TOKEN = "7000000001:AAExampleExampleExampleExampleExample"
KEY = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    root = logging.getLogger()
    before = root.handlers[:], root.level, sys.excepthook
    stream = io.StringIO()
    configure_logging("bot", "INFO", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], sys.excepthook = before[0], before[2]
    root.setLevel(before[1])
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def test_a_line_says_who_when_and_what(lines: Any) -> None:
    get_logger().info("order_decided", order_id=UUID(int=1), state="SUBMITTED", count=3)
    (line,) = lines()
    assert line["event"] == "order_decided"
    assert line["process"] == "bot"
    assert line["level"] == "info"
    assert line["order_id"] == str(UUID(int=1))
    assert line["count"] == 3
    assert line["timestamp"].endswith("Z")


def test_fields_outside_the_list_are_dropped_and_counted(lines: Any) -> None:
    def dropped() -> float:
        return float(metrics.LOG_FIELDS_DROPPED._value.get())

    before = dropped()
    get_logger().info("seen", private_key=KEY, password="x", order_id="1")
    (line,) = lines()
    assert KEY not in json.dumps(line)
    assert line["dropped_fields"] == 2
    assert dropped() == before + 2


@pytest.mark.parametrize("value", [Secret("s3cret"), {"token": "s3cret"}, object(), ["fine", Secret("s3cret")], b"s3cret"])
def test_only_plain_values_pass(lines: Any, value: object) -> None:
    get_logger().info("seen", reason=value)
    (line,) = lines()
    assert "reason" not in line
    assert "s3cret" not in json.dumps(line)


@pytest.mark.parametrize(
    "secret",
    [
        TOKEN,
        f"https://api.example/bot{TOKEN}/sendMessage",
        "postgresql://app:s3cret@127.0.0.1/x",
        KEY,
        "0x" + KEY,
        "redis://:s3cret@127.0.0.1/0",
    ],
)
def test_what_looks_like_a_secret_is_masked_in_an_allowed_field(lines: Any, secret: str) -> None:
    get_logger().info(f"event {secret}", reason=f"said {secret} twice {secret}")
    text = json.dumps(lines())
    assert TOKEN not in text
    assert KEY not in text
    assert "s3cret" not in text


def test_a_jwt_and_a_pem_are_masked_and_long_texts_are_cut() -> None:
    assert "eyJ" not in mask("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl")
    assert "MIIE" not in mask("-----BEGIN " + "PRIVATE KEY-----\nMIIEvQ")
    assert len(mask("x" * 5000)) < 600


def test_a_library_shows_its_template_and_never_its_arguments(lines: Any) -> None:
    logging.getLogger("some.library").warning("calling %s", TOKEN)
    logging.getLogger("some.library").error(ValueError(TOKEN))
    text = json.dumps(lines())
    assert "calling %s" in text
    assert "ValueError" in text
    assert TOKEN not in text


@pytest.mark.parametrize("name", ["httpx", "telegram.Bot", "aiohttp.access", "uvicorn.access"])
def test_request_lines_of_http_libraries_are_off(lines: Any, name: str) -> None:
    logging.getLogger(name).info("HTTP Request: POST https://example/bot%s", TOKEN)
    assert lines() == []


def test_of_a_foreign_exception_only_class_and_place_are_told(lines: Any) -> None:
    try:
        raise ValueError(f"cannot parse {TOKEN} of {KEY} for s3cret")
    except ValueError:
        get_logger().exception("parse_failed")
        logging.getLogger("some.library").exception("it failed")
    for line in lines():
        assert line["error"] == "ValueError"
        assert "test_logging.py" in line["where"][0]
        assert "cannot parse" not in json.dumps(line)


def test_our_own_exceptions_say_their_code() -> None:
    told = describe(Denied("insufficient_funds", needed="1"))
    assert told["error_code"] == "insufficient_funds"
    assert told["error_text"] == "insufficient_funds"


def test_an_uncaught_exception_is_one_line_without_its_text(lines: Any) -> None:
    sys.excepthook(ValueError, ValueError("s3cret"), None)
    (line,) = lines()
    assert line["event"] == "uncaught_exception"
    assert "s3cret" not in json.dumps(line)


async def test_the_id_follows_its_own_task_only(lines: Any) -> None:
    async def work(correlation_id: str) -> None:
        bind_correlation(correlation_id)
        await asyncio.sleep(0)
        get_logger().info("worked", name=correlation_id)

    await asyncio.gather(work("a" * 8), work("b" * 8))
    assert {line["correlation_id"] == line["name"] for line in lines()} == {True}
    assert current_correlation() == ""


async def test_a_new_id_is_bound() -> None:
    made = new_correlation()
    assert current_correlation() == made
    assert len(made) == 32


def test_the_level_holds(lines: Any) -> None:
    get_logger().debug("quiet")
    assert lines() == []


def test_no_allowed_field_invites_a_secret() -> None:
    inviting = ("password", "secret", "token", "private", "seed", "mnemonic", "authorization", "cookie", "payload", "text", "url", "dsn")
    assert {name for name in ALLOWED_FIELDS if any(word in name for word in inviting)} <= {"error_text", "token_number"}
