"""What people with a role do by hand, each with its row in the same transaction: no row, no deed.

Called by the bot's operator handlers and by `ops`, which have asked whether they may (`core/users/roles`). `actor` is as in
`operator_actions`. Must never move money.
"""

from __future__ import annotations

from core.audit import service as audit
from core.controls import service as controls
from core.db.unit_of_work import UnitOfWork
from core.fees import service as fees
from core.inbox import service as inbox
from core.users import service as users
from core.users.roles import Role
from core.users.types import User

COMMAND_LINE = 0
"""Stands for users.id where somebody at the command line paused or resumed."""


async def pause(uow: UnitOfWork, *, scope: str, reason: str, actor: str, user_id: int = COMMAND_LINE) -> bool:
    """No new order in `scope`; False when it was paused already. Raises Denied('unknown_scope')."""
    changed = await controls.pause(uow, scope=scope, reason=reason, user_id=user_id)
    await audit.record(uow, actor=actor, action="pause", subject=scope, details={"reason": reason[:200], "changed": changed})
    return changed


async def resume(uow: UnitOfWork, *, scope: str, reason: str, actor: str, user_id: int = COMMAND_LINE) -> bool:
    """Ends the pause of exactly `scope`; False when there was none. Raises Denied('unknown_scope')."""
    changed = await controls.resume(uow, scope=scope, user_id=user_id)
    await audit.record(uow, actor=actor, action="resume", subject=scope, details={"reason": reason[:200], "changed": changed})
    return changed


async def release_update(uow: UnitOfWork, row_id: int, *, actor: str) -> bool:
    """Has a parked update tried anew; False when it is not parked."""
    return await _parked(uow, row_id, actor, "update_released") if await inbox.release(uow, row_id) else False


async def drop_update(uow: UnitOfWork, row_id: int, *, actor: str) -> bool:
    """Sets a parked update aside for good; False when it is not parked."""
    return await _parked(uow, row_id, actor, "update_dropped") if await inbox.drop(uow, row_id) else False


async def _parked(uow: UnitOfWork, row_id: int, actor: str, action: str) -> bool:
    await audit.record(uow, actor=actor, action=action, subject=f"update:{row_id}")
    return True


async def give_role(uow: UnitOfWork, user_id: int, role: Role, *, actor: str) -> User | None:
    """None where there is no such account. Raises Denied('last_admin')."""
    before = await users.by_id(uow, user_id)
    after = await users.set_role(uow, user_id, role)
    if before is not None and after is not None:
        details = {"before": before.role, "after": after.role}
        await audit.record(uow, actor=actor, action="role", subject=f"user:{user_id}", details=details)
    return after


async def set_fee(uow: UnitOfWork, bps: int, note: str, *, actor: str) -> None:
    """A new platform fee from now on, 0 to 500 basis points."""
    await fees.set_platform_fee(uow, bps, note)
    await audit.record(uow, actor=actor, action="fee", subject="fees:platform", details={"bps": bps, "note": note})
