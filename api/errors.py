"""The one total table from core's errors to HTTP, and the answers made of it. A test holds it against the error tree.

An answer is `{"error": code, "request_id": id}` and never carries an exception's text.
"""

from __future__ import annotations

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from core.config.logging import current_correlation, get_logger
from core.kernel.errors import (
    Denied,
    IdempotencyConflict,
    InvariantViolated,
    LeaseLost,
    OutcomeUnknown,
    Rejected,
    StrongroomError,
    Unavailable,
)

ANSWERS: dict[type[StrongroomError], tuple[int, str]] = {
    Denied: (409, "denied"),
    Rejected: (409, "rejected"),
    OutcomeUnknown: (409, "outcome_unknown"),
    IdempotencyConflict: (409, "idempotency_conflict"),
    Unavailable: (503, "unavailable"),
    LeaseLost: (503, "unavailable"),
    InvariantViolated: (500, "invariant_violated"),
    StrongroomError: (500, "internal"),
}

WORDS = {400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}

log = get_logger()


def answer_of(error: StrongroomError) -> tuple[int, str]:
    """Status and code: of the class itself, else of its nearest ancestor. A denial tells its own code."""
    status, code = next(ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS)
    return status, error.code if isinstance(error, Denied) else code


def respond(status: int, code: str) -> JSONResponse:
    """The answer every refusal has."""
    return JSONResponse({"error": code, "request_id": current_correlation()}, status_code=status)


def install(app: FastAPI) -> None:
    """Gives the application its handlers."""
    app.add_exception_handler(StrongroomError, _ours)
    app.add_exception_handler(asyncpg.PostgresError, _database)
    app.add_exception_handler(asyncpg.InterfaceError, _database)
    app.add_exception_handler(OSError, _database)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)


async def _ours(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, StrongroomError):
        raise TypeError("registered for our own errors only")
    status, code = answer_of(error)
    if status >= 500:
        log.error("request_failed", status=status, exc_info=error)
    return respond(status, code)


async def _database(_request: Request, error: Exception) -> JSONResponse:
    """PostgreSQL refuses a value: the sender's fault. Anything else of it: nothing was stored, send again."""
    if isinstance(error, asyncpg.DataError):
        return respond(400, "bad_request")
    log.error("database_failed", status=503, exc_info=error)
    return respond(503, "unavailable")


async def _http(_request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    answer = respond(status, WORDS.get(status, "refused"))
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer


async def _invalid(_request: Request, _error: Exception) -> JSONResponse:
    return respond(400, "bad_request")


async def _unexpected(_request: Request, error: Exception) -> JSONResponse:
    log.error("request_failed", status=500, exc_info=error)
    return respond(500, "internal")
