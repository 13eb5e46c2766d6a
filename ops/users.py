"""`ops users`: an account and what it owes, and the way out of a freeze. Every change leaves its reason in `decisions`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from core.audit import service as audit
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.decisions import service as decisions
from core.kernel.errors import Denied
from core.kernel.money import Amount
from core.ledger.rules import coins
from core.support import operations
from core.support.lookup import find, look_up
from core.support.rules import parse_who
from core.trading import funds
from core.users import service as users
from core.users.roles import Role
from core.users.types import User
from ops.desk import actor, open_pool
from ops.output import Answer


def register(areas: Any, common: argparse.ArgumentParser) -> None:
    """The commands and their options."""
    area = areas.add_parser("users", help="accounts").add_subparsers(dest="command", required=True)
    command = area.add_parser("show", parents=[common], help="what may be seen of an account; the look is kept")
    command.add_argument("who", help="our id, a Telegram id, a referral code or an order's code; id:7 and tg:7 where it is not clear")
    command.set_defaults(run=lambda given: show(given.who))
    command = area.add_parser("role", parents=[common], help="what an account may do")
    command.add_argument("who")
    command.add_argument("role", choices=[role.value for role in Role])
    command.set_defaults(run=lambda given: role(given.who, Role(given.role)))
    command = area.add_parser("staff", parents=[common], help="everybody who is more than a user")
    command.set_defaults(run=lambda _: staff())
    command = area.add_parser("tier", parents=[common], help="puts an account under the limits of a tier")
    command.add_argument("telegram_id", type=int)
    command.add_argument("name", help="such as standard or gold; limits are set for it by: ops limits set tier:gold …")
    command.set_defaults(run=lambda given: tier(given.telegram_id, given.name))
    command = area.add_parser("freeze", parents=[common], help="stops an account's new orders until it is unfrozen")
    command.add_argument("telegram_id", type=int)
    command.add_argument("--note", required=True, help="why; kept with the account")
    command.set_defaults(run=lambda given: freeze(given.telegram_id, given.note))
    command = area.add_parser("unfreeze", parents=[common], help="lets a frozen account trade again, once it owes nothing")
    command.add_argument("telegram_id", type=int)
    command.add_argument("--note", required=True, help="why; kept with the account")
    command.add_argument("--repay", action="store_true", help="take what is owed from what is available, all or nothing")
    command.set_defaults(run=lambda given: unfreeze(given.telegram_id, given.note, repay=given.repay))


async def show(who: str) -> Answer:
    """Standing, balances, orders, limits, reasons, and what was changed by hand."""
    try:
        async with open_pool() as pool, unit_of_work(pool) as uow:
            user = await _find(uow, who)
            return _nobody(who) if user is None else _seen(await look_up(uow, user, actor=actor()))
    except Denied:
        return Answer([], [], 1, f"{who} may mean two accounts: write id:{who} or tg:{who}")


async def role(who: str, given: Role) -> Answer:
    """Gives a role. The last administrator stays one."""
    try:
        async with open_pool() as pool, unit_of_work(pool) as uow:
            user = await _find(uow, who)
            after = None if user is None else await operations.give_role(uow, user.id, given, actor=actor())
    except Denied as refusal:
        reason = {"last_admin": "nobody would be left to give roles", "ambiguous_user": f"write id:{who} or tg:{who}"}[refusal.code]
        return Answer([], [], 1, f"nothing was changed: {reason}")
    return _nobody(who) if after is None else Answer([_staff_line(after)], [_staff_data(after)])


async def staff() -> Answer:
    """Everybody with a role, by id."""
    async with open_pool() as pool, unit_of_work(pool) as uow:
        found = await users.staff(uow)
    return Answer([_staff_line(one) for one in found] or ["nobody has a role"], [_staff_data(one) for one in found])


async def freeze(telegram_id: int, note: str) -> Answer:
    """Stops an account's new orders; what is open goes on and may be canceled."""
    if not note.strip():
        return Answer([], [], 1, "say why: --note '…'")
    async with open_pool() as pool, unit_of_work(pool) as uow:
        user = await users.by_telegram_id(uow, telegram_id)
        if user is None:
            return _unknown(telegram_id)
        await users.lock(uow, user.id)
        frozen = await users.set_standing(uow, user.id, "frozen")
        await _note_change(uow, user, "freeze", {"note": note.strip(), "before": user.standing})
        return await _answer(uow, frozen or user)


