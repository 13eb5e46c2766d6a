"""Reading a Bot API request: query, JSON, urlencoded and multipart bodies into `Parameters`. Used by the routes only."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import Request
from starlette.datastructures import UploadFile

from sandbox.telegram.errors import bad_request
from sandbox.telegram.parameters import Parameters, Upload


async def read_parameters(request: Request) -> Parameters:
    """All parameters of a call; raises 400 for a body that is not what it says."""
    values: dict[str, Any] = dict(request.query_params)
    files: dict[str, Upload] = {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        values |= _json_object(await request.body())
    elif kind in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        async with request.form(max_part_size=64 * 1024 * 1024) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    files[name] = Upload(value.filename or "file", value.content_type or "", await value.read())
                else:
                    values[name] = value
    return Parameters(values, files)


def _json_object(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise bad_request("can't parse JSON") from None
    if not isinstance(found, dict):
        raise bad_request("can't parse JSON: object expected")
    return found
