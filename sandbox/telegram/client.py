"""The control interface from Python: `TelegramSandbox(url).user(7).send("/start")`. For tests, journeys and benches."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Any

import aiohttp
import orjson

Json = dict[str, Any]


class SandboxRefused(Exception):
    """A control request was refused; the status and the sandbox's sentence."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status
        self.detail = detail


class NothingCame(SandboxRefused):
    """The awaited message did not come in time; the sentence shows the chat's last texts."""


@dataclass(frozen=True)
class ChatMessage:
    """A message as a user sees it now; `raw` is all the sandbox knows, `history` every content it had (when asked for)."""

    raw: Json

    @property
    def message_id(self) -> int:
        """Its id."""
        return int(self.raw["message_id"])

    @property
    def chat_id(self) -> int:
        """Its chat."""
        return int(self.raw["chat_id"])

    @property
    def text(self) -> str:
        """Text or caption."""
        return str(self.raw.get("text", self.raw.get("caption", "")))

    @property
    def from_bot(self) -> bool:
        """Whether a bot sent it."""
        return bool(self.raw["message"]["from"]["is_bot"])

    @property
    def buttons(self) -> list[Json]:
        """Inline buttons in reading order."""
        return [button for row in (self.raw.get("reply_markup") or {}).get("inline_keyboard", []) for button in row]

    @property
    def edit_count(self) -> int:
        """How often it was edited."""
        return int(self.raw["edit_count"])

    @property
    def texts(self) -> list[str]:
        """Every text it had, oldest first."""
        return [str(entry.get("text", entry.get("caption", ""))) for entry in self.raw.get("history", [])]

    def data(self, button_text: str) -> str:
        """The callback data of a button by part of its text; LookupError when it is not there."""
        for button in self.buttons:
            if button_text.lower() in button["text"].lower() and "callback_data" in button:
                return str(button["callback_data"])
        raise LookupError(f"no button {button_text!r} in {[button['text'] for button in self.buttons]}")


class SandboxUser:
    """One user of one bot (the only one, unless named). `chat` of each method is the private chat unless given."""

    def __init__(self, sandbox: TelegramSandbox, user_id: int, bot: int | None) -> None:
        self._sandbox = sandbox
        self.id = user_id
        self.bot = bot

    async def send(self, text: str, *, chat: int | None = None, reply_to: int | None = None) -> ChatMessage:
        """Write a text."""
        return ChatMessage(await self._sandbox.post("/send", user=self.id, text=text, chat=chat, bot=self.bot, reply_to=reply_to))

    async def speak(self, text: str, disguise: str, *, chat: int | None = None) -> None:
        """Say something as it reaches a bot in other ways: one of `sandbox.telegram.disguises.DISGUISES`."""
        await self._sandbox.post("/speak", user=self.id, text=text, disguise=disguise, chat=chat, bot=self.bot)

    async def ask_inline(self, query: str) -> None:
        """Type behind the bot's name in some chat, and choose what came."""
        await self._sandbox.post("/inline", user=self.id, query=query, bot=self.bot)

    async def tap_inline(self, data: str) -> None:
        """Tap a button of a message that was sent inline."""
        await self._sandbox.post("/inline", user=self.id, data=data, bot=self.bot)

    async def edit(self, message: ChatMessage | int, text: str, *, chat: int | None = None) -> ChatMessage:
        """Edit an own text."""
        return ChatMessage(await self._sandbox.post("/edit", user=self.id, message_id=_id(message), text=text, chat=chat, bot=self.bot))

    async def press(
        self,
        message: ChatMessage | int,
        text: str | None = None,
        *,
        data: str | None = None,
        chat: int | None = None,
        forged: bool = False,
        copies: int = 1,
    ) -> Json:
        """Tap a button by its text or data; `forged` sends any data, `copies` delivers the tap under several update ids."""
        where = chat if chat is not None else message.chat_id if isinstance(message, ChatMessage) else self.id
        return await self._sandbox.post(
            "/press", user=self.id, message_id=_id(message), chat=where, bot=self.bot, text=text, data=data, forged=forged, copies=copies
        )

    async def wait_for_message(
        self,
        text: str = "",
        *,
        regex: str = "",
        after: int = 0,
        button: str = "",
        message_id: int = 0,
        timeout_s: float = 10,
        chat: int | None = None,
    ) -> ChatMessage:
        """The newest message of the bot that fits, now or as soon as it does; raises NothingCame."""
        query = {"chat": chat or self.id, "bot": self.bot, "text": text, "regex": regex, "after": after, "button": button}
        return ChatMessage(await self._sandbox.get("/wait", **query, message_id=message_id, timeout=timeout_s))

    async def ask(self, text: str, expected: str = "", *, regex: str = "", timeout_s: float = 10) -> ChatMessage:
        """Write a text and wait for the bot's answer after it."""
        sent = await self.send(text)
        return await self.wait_for_message(expected, regex=regex, after=sent.message_id, timeout_s=timeout_s)

    async def chat(self, *, deleted: bool = False, history: bool = True) -> list[ChatMessage]:
        """Every message of the private chat, oldest first."""
        read = await self._sandbox.get(f"/chats/{self.id}", bot=self.bot, deleted=deleted, history=history, limit=100_000)
        return [ChatMessage(message) for message in read["messages"]]

    async def message(self, message_id: int, *, chat: int | None = None) -> ChatMessage:
        """One message with its history, deleted or not."""
        return ChatMessage(await self._sandbox.get(f"/chats/{chat or self.id}/messages/{message_id}", bot=self.bot))

    async def toasts(self) -> list[Json]:
        """Answers to this user's taps, oldest first."""
        found: list[Json] = await self._sandbox.get("/toasts", user=self.id, bot=self.bot)
        return found

    async def block(self) -> None:
        """Block the bot: it gets 403 from now on."""
        await self._sandbox.post("/block", user=self.id, blocked=True, bot=self.bot)

    async def unblock(self) -> None:
        """Take that back."""
        await self._sandbox.post("/block", user=self.id, blocked=False, bot=self.bot)


