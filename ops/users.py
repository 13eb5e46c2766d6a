"""`ops users`: an account and what it owes, and the way out of a freeze. Every change leaves its reason in `decisions`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.decisions import service as decisions
from core.kernel.errors import Denied
from core.kernel.money import Amount
from core.ledger.rules import coins
from core.trading import funds
from core.users import service as users
from core.users.types import User
from ops.desk import open_pool
from ops.output import Answer


async def show(telegram_id: int) -> Answer:
    """Standing, debts, and why the standing was changed by hand."""
    async with open_pool() as pool, unit_of_work(pool) as uow:
        user = await users.by_telegram_id(uow, telegram_id)
        if user is None:
            return _unknown(telegram_id)
        return await _answer(uow, user)


async def unfreeze(telegram_id: int, note: str, *, repay: bool) -> Answer:
    """Lets a frozen account trade again. What it owes must be paid first: `repay` takes it from what is available, all or nothing."""
    if not note.strip():
        return Answer([], [], 1, "say why: --note '…'")
    async with open_pool() as pool:
        try:
            async with unit_of_work(pool) as uow:
                user = await users.by_telegram_id(uow, telegram_id)
                if user is None:
                    return _unknown(telegram_id)
                return await _unfreeze(uow, user, note.strip(), repay=repay)
        except Denied as refusal:
            needed, available = refusal.params.get("needed"), refusal.params.get("available")
            return Answer([], [], 1, f"nothing was changed: {needed} is owed and {available} is available")


async def tier(telegram_id: int, name: str) -> Answer:
    """Puts an account under the limits of a tier, from its next order on."""
    async with open_pool() as pool, unit_of_work(pool) as uow:
        user = await users.by_telegram_id(uow, telegram_id)
        if user is None:
            return _unknown(telegram_id)
        try:
            changed = await users.set_tier(uow, user.id, name)
        except ValueError as refusal:
            return Answer([], [], 1, f"nothing was changed: {refusal}")
        inputs = {"note": f"{user.tier} to {name}"}
        await decisions.record(uow, "user", str(user.id), [{"check": "tier", "verdict": "passed", "reason": "", "inputs": inputs}])
        return await _answer(uow, changed or user)


async def _unfreeze(uow: UnitOfWork, user: User, note: str, *, repay: bool) -> Answer:
    await users.lock(uow, user.id)
    owed = await funds.receivables(uow, user.id)
    if owed and not repay:
        return Answer([], [], 1, f"the account owes {_amounts(owed)}: add --repay to take it from what is available")
    for amount in owed:
        await funds.repay_receivable(uow, user.id, amount.asset)
    thawed = await users.set_standing(uow, user.id, "active")
    inputs = {"note": note, "before": user.standing, "repaid": _amounts(owed)}
    await decisions.record(uow, "user", str(user.id), [{"check": "unfreeze", "verdict": "passed", "reason": "", "inputs": inputs}])
    return await _answer(uow, thawed or user)


async def _answer(uow: UnitOfWork, user: User) -> Answer:
    owed = await funds.receivables(uow, user.id)
    changes = await decisions.reasons(uow, "user", str(user.id))
    lines = [
        f"user {user.id}  telegram {user.telegram_user_id}  {user.role}  {user.standing}  {user.tier}",
        f"owes {_amounts(owed) or 'nothing'}",
    ]
    lines += [f"{one.decided_at:%Y-%m-%d %H:%M:%S}  {one.check}  {_text(one.inputs)}" for one in changes]
    data: dict[str, Any] = {
        "id": user.id,
        "telegram_user_id": user.telegram_user_id,
        "role": user.role,
        "standing": user.standing,
        "tier": user.tier,
        "owes": {amount.asset.code: coins(amount) for amount in owed},
        "changes": [{"at": one.decided_at.isoformat(), "what": one.check, **one.inputs} for one in changes],
    }
    return Answer(lines, [data])


def _unknown(telegram_id: int) -> Answer:
    return Answer([], [], 1, f"nobody with the Telegram id {telegram_id} has an account")


def _amounts(amounts: Sequence[Amount]) -> str:
    return ", ".join(f"{coins(amount)} {amount.asset.code}" for amount in amounts)


def _text(inputs: Mapping[str, Any]) -> str:
    repaid = f"  (repaid {inputs['repaid']})" if inputs.get("repaid") else ""
    return f"{inputs.get('note', '')}{repaid}"
