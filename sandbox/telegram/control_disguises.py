"""Speaking in disguise by HTTP: forwarded, as a channel, inline … Part of the control interface."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from sandbox.telegram import disguises
from sandbox.telegram.server import Server
from sandbox.telegram.store import Json


class Spoken(BaseModel):
    """A text; `disguise` is one of `disguises.DISGUISES`, `chat` where it is said (his private chat unless given)."""

    user: int
    text: str
    disguise: str
    chat: int | None = None
    bot: int | None = None


class Inline(BaseModel):
    """A query behind the bot's name, or with `data` a tap on an inline message's button."""

    user: int
    query: str = ""
    data: str | None = None
    bot: int | None = None


def disguises_router(server: Server) -> APIRouter:
    """The routes over one server."""
    router = APIRouter(prefix="/control", tags=["telegram sandbox"])
    state = server.state

    @router.post("/speak")
    async def speak(body: Spoken) -> Json:
        with state.store.transaction():
            bot = state.chosen_bot(body.bot)
            return {"update_ids": disguises.speak(state, bot, body.user, body.chat or body.user, body.text, body.disguise)}

    @router.post("/inline")
    async def inline(body: Inline) -> Json:
        with state.store.transaction():
            bot = state.chosen_bot(body.bot)
            if body.data is not None:
                return {"update_ids": disguises.tap_inline(state, bot, body.user, body.data)}
            return {"update_ids": disguises.ask_inline(state, bot, body.user, body.query)}

    return router
