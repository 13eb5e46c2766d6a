"""Trouble and time by HTTP: faults, raw updates, other flood limits, a clock pushed forward. Part of the control interface."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from sandbox.telegram.errors import ControlError
from sandbox.telegram.server import Server
from sandbox.telegram.store import Json


class NewFault(BaseModel):
    """See `faults` for the kinds and their options."""

    kind: str
    count: int = 1
    options: dict[str, Any] = Field(default_factory=dict)


class RawUpdate(BaseModel):
    """An update put into the queue as it is."""

    update: dict[str, Any]
    bot: int | None = None
    user: int = 0


class Advance(BaseModel):
    """Seconds to push the sandbox's clock forward."""

    advance_s: float = Field(ge=0)


def trouble_router(server: Server) -> APIRouter:
    """The routes over one server."""
    router = APIRouter(prefix="/control", tags=["telegram sandbox"])
    _faults(router, server)
    _conditions(router, server)
    return router


def _faults(router: APIRouter, server: Server) -> None:
    state = server.state

    @router.get("/faults")
    async def armed() -> list[Json]:
        return state.faults.armed()

    @router.post("/faults")
    async def arm(body: NewFault) -> Json:
        with state.store.transaction():
            return {"id": state.faults.arm(body.kind, body.count, body.options)}

    @router.delete("/faults")
    async def clear() -> Json:
        with state.store.transaction():
            released = sum(state.updates.release(bot.id) for bot in state.accounts.bots())
            return {"cleared": state.faults.clear(), "released": released}

    @router.post("/updates")
    async def inject(body: RawUpdate) -> Json:
        if not set(body.update) - {"update_id"}:
            raise ControlError(400, "an update has content beside its id")
        with state.store.transaction():
            return {"update_id": state.updates.inject(state.chosen_bot(body.bot).id, body.update, body.user)}


def _conditions(router: APIRouter, server: Server) -> None:
    state = server.state

    @router.get("/limits")
    async def limits() -> Json:
        return asdict(state.flood.limits)

    @router.put("/limits")
    async def change_limits(body: dict[str, Any]) -> Json:
        unknown = set(body) - set(asdict(state.flood.limits))
        if unknown:
            raise ControlError(400, f"unknown limit {sorted(unknown)[0]}")
        state.flood.change(replace(state.flood.limits, **body))
        return asdict(state.flood.limits)

    @router.post("/clock")
    async def advance(body: Advance) -> Json:
        state.clock_offset += body.advance_s
        for bot in state.accounts.bots():
            state.signals.wake(f"updates:{bot.id}")
        return {"now": state.now()}
