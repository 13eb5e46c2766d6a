"""The chat page `/chat` with its files, and what only the page asks for: a bot as one user sees it, files, launches of mini apps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from sandbox.telegram import files, people, webapp
from sandbox.telegram.accounts import BotAccount
from sandbox.telegram.errors import ControlError
from sandbox.telegram.server import Server
from sandbox.telegram.store import Json

STATIC = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_POLICY = (
    "default-src 'self'; img-src 'self' data:; frame-src http: https:; object-src 'none'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'self'"
)


class Launch(BaseModel):
    """A mini app opened by a user; `kind` is the place of its button."""

    user: int
    url: str
    kind: str = Field(pattern="^(inline|menu|keyboard)$")
    bot: int | None = None
    theme: dict[str, Any] = Field(default_factory=dict)


class SentData(BaseModel):
    """What a mini app of a keyboard button sent back."""

    user: int
    data: str = Field(max_length=4096)
    button_text: str
    bot: int | None = None


def page_router(server: Server) -> APIRouter:
    """The page and its files over one server."""
    router = APIRouter(include_in_schema=False)
    names = {path.name: path for path in sorted(STATIC.iterdir())}

    @router.get("/chat")
    async def page() -> Response:
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return FileResponse(STATIC / "chat.html", media_type="text/html", headers=headers)

    @router.get("/chat/static/{name}")
    async def static(name: str) -> Response:
        path = names.get(name)
        if path is None:
            return Response("not found", status_code=404)
        return FileResponse(
            path, media_type=_TYPES.get(path.suffix), headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        )

    _asked_by_the_page(router, server)
    return router


def _asked_by_the_page(router: APIRouter, server: Server) -> None:
    state = server.state

    @router.get("/control/views/{user}")
    async def view(user: int, bot: int | None = None) -> Json:
        chosen = state.chosen_bot(bot)
        with state.store.transaction():
            known = people.known_user(state, user)
        return _view(server, chosen, known)

    @router.get("/control/files/{bot}/{file_id}")
    async def file(bot: int, file_id: str) -> Response:
        found = files.content(state.store, bot, file_id=file_id)
        if found is None:
            raise ControlError(404, "no such file")
        content, kind, _name = found
        harmless = kind if kind.startswith("image/") and kind != "image/svg+xml" else "application/octet-stream"
        return Response(content, media_type=harmless, headers={"X-Content-Type-Options": "nosniff"})

    @router.post("/control/web_app")
    async def launch(body: Launch) -> Json:
        bot = state.chosen_bot(body.bot)
        with state.store.transaction():
            user = people.known_user(state, body.user)
        data = webapp.init_data(state, bot, user, with_query=body.kind != "keyboard")
        return {"url": webapp.launch_url(body.url, data, body.theme), "init_data": data}

    @router.post("/control/web_app_data")
    async def sent_data(body: SentData) -> Json:
        with state.store.transaction():
            content = {"web_app_data": {"data": body.data, "button_text": body.button_text}}
            return people.send(state, state.chosen_bot(body.bot), body.user, body.user, content).view()

    @router.get("/control/web_app_key")
    async def key() -> Json:
        return {"ed25519_public_key": webapp.public_key_hex(state.store)}


def _view(server: Server, bot: BotAccount, user: Json) -> Json:
    profile, language = bot.profile, user.get("language_code", "")
    dialog = server.state.accounts.dialog(bot.id, user["id"])
    scopes = (f"chat:{user['id']}:", "all_private_chats::", "default::")
    keys = [f"commands:{scope}:{code}" for scope in scopes for code in (language, "")]
    return {
        "bot": bot.user(),
        "user": user,
        "started": dialog is not None,
        "blocked": bool(dialog and dialog["blocked"]),
        "commands": next((profile[key] for key in keys if profile.get(key)), []),
        "menu_button": (dialog or {}).get("menu_button") or profile.get("menu_button") or {"type": "default"},
        "description": profile.get(f"description:{language}") or profile.get("description:", ""),
        "groups": [group for group in server.state.accounts.groups() if {user["id"], bot.id} <= set(group["members"])],
    }
