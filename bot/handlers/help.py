"""/help: what can be typed."""

from __future__ import annotations

from bot.context import BotContext, Effect, Request
from bot.guards import commands_of
from core.db.unit_of_work import UnitOfWork


async def help_screen(_context: BotContext, request: Request) -> Effect:
    """What can be typed."""

    async def effect(uow: UnitOfWork) -> str:
        await request.show(uow, "help", {"operator": request.user.is_operator, "staff": commands_of(request.user)})
        return ""

    return effect
