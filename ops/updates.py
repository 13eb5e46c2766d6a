"""`ops updates`: updates that failed for good: seen, tried anew, set aside. Shows no payload: it is somebody's private message."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from core.db.unit_of_work import unit_of_work
from core.inbox import service as inbox
from core.support import operations
from ops.desk import actor, open_pool
from ops.output import Answer


def register(areas: Any, common: argparse.ArgumentParser) -> None:
    """The commands and their options."""
    area = areas.add_parser("updates", help="what came from Telegram").add_subparsers(dest="command", required=True)
    command = area.add_parser("parked", parents=[common], help="updates that failed for good")
    command.add_argument("--limit", type=int, default=50)
    command.set_defaults(run=lambda given: parked(given.limit))
    command = area.add_parser("release", parents=[common], help="has a parked update tried anew; an order in it is refused as too late")
    command.add_argument("id", type=int, help="the first figure of its line in: ops updates parked")
    command.set_defaults(run=lambda given: release(given.id))
    command = area.add_parser("drop", parents=[common], help="sets a parked update aside for good")
    command.add_argument("id", type=int)
    command.set_defaults(run=lambda given: drop(given.id))


async def parked(limit: int) -> Answer:
    """The newest `limit` parked updates, newest first."""
    async with open_pool() as pool, unit_of_work(pool) as uow:
        rows = await inbox.parked(uow, limit)
    lines = [
        f"{r.id}  update {r.update_id}  {r.kind}  from {r.sender_id}  {r.received_at:%Y-%m-%d %H:%M:%S}  tried {r.attempts}×  {r.error}"
        for r in rows
    ]
    data = [{**asdict(row), "received_at": row.received_at.isoformat()} for row in rows]
    return Answer(lines or ["nothing is parked"], data)


async def release(row_id: int) -> Answer:
    """The update waits again; whoever sent it gets the answer."""
    async with open_pool() as pool, unit_of_work(pool) as uow:
        released = await operations.release_update(uow, row_id, actor=actor())
    return _done(row_id, "released", done=released)


async def drop(row_id: int) -> Answer:
    """Nobody tries the update again."""
    async with open_pool() as pool, unit_of_work(pool) as uow:
        dropped = await operations.drop_update(uow, row_id, actor=actor())
    return _done(row_id, "dropped", done=dropped)


def _done(row_id: int, word: str, *, done: bool) -> Answer:
    if not done:
        return Answer([], [], 1, f"no update {row_id} is parked; see: python -m ops updates parked")
    return Answer([f"{word} {row_id}"], [{"id": row_id, "state": word}])
