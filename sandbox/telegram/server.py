"""The Bot API itself: token, parameters, faults, method, journal. Called by the routes; nothing below it knows HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.telegram.accounts import BotAccount
from sandbox.telegram.errors import ApiError, FloodExceeded
from sandbox.telegram.faults import Fault
from sandbox.telegram.methods import callbacks, editing, profile, receiving, sending
from sandbox.telegram.methods.call import Call, Handler
from sandbox.telegram.methods.receiving import AnswerLost, Polls
from sandbox.telegram.parameters import MethodSchema, Parameters, Schemas
from sandbox.telegram.settings import SandboxSettings
from sandbox.telegram.state import State
from sandbox.telegram.store import Json
from sandbox.telegram.webhooks import Webhooks

HANDLERS: dict[str, Handler] = sending.METHODS | editing.METHODS | callbacks.METHODS | profile.METHODS | receiving.METHODS
_EDITS = frozenset(editing.METHODS)


@dataclass(frozen=True)
class Answer:
    """Status and JSON of one call; `lost_after_s` says that it must never arrive and when the connection is cut."""

    status: int
    body: Json
    lost_after_s: float | None = None


class Server:
    """One sandbox: state, methods and webhook delivery. `start()` and `close()` belong to the application that mounts it."""

    def __init__(self, state_path: Path | None = None, settings: SandboxSettings | None = None) -> None:
        self.settings = settings or SandboxSettings()
        self.state = State(state_path, self.settings)
        self.schemas = Schemas(self.settings.api_spec, strict=self.settings.strict)
        self.polls = Polls()
        self.webhooks = Webhooks(self.state)

    async def start(self) -> None:
        """Begin delivering to webhooks."""
        self.webhooks.start()

    async def close(self) -> None:
        """End long polls and deliveries and close the file."""
        self.stop_waiting()
        await self.webhooks.close()
        self.state.close()

    def stop_waiting(self) -> None:
        """Let every long poll and every wait return what it has, so that a server can go down without cutting them."""
        self.polls.closing = True
        self.state.signals.wake_all()

    async def answer(self, token: str, method: str, parameters: Parameters) -> Answer:
        """One call from token to JSON; never raises for what a bot can do wrong."""
        try:
            bot = self.state.accounts.authorize(token)
            schema = self.schemas.method(method)
            self.schemas.check(schema, parameters)
            return await self._with_faults(bot, schema, parameters)
        except AnswerLost:
            return Answer(500, {}, lost_after_s=0.0)
        except ApiError as error:
            return Answer(error.code, error.body())

    async def _with_faults(self, bot: BotAccount, schema: MethodSchema, parameters: Parameters) -> Answer:
        with self.state.store.transaction():
            fault = self.state.faults.for_call(bot.id, schema.name, parameters.values.get("chat_id"))
        if fault is None:
            return Answer(200, {"ok": True, "result": await self._act(bot, schema, parameters)})
        options = fault.options
        if options.get("after_acting"):
            await self._act(bot, schema, parameters)
        self._record_fault(bot, schema, fault)
        if options.get("lose_answer"):
            return Answer(500, {}, lost_after_s=float(options.get("hold_s", 0)))
        error = _fault_error(options)
        return Answer(error.code, error.body())

    def _record_fault(self, bot: BotAccount, schema: MethodSchema, fault: Fault) -> None:
        with self.state.store.transaction():
            self.state.journal.record("fault", bot.id, {"method": schema.name, "kind": fault.kind, **fault.options})

    async def _act(self, bot: BotAccount, schema: MethodSchema, parameters: Parameters) -> Any:
        call = Call(self.state, bot, schema.name, parameters)
        if schema.name == "getUpdates":
            return await self.polls.poll(call)
        handler = HANDLERS.get(schema.name)
        if handler is None and not schema.returns_bool:
            raise ApiError(501, f"Not Implemented: the sandbox does not model {schema.name}")
        try:
            with self.state.store.transaction():
                result = True if handler is None else handler(call)
                if not schema.name.startswith("get"):
                    self._record_call(call)
        except FloodExceeded as error:
            self._record_flood(call, error)
            raise
        return result

    def _record_call(self, call: Call) -> None:
        shown = {key: value for key, value in call.parameters.values.items() if value is not None}
        data = {"method": call.method, "parameters": shown, "files": sorted(call.parameters.files)}
        self.state.journal.record("call", call.bot.id, data, chat_id=call.chat_id, message_id=call.message_id)

    def _record_flood(self, call: Call, error: FloodExceeded) -> None:
        data = {"method": call.method, "counted_as": "edit" if call.method in _EDITS else "send", **error.parameters}
        with self.state.store.transaction():
            self.state.journal.record("flood_violation", call.bot.id, data, chat_id=call.chat_id, message_id=call.message_id)


def _fault_error(options: Json) -> ApiError:
    code = int(options.get("error", 500))
    if code == 429:
        wait = int(options.get("retry_after", 1))
        return ApiError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
    usual = {400: "Bad Request: sandbox fault", 403: "Forbidden: bot was blocked by the user", 502: "Bad Gateway"}
    return ApiError(code, str(options.get("description") or usual.get(code, "Internal Server Error")))
