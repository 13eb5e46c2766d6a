"""`ops broadcast`: one message to many users: drafted, started, paused, followed. The text is plain and is escaped."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.kernel.errors import Denied
from core.notifications import broadcasts
from core.notifications.broadcast_types import Progress, Segment
from ops.desk import actor, open_pool
from ops.output import Answer

Change = Callable[[UnitOfWork, int], Awaitable[object]]
REFUSALS: Mapping[str, str] = {
    "broadcast_not_found": "there is no such broadcast; see: python -m ops broadcast list",
    "broadcast_state": "this cannot be done with it now",
    "broadcast_text": "a text is 1 to 3,500 characters after its language, such as: --text en='Hello'",
    "broadcast_no_english": "English is for everybody whose language is not there: add --text en='…'",
    "broadcast_segment": "a mode is paper or live, days are 0 to 3650",
}


def register(areas: Any, common: argparse.ArgumentParser) -> None:
    """The commands and their options."""
    area = areas.add_parser("broadcast", help="one message to many users").add_subparsers(dest="command", required=True)
    command = area.add_parser("create", parents=[common], help="a draft; nobody is told before it is started")
    command.add_argument("--text", action="append", required=True, metavar="LANGUAGE=TEXT", help="once a language; en=@file reads a file")
    command.add_argument("--language", default="", help="only who speaks it")
    command.add_argument("--tier", default="")
    command.add_argument("--mode", default="", help="paper or live")
    command.add_argument("--active-days", type=int, default=0, help="only who asked for an order within so many days")
    command.add_argument("--user", type=int, default=0, help="only this account (our id)")
    command.set_defaults(run=create)
    changes: dict[str, tuple[Change, str]] = {
        "start": (lambda uow, one: broadcasts.start(uow, one, actor=actor()), "begins a draft, or goes on with a paused one"),
        "pause": (lambda uow, one: broadcasts.pause(uow, one, actor=actor()), "tells nobody more; start goes on where it was"),
        "cancel": (lambda uow, one: broadcasts.cancel(uow, one, actor=actor()), "ends it for good"),
        "status": (broadcasts.progress, "how far it got"),
    }
    for word, (change, said) in changes.items():
        command = area.add_parser(word, parents=[common], help=said)
        command.add_argument("id", type=int)
        command.set_defaults(run=lambda given, change=change: changed(given.id, change))
    command = area.add_parser("list", parents=[common], help="the newest ones")
    command.add_argument("--limit", type=int, default=20)
    command.set_defaults(run=lambda given: listed(given.limit))


async def create(given: argparse.Namespace) -> Answer:
    """A draft, and how many accounts it would mean now."""
    try:
        texts = read_texts(given.text)
        segment = Segment(given.language, given.tier, given.mode, given.active_days, given.user)
        async with open_pool() as pool, unit_of_work(pool) as uow:
            draft = await broadcasts.create(uow, segment=segment, texts=texts, actor=actor())
            audience = await broadcasts.audience(uow, segment)
    except Denied as refusal:
        return _refused(refusal)
    except OSError as problem:
        return Answer([], [], 1, f"the text cannot be read: {problem.strerror}")
    lines = [f"draft {draft.id}  to {audience} accounts  in {', '.join(sorted(texts))}; start it: python -m ops broadcast start {draft.id}"]
    return Answer(lines, [{"id": draft.id, "state": draft.state.value, "audience": audience, "languages": sorted(texts)}])


def read_texts(given: Sequence[str]) -> dict[str, str]:
    """`en=Hello` or `en=@file`, by language. Raises OSError for a file that cannot be read."""
    texts = {}
    for one in given:
        language, _, text = one.partition("=")
        texts[language.strip()] = Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text
    return texts


async def changed(broadcast_id: int, change: Change) -> Answer:
    """Does it, then shows how far the broadcast is."""
    try:
        async with open_pool() as pool, unit_of_work(pool) as uow:
            await change(uow, broadcast_id)
            progress = await broadcasts.progress(uow, broadcast_id)
    except Denied as refusal:
        return _refused(refusal)
    return Answer([_line(progress)], [_data(progress)])


async def listed(limit: int) -> Answer:
    """The newest ones, newest first."""
    async with open_pool() as pool, unit_of_work(pool) as uow:
        found = [await broadcasts.progress(uow, one.id) for one in await broadcasts.recent(uow, limit)]
    return Answer([_line(one) for one in found] or ["there was no broadcast"], [_data(one) for one in found])


def _line(progress: Progress) -> str:
    one = progress.broadcast
    done = one.queued + one.held + one.dropped
    return (
        f"{one.id}  {one.state}  {done} of {one.total}  sent {progress.sent}  waiting {progress.waiting}  failed {progress.failed}"
        f"  for the digest {one.held}  unwanted {one.dropped}"
    )


def _data(progress: Progress) -> Mapping[str, Any]:
    one = progress.broadcast
    return {
        "id": one.id,
        "state": one.state.value,
        "segment": one.segment.encode(),
        "languages": sorted(one.texts),
        "total": one.total,
        "done": one.queued + one.held + one.dropped,
        "sent": progress.sent,
        "waiting": progress.waiting,
        "failed": progress.failed,
        "held": one.held,
        "dropped": one.dropped,
        "created_by": one.created_by,
    }


def _refused(refusal: Denied) -> Answer:
    return Answer([], [], 1, REFUSALS[refusal.code])
