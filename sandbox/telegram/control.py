"""The control interface, `/control`: be a user, read chats, see the ground truth. JSON in and out; used by tests, journeys and the page.

Whoever reaches it may do everything: it must be bound to this machine only.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from sandbox.telegram import people
from sandbox.telegram.errors import ControlError
from sandbox.telegram.people import Tap
from sandbox.telegram.server import Server
from sandbox.telegram.store import Json, load


class NewBot(BaseModel):
    """A bot made before its first call."""

    token: str
    first_name: str = "Strongroom"
    username: str = ""


class NewUser(BaseModel):
    """A user; `started` means that he has already written to every bot there is."""

    id: int | None = None
    first_name: str = ""
    username: str | None = None
    language_code: str = "en"
    started: bool = False


class NewGroup(BaseModel):
    """A group with users and bots as members; `kind` is supergroup or group."""

    id: int
    title: str
    members: list[int]
    kind: Literal["group", "supergroup"] = "supergroup"


class UserText(BaseModel):
    """A user's message; `chat` is his private chat unless given."""

    user: int
    text: str
    chat: int | None = None
    bot: int | None = None
    reply_to: int | None = None


class UserEdit(UserText):
    """A user's edit."""

    message_id: int


class UserPress(BaseModel):
    """A tap, by `data` or by the button's `text`. `forged` sends any `data`; `copies` gives several update ids."""

    user: int
    message_id: int
    chat: int | None = None
    bot: int | None = None
    data: str | None = None
    text: str | None = None
    forged: bool = False
    copies: int = 1


class UserBlock(BaseModel):
    """Block or unblock the bot."""

    user: int
    blocked: bool
    bot: int | None = None


def control_router(server: Server) -> APIRouter:
    """Users, messages, taps and reading, over one server."""
    router = APIRouter(prefix="/control", tags=["telegram sandbox"])
    _accounts(router, server)
    _acts(router, server)
    _reading(router, server)
    _truth(router, server)
    return router


def _accounts(router: APIRouter, server: Server) -> None:
    state = server.state

    @router.post("/bots")
    async def add_bot(body: NewBot) -> Json:
        bot = state.accounts.add_bot(body.token, body.first_name, body.username)
        return bot.user()

    @router.post("/users")
    async def add_user(body: NewUser) -> Json:
        with state.store.transaction():
            user = people.add_user(state, body.id, body.first_name, body.username, body.language_code)
            for bot in state.accounts.bots() if body.started else []:
                state.accounts.start_dialog(bot.id, user["id"])
        return user

    @router.post("/groups")
    async def add_group(body: NewGroup) -> Json:
        with state.store.transaction():
            return state.accounts.add_group(body.id, body.title, body.members, body.kind)

    @router.get("/overview")
    async def overview() -> Json:
        bots = [bot.user() | {"webhook": bot.webhook.get("url", ""), "profile": bot.profile} for bot in state.accounts.bots()]
        return {"bots": bots, "users": state.accounts.users(), "groups": state.accounts.groups(), "sequence": state.journal.last()}


def _acts(router: APIRouter, server: Server) -> None:
    state = server.state

    @router.post("/send")
    async def send(body: UserText) -> Json:
        with state.store.transaction():
            content = {"text": body.text}
            return people.send(state, state.chosen_bot(body.bot), body.user, body.chat or body.user, content, body.reply_to).view()

    @router.post("/edit")
    async def edit(body: UserEdit) -> Json:
        with state.store.transaction():
            return people.edit(state, state.chosen_bot(body.bot), body.user, body.chat or body.user, body.message_id, body.text).view()

    @router.post("/press")
    async def press(body: UserPress) -> Json:
        with state.store.transaction():
            tap = Tap(body.user, body.chat or body.user, body.message_id, body.data, body.text, body.forged, body.copies)
            return people.press(state, state.chosen_bot(body.bot), tap)

    @router.post("/block")
    async def block(body: UserBlock) -> Json:
        with state.store.transaction():
            return {"changed": people.block(state, state.chosen_bot(body.bot), body.user, blocked=body.blocked)}


def _reading(router: APIRouter, server: Server) -> None:
    state = server.state

    def mailbox(bot: int | None, chat: int) -> int:
        return state.mailbox(state.chosen_bot(bot).id, chat) if chat > 0 else 0

    @router.get("/chats/{chat}")
    async def read_chat(
        chat: int, bot: int | None = None, after: int = 0, limit: int = 1000, deleted: bool = False, history: bool = False
    ) -> Json:
        box = mailbox(bot, chat)
        stored = state.messages.in_chat(box, chat, after=after, limit=limit, deleted=deleted)
        views = [message.view(state.messages.history(message) if history else None) for message in stored]
        dialog = state.accounts.dialog(box, chat) if chat > 0 else None
        return {"chat": state.accounts.chat(chat), "dialog": dialog, "messages": views, "sequence": state.journal.last()}

    @router.get("/chats/{chat}/messages/{message_id}")
    async def read_message(chat: int, message_id: int, bot: int | None = None) -> Json:
        found = state.messages.find(mailbox(bot, chat), chat, message_id, deleted=True)
        if found is None:
            raise ControlError(404, f"there is no message {message_id} in chat {chat}")
        return found.view(state.messages.history(found))


def _truth(router: APIRouter, server: Server) -> None:
    state = server.state

    @router.get("/toasts")
    async def toasts(bot: int | None = None, user: int | None = None) -> list[Json]:
        found = state.journal.read(kind="toast", bot_id=bot or 0, limit=100_000)
        return [entry["data"] | {key: entry[key] for key in ("at", "sequence", "chat_id", "message_id")} for entry in found
                if user is None or entry["data"]["user_id"] == user]  # fmt: skip

    @router.get("/callback_queries")
    async def callback_queries(bot: int | None = None) -> list[Json]:
        rows = state.store.all("SELECT * FROM callback_queries WHERE ? IS NULL OR bot_id = ? ORDER BY created_at, id", bot, bot)
        return [dict(row) | {"answer": load(row["answer"])} for row in rows]

    @router.get("/journal")
    async def journal(after: int = 0, kind: str = "", bot: int = 0, limit: Annotated[int, Query(le=100_000)] = 1000) -> list[Json]:
        return state.journal.read(after=after, kind=kind, bot_id=bot, limit=limit)

    @router.get("/counts")
    async def counts(bot: int = 0) -> dict[str, Any]:
        kinds = ("message", "edit", "delete", "toast", "call", "fault")
        found: dict[str, Any] = {kind: state.journal.count(kind, bot) for kind in kinds}
        violations = state.journal.count("flood_violation", bot)
        pending = {str(each.id): state.updates.count(each.id) for each in state.accounts.bots()}
        return found | {"flood_violations": violations, "pending_updates": pending}
