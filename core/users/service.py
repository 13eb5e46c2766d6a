"""Accounts: opening one, finding one, its standing and its toggles.

Called by the edges' handlers inside their unit of work. Opening grants nothing: `core/trading/onboarding` does. The referrer is
bound here, in the insert itself, hence first and once, and never to oneself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

from core.db.unit_of_work import UnitOfWork
from core.kernel.errors import Denied, Unavailable
from core.users import repository
from core.users.roles import STARTS_AS, Role, leaves_nobody
from core.users.rules import is_tier, new_referral_code, parse_start_payload
from core.users.types import User

_CODE_ATTEMPTS = 5


def _user(row: Mapping[str, Any], *, opened: bool = False) -> User:
    return User(**{**row, "confirm_orders": row["confirm_orders"] == "on"}, opened=opened)


async def open_account(
    uow: UnitOfWork,
    *,
    telegram_user_id: int,
    private_chat_id: int,
    language: str,
    mode: Literal["paper", "live"],
    start_payload: str,
    operator_ids: Collection[int],
) -> User:
    """The user's account, opened where there is none (then `opened` is True). An existing one is returned as it is.

    `start_payload` is what `/start` carried, raw; an unknown or own referral code binds nobody. Raises Unavailable if no free
    referral code was found.
    """
    payload = parse_start_payload(start_payload)
    for _ in range(_CODE_ATTEMPTS):
        known = await repository.by_telegram_id(uow.connection, telegram_user_id)
        if known is not None:
            return _user(known)
        row = await repository.insert(
            uow.connection,
            telegram_user_id=telegram_user_id,
            private_chat_id=private_chat_id,
            role=STARTS_AS if telegram_user_id in operator_ids else Role.USER,
            language=language,
            mode=mode,
            referral_code=new_referral_code(),
            referrer_code=payload.referral_code,
            start_payload={"raw": start_payload[:64], "token": payload.token, "referral_code": payload.referral_code},
        )
        if row is not None:
            return _user(row, opened=True)
    raise Unavailable("no free referral code")


async def by_telegram_id(uow: UnitOfWork, telegram_user_id: int) -> User | None:
    """The account of a Telegram user, or None."""
    row = await repository.by_telegram_id(uow.connection, telegram_user_id)
    return None if row is None else _user(row)


async def by_id(uow: UnitOfWork, user_id: int) -> User | None:
    """The account, or None."""
    row = await repository.by_id(uow.connection, user_id)
    return None if row is None else _user(row)


async def lock(uow: UnitOfWork, user_id: int) -> None:
    """Locks the account's row until the unit of work ends. Taken before the ledger's accounts by whoever may change the standing."""
    await repository.lock(uow.connection, user_id)


async def set_standing(uow: UnitOfWork, user_id: int, standing: Literal["active", "frozen"]) -> User | None:
    """Freezes or thaws an account; None where there is none."""
    row = await repository.set_value(uow.connection, user_id, "standing", standing)
    return None if row is None else _user(row)


async def set_tier(uow: UnitOfWork, user_id: int, tier: str) -> User | None:
    """Puts an account under the limits of a tier; None where there is none. ValueError for a name that is no tier's."""
    if not is_tier(tier):
        raise ValueError(f"a tier's name is up to 32 of a-z 0-9 _ -, not {tier!r}")
    row = await repository.set_value(uow.connection, user_id, "tier", tier)
    return None if row is None else _user(row)


async def set_confirm_orders(uow: UnitOfWork, user_id: int, *, confirm: bool) -> User | None:
    """Whether orders ask before they go; None where there is no such account."""
    row = await repository.set_value(uow.connection, user_id, "confirm_orders", "on" if confirm else "off")
    return None if row is None else _user(row)


async def by_referral_code(uow: UnitOfWork, code: str) -> User | None:
    """The account with that code, or None."""
    row = await repository.by_referral_code(uow.connection, code.upper())
    return None if row is None else _user(row)


async def set_role(uow: UnitOfWork, user_id: int, role: Role) -> User | None:
    """Gives an account a role; None where there is none. Raises Denied('last_admin') where nobody would be left to give roles.

    Locks the rows of all administrators, so that two who leave at once do not both go.
    """
    administrators = await repository.lock_administrators(uow.connection, user_id)
    if leaves_nobody(role, user_id, administrators):
        raise Denied("last_admin")
    row = await repository.set_value(uow.connection, user_id, "role", role)
    return None if row is None else _user(row)


async def staff(uow: UnitOfWork) -> list[User]:
    """Everybody who is more than a user, by id."""
    return [_user(row) for row in await repository.staff(uow.connection)]
