"""Broadcasts: one message of an operator to many users, never before a confirmation, nobody twice, nobody left out.

A draft is made and started by the bot's operator handlers and by `ops`; `advance` is called by a task of the worker and tells some
hundred users in one transaction, with the cursor: after a crash it goes on exactly where it was. Only so many messages wait in the
outbox at once, so a pause is felt within seconds. Everything goes through each user's own settings: off, silent, quiet hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg

from core.audit import service as audit
from core.db.unit_of_work import UnitOfWork
from core.decisions import service as decisions
from core.kernel.errors import Denied
from core.notifications import broadcast_rows as rows
from core.notifications.broadcast_types import ENGLISH, Broadcast, Progress, Segment, State, require_text
from core.notifications.repository import settings_of
from core.notifications.rules import route
from core.notifications.types import Event, Route
from core.outbox import service as outbox
from core.outbox.types import Letter

SCREEN = "broadcast"
SUBJECT = "broadcast"
CHUNK = 250
"""Users of one transaction."""
MOST_WAITING = 600
"""Messages in the outbox at once: some twenty seconds of Telegram's limit."""


async def create(uow: UnitOfWork, *, segment: Segment, texts: Mapping[str, str], actor: str) -> Broadcast:
    """A draft. Plain text by language; English must be there. Raises Denied('broadcast_text' | 'broadcast_no_english')."""
    kept = {language: require_text(language, text) for language, text in texts.items()}
    if ENGLISH not in kept:
        raise Denied("broadcast_no_english")
    draft = await rows.insert(uow, segment, kept, actor)
    await audit.record(uow, actor=actor, action="broadcast_created", subject=draft.key, details={"segment": segment.encode()})
    return draft


async def add_text(uow: UnitOfWork, broadcast_id: int, *, language: str, text: str) -> Broadcast:
    """Says a draft in one more language, or in other words. Raises Denied('broadcast_text' | 'broadcast_not_found' | 'broadcast_state')."""
    draft = await _locked(uow, broadcast_id, State.DRAFT)
    await rows.set_texts(uow, broadcast_id, {**draft.texts, language: require_text(language, text)})
    return await _locked(uow, broadcast_id)


async def start(uow: UnitOfWork, broadcast_id: int, *, actor: str) -> Broadcast:
    """Begins a draft, or goes on with a paused one. Raises Denied('broadcast_not_found' | 'broadcast_state')."""
    found = await _locked(uow, broadcast_id, State.DRAFT, State.PAUSED)
    if found.state is State.DRAFT:
        await rows.fix_audience(uow, broadcast_id, found.segment)
    started = await rows.set_state(uow, broadcast_id, State.RUNNING)
    await audit.record(uow, actor=actor, action="broadcast_started", subject=found.key, details={"total": started.total})
    return started


async def pause(uow: UnitOfWork, broadcast_id: int, *, actor: str) -> Broadcast:
    """Stops telling more users; what waits in the outbox still goes. Raises Denied as `start` does."""
    found = await _locked(uow, broadcast_id, State.RUNNING)
    await audit.record(uow, actor=actor, action="broadcast_paused", subject=found.key, details={"cursor": found.cursor})
    return await rows.set_state(uow, broadcast_id, State.PAUSED)


async def cancel(uow: UnitOfWork, broadcast_id: int, *, actor: str) -> Broadcast:
    """Ends it for good, wherever it is. Raises Denied as `start` does."""
    found = await _locked(uow, broadcast_id, State.DRAFT, State.RUNNING, State.PAUSED)
    await audit.record(uow, actor=actor, action="broadcast_canceled", subject=found.key, details={"cursor": found.cursor})
    return await rows.set_state(uow, broadcast_id, State.CANCELED)


async def progress(uow: UnitOfWork, broadcast_id: int) -> Progress:
    """How far it got. Raises Denied('broadcast_not_found')."""
    found = await rows.read(uow, broadcast_id)
    if found is None:
        raise Denied("broadcast_not_found")
    states = await outbox.broadcast_states(uow, found.key)
    return Progress(found, states.get("pending", 0), states.get("sent", 0), states.get("failed", 0))


async def recent(uow: UnitOfWork, limit: int = 10) -> list[Broadcast]:
    """The newest ones, newest first."""
    return await rows.recent(uow, limit)


async def audience(uow: UnitOfWork, segment: Segment) -> int:
    """How many accounts a segment means now."""
    return await rows.count(uow, segment)


async def advance(uow: UnitOfWork, now: datetime, *, chunk: int = CHUNK, most_waiting: int = MOST_WAITING) -> int:
    """Tells the next users of the oldest running broadcast that nobody else is at; how many were dealt with. 0: nothing to do now."""
    running = await rows.take_running(uow)
    if running is None:
        return 0
    room = most_waiting - await outbox.broadcasts_waiting(uow, most_waiting)
    limit = min(chunk, room)
    if limit <= 0:
        return 0
    people = await rows.people(uow, running, limit)
    sorted_out = _sort(running, people, now)
    await _tell(uow, running, sorted_out)
    over = len(people) < limit
    cursor = running.last_user_id if over else int(people[-1]["id"])
    await rows.move(
        uow, running.id, cursor, queued=len(sorted_out.letters), held=len(sorted_out.held), dropped=len(people) - sorted_out.reached
    )
    if over:
        await rows.set_state(uow, running.id, State.DONE)
    return len(people)


@dataclass(slots=True)
class _Sorted:
    """What becomes of each of some users; `reasons` of those who hear nothing now."""

    letters: list[Letter] = field(default_factory=list)
    held: list[tuple[int, Mapping[str, Any], datetime]] = field(default_factory=list)
    reasons: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def reached(self) -> int:
        return len(self.letters) + len(self.held)


def _sort(broadcast: Broadcast, people: list[asyncpg.Record], now: datetime) -> _Sorted:
    found = _Sorted()
    for person in people:
        verdict = route(settings_of(person), Event.BROADCAST, now)
        data = {"text": broadcast.text(person["language"])}
        if verdict.route is Route.HOLD and verdict.due_at is not None:
            found.held.append((person["id"], data, verdict.due_at))
        elif verdict.route is not Route.DROP:
            found.letters.append(Letter(person["private_chat_id"], data, person["language"], verdict.route is Route.SEND_SILENTLY))
            continue
        inputs = {"user_id": person["id"], "due_at": None if verdict.due_at is None else verdict.due_at.isoformat()}
        found.reasons[f"{broadcast.key}:user:{person['id']}"] = {
            "check": "notification",
            "verdict": "denied",
            "reason": verdict.reason,
            "inputs": inputs,
        }
    return found


async def _tell(uow: UnitOfWork, broadcast: Broadcast, sorted_out: _Sorted) -> None:
    await outbox.append_broadcast(uow, message_key=broadcast.key, screen=SCREEN, letters=sorted_out.letters)
    if sorted_out.held:
        await rows.hold(uow, broadcast.key, SCREEN, sorted_out.held)
    if sorted_out.reasons:
        await decisions.record_each(uow, SUBJECT, sorted_out.reasons)


async def _locked(uow: UnitOfWork, broadcast_id: int, *states: State) -> Broadcast:
    found = await rows.read(uow, broadcast_id, lock=True)
    if found is None:
        raise Denied("broadcast_not_found")
    if states and found.state not in states:
        raise Denied("broadcast_state", state=found.state.value)
    return found
