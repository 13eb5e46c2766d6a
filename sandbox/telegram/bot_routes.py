"""HTTP of the Bot API: `/bot{token}/{method}` and `/file/bot{token}/{path}`."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from sandbox.telegram import files
from sandbox.telegram.errors import ApiError, bad_request
from sandbox.telegram.requests import read_parameters
from sandbox.telegram.server import Answer, Server


class LostAnswer(Response):
    """The connection is cut after `hold_s` seconds in the middle of an answer: the client cannot know what happened."""

    def __init__(self, hold_s: float) -> None:
        super().__init__()
        self._hold_s = hold_s

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Wait until the time is over or the client went away, then send half an answer."""
        try:
            async with asyncio.timeout(self._hold_s):
                while (await receive())["type"] != "http.disconnect":
                    pass
        except TimeoutError:
            pass
        headers = [(b"content-type", b"application/json"), (b"content-length", b"4096"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"ok":', "more_body": True})


def _response(answer: Answer) -> Response:
    if answer.lost_after_s is not None:
        return LostAnswer(answer.lost_after_s)
    headers = {"Retry-After": str(answer.body["parameters"]["retry_after"])} if answer.status == 429 else None
    return Response(orjson.dumps(answer.body), status_code=answer.status, media_type="application/json", headers=headers)


def bot_router(server: Server) -> APIRouter:
    """The routes over one server."""
    router = APIRouter()

    async def call(token: str, method: str, request: Request) -> Response:
        try:
            parameters = await read_parameters(request)
        except ApiError as error:
            return _response(Answer(error.code, error.body()))
        except HTTPException:
            return _response(Answer(400, bad_request("can't parse multipart/form-data").body()))
        return _response(await server.answer(token, method, parameters))

    async def download(token: str, path: str) -> Response:
        try:
            bot = server.state.accounts.authorize(token)
        except ApiError as error:
            return _response(Answer(error.code, error.body()))
        found = files.content(server.state.store, bot.id, path=path)
        if found is None:
            return _response(Answer(404, ApiError(404, "Not Found").body()))
        return Response(found[0], media_type=found[1])

    options: dict[str, Any] = {"include_in_schema": False}
    router.add_api_route("/bot{token}/{method}", call, methods=["GET", "POST"], **options)
    router.add_api_route("/file/bot{token}/{path:path}", download, methods=["GET"], **options)
    return router