class TelegramSandbox:
    """A sandbox by its address; an async context manager, or call `close()`."""

    def __init__(self, base_url: str) -> None:
        self.url = base_url.rstrip("/")
        self._client: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> TelegramSandbox:
        """Itself."""
        return self

    async def __aexit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        """Close."""
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        if self._client:
            await self._client.close()
            self._client = None

    def user(self, user_id: int, *, bot: int | None = None) -> SandboxUser:
        """A user; made on his first act."""
        return SandboxUser(self, user_id, bot)

    async def add_bot(self, token: str, *, first_name: str = "Strongroom", username: str = "") -> Json:
        """Make a bot before its first call."""
        return await self.post("/bots", token=token, first_name=first_name, username=username)

    async def add_user(self, user_id: int | None = None, *, first_name: str = "", username: str | None = None, language_code: str = "en",
                       started: bool = False) -> SandboxUser:  # fmt: skip
        """Make a user; `started` lets bots write to him at once."""
        made = await self.post("/users", id=user_id, first_name=first_name, username=username, language_code=language_code, started=started)
        return self.user(made["id"])

    async def add_group(self, group_id: int, title: str, members: list[int], *, kind: str = "supergroup") -> Json:
        """Make a group of users and bots."""
        return await self.post("/groups", id=group_id, title=title, members=members, kind=kind)

    async def fault(self, kind: str, count: int = 1, **options: Any) -> None:
        """Arm a fault for the next `count` calls or updates; see `sandbox.telegram.faults`."""
        await self.post("/faults", kind=kind, count=count, options=options)

    async def fail(self, method: str, error: int, count: int = 1, **options: Any) -> None:
        """The next calls of a method fail; `after_acting=True` acts first, `lose_answer=True` cuts the connection (after `hold_s`)."""
        await self.fault("fail", count, method=method, error=error, **options)

    async def clear_faults(self) -> None:
        """Disarm everything and let held updates go."""
        await self._request("DELETE", "/faults")

    async def inject(self, update: Json, *, bot: int | None = None, user: int = 0) -> int:
        """Queue a raw update; returns its id."""
        return int((await self.post("/updates", update=update, bot=bot, user=user))["update_id"])

    async def limits(self, **changes: Any) -> Json:
        """Change flood limits (fields of `FloodLimits`); `enabled=False` lifts them."""
        changed: Json = await self._request("PUT", "/limits", body=changes)
        return changed

    async def advance(self, seconds: float) -> None:
        """Push the sandbox's clock forward."""
        await self.post("/clock", advance_s=seconds)

    async def counts(self, *, bot: int = 0) -> Json:
        """Messages, edits, calls, `flood_violations`, `pending_updates` by bot …"""
        counted: Json = await self.get("/counts", bot=bot)
        return counted

    async def journal(self, *, kind: str = "", after: int = 0, bot: int = 0) -> list[Json]:
        """The ground truth in order."""
        found: list[Json] = await self.get("/journal", kind=kind, after=after, bot=bot, limit=100_000)
        return found

    async def overview(self) -> Json:
        """Bots, users and groups."""
        found: Json = await self.get("/overview")
        return found

    async def get(self, path: str, **query: Any) -> Any:
        """GET below /control."""
        return await self._request("GET", path, query=query)

    async def post(self, path: str, **body: Any) -> Json:
        """POST below /control."""
        answer: Json = await self._request("POST", path, body=body)
        return answer

    async def _request(self, verb: str, path: str, *, query: Json | None = None, body: Json | None = None) -> Any:
        if self._client is None:
            self._client = aiohttp.ClientSession(json_serialize=lambda value: orjson.dumps(value).decode())
        params = {key: str(value) for key, value in (query or {}).items() if value is not None}
        async with self._client.request(verb, f"{self.url}/control{path}", params=params, json=body) as answer:
            content = await answer.read()
            read: Any = orjson.loads(content) if answer.content_type == "application/json" else {"detail": content.decode(errors="replace")}
            if answer.status >= 400:
                refusal = NothingCame if answer.status == 408 else SandboxRefused
                raise refusal(answer.status, str(read.get("detail", read)))
            return read


def _id(message: ChatMessage | int) -> int:
    return message if isinstance(message, int) else message.message_id
