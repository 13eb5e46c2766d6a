"""What every answer of the door has in common: an id, no exception's text, a table that misses no error."""

import asyncpg
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from api import errors
from api.middleware import METHODS, RequestId
from core.config import metrics
from core.kernel.errors import Denied, InvariantViolated, OutcomeUnknown, Rejected, StrongroomError, Unavailable


def family(kind: type[StrongroomError]) -> set[type[StrongroomError]]:
    return {kind, *(below for child in kind.__subclasses__() for below in family(child))}


def test_the_table_knows_every_error_of_the_kernel() -> None:
    kernel = {kind for kind in family(StrongroomError) if kind.__module__ == "core.kernel.errors"}
    assert set(errors.ANSWERS) == kernel


def test_a_denial_tells_its_own_code_and_a_child_answers_like_its_parent() -> None:
    class Slower(Unavailable):
        """A child."""

    assert errors.answer_of(Denied("paused")) == (409, "paused")
    assert errors.answer_of(Slower("x")) == errors.answer_of(Unavailable("x"))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Denied("paused"), 409),
        (Rejected("s3cret"), 409),
        (OutcomeUnknown("s3cret"), 409),
        (Unavailable("s3cret"), 503),
        (InvariantViolated("s3cret"), 500),
        (asyncpg.DataError("s3cret"), 400),
        (asyncpg.ReadOnlySQLTransactionError("s3cret"), 503),
        (asyncpg.DiskFullError("s3cret"), 503),
        (asyncpg.InterfaceError("s3cret"), 503),
        (ConnectionResetError("s3cret"), 503),
        (ValueError("s3cret"), 500),
    ],
)
async def test_an_error_becomes_a_status_and_a_word(error: Exception, status: int) -> None:
    app = FastAPI()
    app.add_middleware(RequestId)
    errors.install(app)

    @app.get("/fails")
    async def fails() -> None:
        raise error

    async with AsyncClient(transport=ASGITransport(app, raise_app_exceptions=False), base_url="http://door") as client:
        answer = await client.get("/fails")
    assert answer.status_code == status
    assert "s3cret" not in answer.text
    assert answer.json()["error"]


async def test_every_answer_carries_its_id(door: AsyncClient) -> None:
    known, unknown = await door.get("/health"), await door.get("/nothing/here")
    assert unknown.status_code == 404
    assert unknown.json()["request_id"] == unknown.headers["x-request-id"]
    assert known.headers["x-request-id"] != unknown.headers["x-request-id"]


async def test_requests_are_counted_by_route_never_by_path(door: AsyncClient) -> None:
    await door.get("/health")
    await door.get("/one/of/many/7000000001")
    await door.request("BREW", "/health")
    page = metrics.render().decode()
    assert 'strongroom_http_requests_total{method="GET",route="/health",status="503"}' in page
    assert "7000000001" not in page
    assert "BREW" not in page
    assert "BREW" not in METHODS


async def test_the_wrong_method_and_the_documentation_are_not_there(door: AsyncClient) -> None:
    assert (await door.get("/telegram/webhook")).status_code == 405
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert (await door.get(path)).status_code == 404


async def test_the_page_of_metrics_is_prometheus(door: AsyncClient) -> None:
    answer = await door.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "strongroom_updates_received_total" in answer.text
