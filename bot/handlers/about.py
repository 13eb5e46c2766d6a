"""/about: which build answers here, so that it can be compared with what the operator published."""

from __future__ import annotations

from bot.context import BotContext, Effect, Request
from core.config.build import this_build
from core.db.unit_of_work import UnitOfWork


async def about(context: BotContext, request: Request) -> Effect:
    """Version, commit, image digest, and the bot's own name."""
    build = this_build(context.settings.build_commit, context.settings.image_digest)

    async def effect(uow: UnitOfWork) -> str:
        data = {"version": build.version, "commit": build.commit, "image": build.image_digest, "bot": context.username}
        await request.show(uow, "about", data)
        return ""

    return effect
