"""`ops pause`, `ops resume`, `ops pauses`, `ops actions`: the kill switch by scope, and what was done by hand."""

from __future__ import annotations

import argparse
from typing import Any

from core.audit import service as audit
from core.controls import service as controls
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied
from core.support import operations
from ops.desk import actor, open_pool
from ops.output import Answer

SCOPES = "global, venue:paper, instrument:BTC/USDT or user:7"


def register(areas: Any, common: argparse.ArgumentParser) -> None:
    """The commands and their options."""
    for word, said in (("pause", "no new orders in a scope; cancels go on"), ("resume", "ends the pause of exactly that scope")):
        command = areas.add_parser(word, parents=[common], help=said)
        command.add_argument("scope", nargs="?", default="global", help=SCOPES)
        command.add_argument("--because", default="", help="why; kept and shown to operators")
        command.set_defaults(run=lambda given, word=word: switch(word, given.scope, given.because))
    command = areas.add_parser("pauses", parents=[common], help="what is paused, by whom and why")
    command.set_defaults(run=lambda _: pauses())
    command = areas.add_parser("actions", parents=[common], help="what people with a role did, newest first")
    command.add_argument("--subject", default="", help="such as user:7 or venue:paper")
    command.add_argument("--actor", default="", help="such as operator:7 or ops:ann")
    command.add_argument("--limit", type=int, default=50)
    command.set_defaults(run=lambda given: actions(given.subject, given.actor, given.limit))


async def switch(word: str, scope: str, reason: str) -> Answer:
    """Pauses or resumes a scope."""
    change = operations.pause if word == "pause" else operations.resume
    try:
        async with open_pool() as pool, unit_of_work(pool) as uow:
            changed = await change(uow, scope=scope, reason=reason, actor=actor())
    except Denied:
        return Answer([], [], 1, f"a scope is {SCOPES}, not {scope}")
    done = {"pause": "paused", "resume": "resumed"}[word]
    line = f"{done} {scope}" if changed else f"{scope} was {'paused already' if word == 'pause' else 'not paused'}"
    return Answer([line], [{"scope": scope, "changed": changed}])


async def pauses() -> Answer:
    """Open pauses, the oldest first."""
    async with open_pool() as pool, unit_of_work(pool) as uow:
        found = await controls.open_pauses(uow)
    lines = [f"{one.scope}  since {one.paused_at:%Y-%m-%d %H:%M:%S}  by {paused_by(one.paused_by)}  {one.reason}".rstrip() for one in found]
    data = [{"scope": one.scope, "since": one.paused_at.isoformat(), "by": paused_by(one.paused_by), "reason": one.reason} for one in found]
    return Answer(lines or ["nothing is paused"], data)


def paused_by(user_id: int) -> str:
    """As `operator_actions` names them."""
    return "ops" if user_id == operations.COMMAND_LINE else audit.operator(user_id)


async def actions(subject: str, by: str, limit: int) -> Answer:
    """Rows of `operator_actions`, newest first."""
    async with open_pool() as pool, unit_of_work(pool) as uow:
        found = await audit.actions(uow, subject=subject, actor=by, limit=limit)
    lines = [f"{one.acted_at:%Y-%m-%d %H:%M:%S}  {one.actor}  {one.action}  {one.subject}  {_details(one)}".rstrip() for one in found]
    data = [
        {"at": one.acted_at.isoformat(), "actor": one.actor, "action": one.action, "subject": one.subject, "details": dict(one.details)}
        for one in found
    ]
    return Answer(lines or ["nobody did anything"], data)


def _details(action: audit.Action) -> str:
    return "  ".join(f"{name} {value}" for name, value in action.details.items() if value not in ("", None))
