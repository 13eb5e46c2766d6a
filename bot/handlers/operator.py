"""/user, /parked, /fees, /limits: for people with a role. Every look at an account and every deed is a row (`core/support`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.context import VENUE, BotContext, Effect, Request, saying
from bot.grammar.operator import LookUp
from bot.guards import require
from core.audit import service as audit
from core.db.unit_of_work import UnitOfWork
from core.fees import service as fees
from core.inbox import service as inbox
from core.outbox.types import ButtonAction
from core.risk import service as risk
from core.risk.checks import text
from core.risk.limits import STANDARD_TIER
from core.support import operations
from core.support.lookup import find, look_up
from core.support.rules import parse_who
from core.users.roles import Right

MOST_PARKED = 5
MOST_HISTORY = 5
PARKED_TTL = timedelta(hours=1)
NOBODY = 0


async def user(_context: BotContext, request: Request, words: LookUp) -> Effect:
    """What may be seen of an account."""
    require(request.user, Right.LOOK_UP)
    who = parse_who(words.who)
    if who is None:
        return saying(request, "usage-user")

    async def effect(uow: UnitOfWork) -> str:
        found = await find(uow, who)
        if found is None:
            await request.say(uow, "user-unknown", who=words.who)
        else:
            await request.show(uow, "user", await look_up(uow, found, actor=audit.operator(request.user.id)))
        return ""

    return effect


async def parked(_context: BotContext, request: Request) -> Effect:
    """Updates that failed for good, with buttons to try them anew or to set them aside."""
    require(request.user, Right.RELEASE)

    async def effect(uow: UnitOfWork) -> str:
        await _show_parked(uow, request)
        return ""

    return effect


async def release_update(_context: BotContext, request: Request, argument: Mapping[str, Any]) -> Effect:
    """A button of /parked: tries it anew. An order in it is refused as too late."""
    require(request.user, Right.RELEASE)

    async def effect(uow: UnitOfWork) -> str:
        await operations.release_update(uow, argument["id"], actor=audit.operator(request.user.id))
        await _show_parked(uow, request)
        return ""

    return effect


async def drop_update(_context: BotContext, request: Request, argument: Mapping[str, Any]) -> Effect:
    """A button of /parked: sets it aside for good."""
    require(request.user, Right.RELEASE)

    async def effect(uow: UnitOfWork) -> str:
        await operations.drop_update(uow, argument["id"], actor=audit.operator(request.user.id))
        await _show_parked(uow, request)
        return ""

    return effect


async def _show_parked(uow: UnitOfWork, request: Request) -> None:
    found = await inbox.parked(uow, MOST_PARKED)
    actions = []
    for one in found:
        actions += [ButtonAction("release_update", {"id": one.id}), ButtonAction("drop_update", {"id": one.id})]
    handles = await request.buttons(uow, actions, PARKED_TTL)
    rows = [
        {
            "id": one.id,
            "kind": one.kind,
            "sender": one.sender_id,
            "at": one.received_at.isoformat(),
            "attempts": one.attempts,
            "error": one.error[:200],
            "release": handles[place * 2],
            "drop": handles[place * 2 + 1],
        }
        for place, one in enumerate(found)
    ]
    await request.show(uow, "parked", {"parked": rows})


async def fee_history(_context: BotContext, request: Request) -> Effect:
    """The platform's fee in force, and those before."""
    require(request.user, Right.SEE_RULES)

    async def effect(uow: UnitOfWork) -> str:
        history = await fees.history(uow)
        rows = [{"bps": one.platform_fee_bps, "since": one.begins_at.isoformat(), "note": one.note} for one in history[: MOST_HISTORY + 1]]
        await request.show(uow, "fees", {"fees": rows})
        return ""

    return effect


async def limits_in_force(_context: BotContext, request: Request) -> Effect:
    """What holds for an ordinary account, and what was set lately."""
    require(request.user, Right.SEE_RULES)

    async def effect(uow: UnitOfWork) -> str:
        found = await risk.limits(uow, venue=VENUE, tier=STANDARD_TIER, user_id=NOBODY)
        history = await risk.history(uow, limit=MOST_HISTORY)
        data = {
            "limits": [{"name": name, "value": text(one.value), "scope": one.scope} for name, one in sorted(found.items())],
            "history": [
                {
                    "name": one.name,
                    "scope": one.scope,
                    "value": None if one.value is None else text(one.value),
                    "at": one.begins_at.isoformat(),
                    "by": one.set_by,
                    "note": one.note,
                }
                for one in history
            ],
        }
        await request.show(uow, "limits", data)
        return ""

    return effect
