"""/broadcast: a draft, a look at it in one's own chat, a start that is confirmed, a pause, and how far it got."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from bot.context import BotContext, Effect, Request
from bot.grammar.operator import BroadcastWords
from bot.guards import require
from core.audit import service as audit
from core.db.unit_of_work import UnitOfWork
from core.notifications import broadcasts
from core.notifications.broadcast_types import Broadcast, State
from core.outbox import service as outbox
from core.outbox.types import ButtonAction
from core.users.roles import Right

TTL = timedelta(hours=24)
Change = Callable[[UnitOfWork, int], Awaitable[Broadcast]]


async def broadcast(_context: BotContext, request: Request, words: BroadcastWords) -> Effect:
    """A list, a new draft, further words of one, or a look at one."""
    require(request.user, Right.BROADCAST)
    actor = audit.operator(request.user.id)

    async def effect(uow: UnitOfWork) -> str:
        if words.segment is not None:
            draft = await broadcasts.create(uow, segment=words.segment, texts={words.language: words.text}, actor=actor)
            await _show(uow, request, draft.id)
        elif words.text:
            await broadcasts.add_text(uow, words.number, language=words.language, text=words.text)
            await _show(uow, request, words.number)
        elif words.number:
            await _show(uow, request, words.number)
        else:
            await _list(uow, request)
        return ""

    return effect


async def start_broadcast(_context: BotContext, request: Request, argument: Mapping[str, Any]) -> Effect:
    """Begins it, or goes on."""
    return _changing(request, argument, lambda uow, one: broadcasts.start(uow, one, actor=audit.operator(request.user.id)))


async def pause_broadcast(_context: BotContext, request: Request, argument: Mapping[str, Any]) -> Effect:
    """Tells nobody more for now."""
    return _changing(request, argument, lambda uow, one: broadcasts.pause(uow, one, actor=audit.operator(request.user.id)))


async def cancel_broadcast(_context: BotContext, request: Request, argument: Mapping[str, Any]) -> Effect:
    """Ends it for good."""
    return _changing(request, argument, lambda uow, one: broadcasts.cancel(uow, one, actor=audit.operator(request.user.id)))


async def follow_broadcast(_context: BotContext, request: Request, argument: Mapping[str, Any]) -> Effect:
    """How far it is now."""
    return _changing(request, argument, None)


async def preview_broadcast(_context: BotContext, request: Request, argument: Mapping[str, Any]) -> Effect:
    """The message itself in each of its languages, to whoever asks."""
    require(request.user, Right.BROADCAST)

    async def effect(uow: UnitOfWork) -> str:
        found = (await broadcasts.progress(uow, argument["id"])).broadcast
        for language, text in sorted(found.texts.items()):
            await outbox.append_chat(
                uow,
                chat_id=request.chat_id,
                message_key=f"{request.idempotency_key}:{language}",
                screen=broadcasts.SCREEN,
                data={"text": text},
                language=language,
                correlation_id=request.correlation_id,
            )
        await _show(uow, request, found.id)
        return ""

    return effect


def _changing(request: Request, argument: Mapping[str, Any], change: Change | None) -> Effect:
    require(request.user, Right.BROADCAST)

    async def effect(uow: UnitOfWork) -> str:
        if change is not None:
            await change(uow, argument["id"])
        await _show(uow, request, argument["id"])
        return ""

    return effect


async def _show(uow: UnitOfWork, request: Request, broadcast_id: int) -> None:
    """One broadcast with the buttons that its state allows."""
    progress = await broadcasts.progress(uow, broadcast_id)
    one = progress.broadcast
    meant = await broadcasts.audience(uow, one.segment) if one.state is State.DRAFT else one.total
    names, actions = _buttons(one)
    handles = await request.buttons(uow, actions, TTL)
    data = {
        **_row(one),
        "total": meant,
        "segment": one.segment.encode(),
        "languages": sorted(one.texts),
        "text": one.text(request.user.language),
        "sent": progress.sent,
        "waiting": progress.waiting,
        "failed": progress.failed,
        "buttons": [{"name": name, "handle": handle} for name, handle in zip(names, handles, strict=True)],
    }
    await request.show(uow, "broadcast_control", data)


def _buttons(one: Broadcast) -> tuple[list[str], list[ButtonAction]]:
    argument = {"id": one.id}
    begin, stop = ButtonAction("start_broadcast", argument), ButtonAction("cancel_broadcast", argument)
    look, again = ButtonAction("preview_broadcast", argument), ButtonAction("follow_broadcast", argument)
    match one.state:
        case State.DRAFT:
            return ["preview", "start", "drop"], [look, begin, stop]
        case State.RUNNING:
            return ["pause", "refresh"], [ButtonAction("pause_broadcast", argument), again]
        case State.PAUSED:
            return ["resume", "stop", "refresh"], [begin, stop, again]
        case State.DONE:
            return ["refresh"], [again]
    return [], []


async def _list(uow: UnitOfWork, request: Request) -> None:
    await request.show(uow, "broadcasts", {"broadcasts": [_row(one) for one in await broadcasts.recent(uow)]})


def _row(one: Broadcast) -> dict[str, Any]:
    return {
        "id": one.id,
        "state": one.state.value,
        "done": one.queued + one.held + one.dropped,
        "total": one.total,
        "held": one.held,
        "dropped": one.dropped,
    }
