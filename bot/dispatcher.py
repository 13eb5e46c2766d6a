"""From a claimed inbox row to its effects: one transaction that proves the lease, marks the row as done and does what was asked.

Called by the consumer for one user's rows in order. A handler reads first (prices, previews: outside any transaction), then its
effect writes. A refusal is an answer too: its words and the done mark are one transaction. Whatever else a handler raises goes up
to the consumer, which tries again or parks.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from telegram import Bot

from bot import figures
from bot.callbacks import ACTIONS
from bot.commands import run_command
from bot.context import BotContext, Effect, Request, reading, saying
from bot.errors import SILENT
from bot.grammar import parse
from bot.grammar.account import Start
from bot.grammar.words import FreeText, Malformed, Plain, Words
from bot.guards import EXIT_ACTIONS, PUBLIC_COMMANDS, always_taken, group_line
from bot.handlers.account import open_account, show_start
from bot.incoming import Said, Tapped, translate
from bot.overload import Overload
from core.config.logging import get_logger
from core.config.metrics import BUTTON_PRESSES, COMMANDS, UPDATES_SHED
from core.db import leases
from core.db.leases import Lease
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.inbox import service as inbox
from core.inbox.types import InboxRow
from core.kernel.errors import Denied
from core.outbox import service as outbox
from core.outbox.types import Press
from core.users import service as users
from core.users.rules import parse_start_payload
from core.users.types import User

log = get_logger()


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Handles rows; keeps nothing between them but how much there is."""

    context: BotContext
    bot: Bot
    overload: Overload = field(default_factory=Overload)

    async def handle(self, row: InboxRow, lease: Lease) -> None:
        """Does what the update asks, once. Raises Unavailable to be called again; anything unexpected means: park."""
        incoming = translate(row.payload, self.bot)
        match incoming:
            case Said() if incoming.private:
                await self._private(row, lease, incoming)
            case Said():
                await self._group(row, lease, incoming)
            case Tapped():
                await self._tapped(row, lease, incoming)
            case None:
                await self._commit(row, lease, _nothing)

    async def _private(self, row: InboxRow, lease: Lease, said: Said) -> None:
        command = parse(said.text, self.context.username) if said.text else FreeText("")
        if command is None:
            await self._commit(row, lease, _nothing)
            return
        if said.forwarded and not isinstance(command, FreeText):
            command = Malformed("forwarded")
        user = await self._user(said.sender_id)
        if not always_taken(command) and await self._shed(row, lease, said, user):
            return
        if user is None and isinstance(command, Start) and not parse_start_payload(command.payload).token:
            await self._open_by_start(row, lease, said, command)
            return
        if user is None:
            user = await self._open_first(row, lease, said, command.payload if isinstance(command, Start) else "")
        await self._command(row, lease, _request(row, user, said.chat_id), command)

    async def _shed(self, row: InboxRow, lease: Lease, said: Said, user: User | None) -> bool:
        """When there is too much: one line for all that was not taken, and nothing happens."""
        why = self.overload.verdict(row.sender_id, row.age)
        if not why:
            return False
        UPDATES_SHED.labels(why).inc()
        key, count = self.overload.refuse(row.sender_id, why, row.id)
        params = {"count": str(count), "at": figures.when(self.context.edge.clock.now().isoformat())}

        async def effect(uow: UnitOfWork) -> str:
            await outbox.append_chat(
                uow,
                chat_id=said.chat_id,
                message_key=key,
                screen="text",
                data={"id": "busy" if why == "burst" else "busy-late", "params": params},
                language="en" if user is None else user.language,
                priority=outbox.ORDINARY + 1,
                correlation_id=row.correlation_id,
            )
            return ""

        await self._commit(row, lease, effect)
        return True

    async def _command(self, row: InboxRow, lease: Lease, request: Request, command: Words) -> None:
        outcome = "done"
        try:
            await self._commit(row, lease, await run_command(self.context, request, command))
        except Denied as denied:
            outcome = "denied"
            await self._commit(row, lease, _denied(request, denied))
        COMMANDS.labels(command.command, outcome).inc()

    async def _open_by_start(self, row: InboxRow, lease: Lease, said: Said, command: Start) -> None:
        async def effect(uow: UnitOfWork) -> str:
            user = await open_account(self.context, uow, said, command.payload)
            await show_start(uow, _request(row, user, said.chat_id), payload=command.payload)
            return ""

        await self._commit(row, lease, effect)
        COMMANDS.labels("start", "opened").inc()

    async def _open_first(self, row: InboxRow, lease: Lease, said: Said, payload: str) -> User:
        """The account of somebody whose first command asks for more than /start alone: opened and welcomed, then the command runs."""
        async with unit_of_work(self.context.edge.pool) as uow:
            await leases.require(uow, lease)
            user = await open_account(self.context, uow, said, payload)
            if user.opened:
                request = replace(_request(row, user, said.chat_id), message_key=f"welcome:{user.id}")
                await show_start(uow, request)
        return user

    async def _group(self, row: InboxRow, lease: Lease, said: Said) -> None:
        """In groups: help, one line that points to the private chat, and silence for everything that is no command of ours."""
        command = parse(said.text, self.context.username)
        if command is None or isinstance(command, FreeText) or said.forwarded or _not_ours(said.text, command):
            await self._commit(row, lease, _nothing)
            return

        async def effect(uow: UnitOfWork) -> str:
            public = isinstance(command, Plain) and command.name in PUBLIC_COMMANDS
            screen, data = ("help", {"operator": False}) if public else group_line(self.context.username)
            key = f"update:{row.bot_id}:{row.update_id}"
            await outbox.append_chat(
                uow, chat_id=said.chat_id, message_key=key, screen=screen, data=data, correlation_id=row.correlation_id
            )
            return ""

        await self._commit(row, lease, effect)

    async def _tapped(self, row: InboxRow, lease: Lease, tapped: Tapped) -> None:
        outcome = "used"
        async with reading(self.context.edge.pool) as uow:
            user = await users.by_telegram_id(uow, tapped.sender_id)
            seen = None if user is None else await self._peek(uow, tapped, user)
        try:
            if user is None:
                raise Denied("button_foreign")
            self._require_room(row, seen)
            await self._commit(row, lease, await self._press(row, tapped, user, seen))
        except Denied as denied:
            outcome = denied.code
            await self._commit(row, lease, _refused_tap(row, tapped, user, denied))
        BUTTON_PRESSES.labels(outcome).inc()

    def _require_room(self, row: InboxRow, seen: Press | None) -> None:
        """Raises Denied('busy') for a button that is no exit when there is too much; it may be pressed again."""
        if seen is None or seen.action in EXIT_ACTIONS:
            return
        why = self.overload.verdict(row.sender_id, row.age)
        if why:
            UPDATES_SHED.labels(why).inc()
            raise Denied("busy")

    @staticmethod
    async def _peek(uow: UnitOfWork, tapped: Tapped, user: User) -> Press | None:
        return await outbox.peek_button(uow, handle=tapped.handle, user_id=user.id, chat_id=tapped.chat_id)

    async def _press(self, row: InboxRow, tapped: Tapped, user: User, seen: Press | None) -> Effect:
        """Prepares what the button does, as it was seen; the transaction then uses it up, or refuses, whatever was seen."""
        acts: Effect = _nothing
        if seen is not None:
            request = Request(user, tapped.chat_id, seen.message_key, f"button:{tapped.handle}", row.correlation_id)
            acts = await ACTIONS[seen.action](self.context, request, seen.argument)

        async def effect(uow: UnitOfWork) -> str:
            press = await outbox.press_button(
                uow,
                handle=tapped.handle,
                user_id=user.id,
                chat_id=tapped.chat_id,
                telegram_message_id=tapped.message_id,
                tap_id=tapped.tap_id,
            )
            if seen is None or press.action != seen.action:
                raise Denied("button_unknown")  # seen unusable a moment ago: nothing was prepared
            await _toast(uow, row, tapped, user, {"id": await acts(uow) or "toast-done"})
            return ""

        return effect

    async def _user(self, telegram_id: int) -> User | None:
        async with reading(self.context.edge.pool) as uow:
            return await users.by_telegram_id(uow, telegram_id)

    async def _commit(self, row: InboxRow, lease: Lease, effect: Effect) -> None:
        async with unit_of_work(self.context.edge.pool) as uow:
            await leases.require(uow, lease)
            if await inbox.finish(uow, row.id):
                await effect(uow)

    async def give_up(self, row: InboxRow, lease: Lease, error: str, *, message: str) -> None:
        """Parks a row with its error and, where there is somebody to tell, says so: nobody waits for an answer that never comes."""
        sender = row.sender_id if row.sender_id > 0 else None
        user = None if sender is None else await self._user(sender)
        async with unit_of_work(self.context.edge.pool) as uow:
            await leases.require(uow, lease)
            await inbox.park(uow, row.id, error)
            if user is not None and _concerns_private_chat(row, user):
                await _request(row, user, user.private_chat_id).say(uow, message)