async def _find(uow: UnitOfWork, who: str) -> User | None:
    known = parse_who(who)
    return None if known is None else await find(uow, known)


def _staff_line(user: User) -> str:
    return f"user {user.id}  telegram {user.telegram_user_id}  {user.role}"


def _staff_data(user: User) -> dict[str, Any]:
    return {"id": user.id, "telegram_user_id": user.telegram_user_id, "role": user.role}


def _seen(found: Mapping[str, Any]) -> Answer:
    """All that may be seen, as lines and as data."""
    owes = ", ".join(f"{amount} {asset}" for asset, amount in found["owes"].items())
    paused = "  paused" if found["paused"] else ""
    head = f"user {found['id']}  telegram {found['telegram_user_id']}  {found['role']}  {found['standing']}{paused}  {found['tier']}"
    lines = [f"{head}  {found['mode']}  {found['language']}  {found['referral_code']}", f"owes {owes or 'nothing'}"]
    lines += [f"has {one['available']} {one['asset']}, {one['held']} held" for one in found["balances"]]
    lines += [f"open {_order_text(one)}" for one in found["open_orders"]]
    lines += [f"last {_order_text(one)}" for one in found["last_orders"]]
    lines += [f"{one['at'][:19]}  {one['code']}  {one['check']}  {one['verdict']}  {one['reason']}" for one in found["reasons"]]
    lines += [f"limit {one['name']} {one['value']} ({one['scope']})" for one in found["limits"]]
    lines += [f"{one['at'][:19]}  {one['what']}  {_text(one)}" for one in found["changes"]]
    return Answer(lines, [found])


def _order_text(one: Mapping[str, str]) -> str:
    return f"{one['code']}  {one['at'][:19]}  {one['side']} {one['symbol']}  {one['state']}  {one['reason']}".rstrip()


async def _note_change(uow: UnitOfWork, user: User, what: str, inputs: Mapping[str, Any]) -> None:
    """The reason with the account, and the deed with who did it."""
    await decisions.record(uow, "user", str(user.id), [{"check": what, "verdict": "passed", "reason": "", "inputs": inputs}])
    await audit.record(uow, actor=actor(), action=what, subject=f"user:{user.id}", details=inputs)


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
        await _note_change(uow, user, "tier", {"note": f"{user.tier} to {name}"})
        return await _answer(uow, changed or user)


async def _unfreeze(uow: UnitOfWork, user: User, note: str, *, repay: bool) -> Answer:
    await users.lock(uow, user.id)
    owed = await funds.receivables(uow, user.id)
    if owed and not repay:
        return Answer([], [], 1, f"the account owes {_amounts(owed)}: add --repay to take it from what is available")
    for amount in owed:
        await funds.repay_receivable(uow, user.id, amount.asset)
    thawed = await users.set_standing(uow, user.id, "active")
    await _note_change(uow, user, "unfreeze", {"note": note, "before": user.standing, "repaid": _amounts(owed)})
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


def _nobody(who: str) -> Answer:
    return Answer([], [], 1, f"nobody is {who}: write our id, a Telegram id, a referral code or an order's code; names are not kept")


def _unknown(telegram_id: int) -> Answer:
    return Answer([], [], 1, f"nobody with the Telegram id {telegram_id} has an account")


def _amounts(amounts: Sequence[Amount]) -> str:
    return ", ".join(f"{coins(amount)} {amount.asset.code}" for amount in amounts)


def _text(inputs: Mapping[str, Any]) -> str:
    repaid = f"  (repaid {inputs['repaid']})" if inputs.get("repaid") else ""
    return f"{inputs.get('note', '')}{repaid}"
