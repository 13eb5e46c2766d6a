"""POST …/telegram/webhook: Telegram's updates into the inbox, nothing else.

The secret is compared in constant time before anything of the body is read. An update is stored and committed, then answered
with 200 and an empty body; while it cannot be stored the answer is 503 and Telegram sends it again. Whatever bytes come, the
answer is 2xx or 4xx.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from api.auth import refuse, same_secret
from api.deps import Dependencies, Own
from core.config.metrics import UPDATES_RECEIVED
from core.db.unit_of_work import unit_of_work
from core.inbox import service as inbox
from core.inbox.rules import raw_update, read_json
from core.inbox.types import RawUpdate
from core.kernel.errors import Unavailable

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  (the header's name)
LARGEST_BODY = 1024 * 1024
"""Bytes. Telegram's updates are far smaller; nothing larger is read."""


def create_router(path: str) -> APIRouter:
    """The route at `path`."""
    router = APIRouter()

    @router.post(path)
    async def receive(request: Request, own: Own) -> Response:
        require_secret(request, own)
        await keep(own, parse(await read_bounded(request)))
        return Response(status_code=200)

    return router


def require_secret(request: Request, own: Dependencies) -> None:
    """401 without the header, 403 with a wrong one."""
    shown = request.headers.get(SECRET_HEADER)
    if not same_secret(shown, own.settings.telegram_webhook_secret):
        refuse("telegram_webhook")
        raise HTTPException(401 if shown is None else 403)


async def read_bounded(request: Request) -> bytes:
    """The body, or 413 as soon as it is known to be too large."""
    told = request.headers.get("content-length", "0")
    if told.isdigit() and int(told) > LARGEST_BODY:
        raise HTTPException(413)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise HTTPException(413)
    return bytes(body)


def parse(body: bytes) -> RawUpdate:
    """An update, or 400 for anything that is not one."""
    try:
        return raw_update(read_json(body))
    except ValueError:
        raise HTTPException(400) from None


async def keep(own: Dependencies, update: RawUpdate) -> None:
    """Stored and committed when this returns. Raises Unavailable before any bot was registered."""
    async with unit_of_work(await own.database.get()) as uow:
        bot = await inbox.current_bot(uow)
        if bot is None:
            raise Unavailable("no bot is registered yet")
        await inbox.store(uow, bot_id=bot.bot_id, updates=[update])
    UPDATES_RECEIVED.labels("webhook").inc()