def _request(row: InboxRow, user: User, chat_id: int) -> Request:
    key = f"update:{row.bot_id}:{row.update_id}"
    return Request(user, chat_id, key, key, row.correlation_id)


def _concerns_private_chat(row: InboxRow, user: User) -> bool:
    content = next((row.payload[kind] for kind in ("message", "callback_query") if isinstance(row.payload.get(kind), dict)), None)
    chat = (content or {}).get("chat") or ((content or {}).get("message") or {}).get("chat")
    return isinstance(chat, dict) and chat.get("id") == user.private_chat_id


def _not_ours(text: str, command: Words) -> bool:
    """A command we do not know, not addressed to us: other bots of the group listen too."""
    return isinstance(command, Malformed) and command.message == "unknown-command" and "@" not in text.split(maxsplit=1)[0]


async def _nothing(_uow: UnitOfWork) -> str:
    return ""


def _denied(request: Request, denied: Denied) -> Effect:
    if denied.code == "not_operator":
        return saying(request, "operators-only")

    async def effect(uow: UnitOfWork) -> str:
        params = {name: str(value) for name, value in denied.params.items()}
        await request.show(uow, "denied", {"code": denied.code, "params": params})
        return ""

    return effect


def _refused_tap(row: InboxRow, tapped: Tapped, user: User | None, denied: Denied) -> Effect:
    async def effect(uow: UnitOfWork) -> str:
        if denied.code not in SILENT:
            params = {name: str(value) for name, value in denied.params.items()}
            await _toast(uow, row, tapped, user, {"code": denied.code, "params": params})
        return ""

    return effect


async def _toast(uow: UnitOfWork, row: InboxRow, tapped: Tapped, user: User | None, data: dict[str, object]) -> None:
    """The answer to a tap, keyed by it: Telegram shows a spinner until it comes."""
    await outbox.append_chat(
        uow,
        chat_id=tapped.chat_id,
        message_key=f"toast:{tapped.tap_id}",
        screen="toast",
        data={**data, "callback_query_id": tapped.tap_id},
        language="en" if user is None else user.language,
        priority=outbox.CONFIRMATION,
        correlation_id=row.correlation_id,
    )
