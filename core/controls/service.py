"""The kill switch: pauses by scope. Called by the operator's commands; read by the risk chain before every order.

A pause stops new orders; cancelling and reading go on. Who may pause is the edge's guard.
"""

from __future__ import annotations

from core.controls import repository
from core.controls.rules import is_scope
from core.controls.types import Pause
from core.db.unit_of_work import UnitOfWork
from core.kernel.errors import Denied


async def pause(uow: UnitOfWork, *, scope: str, reason: str, user_id: int) -> bool:
    """Pauses `scope`; False when it was paused already (nothing changes). Raises Denied('unknown_scope')."""
    if not is_scope(scope):
        raise Denied("unknown_scope", scope=scope)
    return await repository.insert(uow, scope, reason[:200], user_id)


async def resume(uow: UnitOfWork, *, scope: str, user_id: int) -> bool:
    """Ends the pause of exactly `scope`; False when there was none. Raises Denied('unknown_scope')."""
    if not is_scope(scope):
        raise Denied("unknown_scope", scope=scope)
    return await repository.close(uow, scope, user_id)


async def open_pauses(uow: UnitOfWork) -> list[Pause]:
    """All pauses in force, the oldest first."""
    return await repository.open_ones(uow)
