"""Waiting by HTTP: the stream of everything (server-sent events) and the wait for one message. Part of the control interface."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from sandbox.telegram.errors import ControlError
from sandbox.telegram.messages import Stored
from sandbox.telegram.server import Server
from sandbox.telegram.store import Json

_BEAT_S = 15.0


@dataclass(frozen=True)
class Wish:
    """The message somebody waits for; empty fields match anything."""

    text: str
    regex: str
    after: int
    message_id: int
    sender: str
    button: str

    def fits(self, message: Stored, bot_id: int) -> bool:
        """Whether this is it, as it is now."""
        shown = str(message.body.get("text", message.body.get("caption", "")))
        buttons = [button["text"] for row in (message.markup or {}).get("inline_keyboard", []) for button in row]
        return (
            (not self.message_id or message.message_id == self.message_id)
            and (not self.sender or (message.sender_id == bot_id) == (self.sender == "bot"))
            and self.text in shown
            and (not self.regex or re.search(self.regex, shown) is not None)
            and (not self.button or any(self.button in text for text in buttons))
        )


def events_router(server: Server) -> APIRouter:
    """The routes over one server."""
    router = APIRouter(prefix="/control", tags=["telegram sandbox"])
    state = server.state

    @router.get("/events")
    async def events(request: Request, after: int | None = None, bot: int = 0) -> StreamingResponse:
        last = request.headers.get("last-event-id", "")
        start = int(last) if last.isdigit() else state.journal.last() if after is None else after
        return StreamingResponse(_stream(server, start, bot), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    @router.get("/wait")
    async def wait(
        chat: int,
        bot: int | None = None,
        text: str = "",
        regex: str = "",
        after: int = 0,
        message_id: int = 0,
        sender: Annotated[str, Query(pattern="^(bot|user)?$")] = "bot",
        button: str = "",
        timeout: Annotated[float, Query(ge=0, le=120)] = 10.0,  # noqa: ASYNC109 - part of the request
    ) -> Json:
        """The newest message that fits, as soon as there is one; 408 with the chat's last texts otherwise."""
        bot_id = state.chosen_bot(bot).id
        wish = Wish(text, regex, after, message_id, sender, button)
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            messages = state.messages.in_chat(state.mailbox(bot_id, chat), chat, after=after, limit=200)
            found = next((message for message in reversed(messages) if wish.fits(message, bot_id)), None)
            if found:
                return found.view(state.messages.history(found))
            remaining = deadline - asyncio.get_running_loop().time()
            if remaining <= 0 or server.polls.closing:
                shown = [message.body.get("text", message.body.get("caption", "")) for message in messages[-5:]]
                raise ControlError(408, f"no such message within {timeout} s; the last ones: {shown}")
            await state.signals.wait(f"chat:{chat}", min(remaining, 1.0))

    return router


async def _stream(server: Server, after: int, bot_id: int) -> AsyncIterator[bytes]:
    state = server.state
    yield b"retry: 1000\n\n"
    while not server.polls.closing:
        entries = state.journal.read(after=after, limit=500)
        for entry in entries:
            after = entry["sequence"]
            if bot_id in (0, entry["bot_id"]) or entry["bot_id"] == 0:
                yield b"id: %d\nevent: journal\ndata: %s\n\n" % (after, orjson.dumps(entry))
        if not entries and not await state.signals.wait("journal", _BEAT_S):
            yield b": still here\n\n"
