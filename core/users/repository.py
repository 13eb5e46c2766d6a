"""All SQL of accounts. Called by the service only."""

from __future__ import annotations

from typing import Any

from core.db.pool import Connection

_COLUMNS = "id, telegram_user_id, private_chat_id, role, standing, language, mode, confirm_orders, referral_code, referred_by, tier"
_BY_TELEGRAM_ID = f"select {_COLUMNS} from users where telegram_user_id = $1"  # noqa: S608 - constants only
_BY_ID = f"select {_COLUMNS} from users where id = $1"  # noqa: S608
_INSERT = f"""
    insert into users (telegram_user_id, private_chat_id, role, language, mode, referral_code, referred_by, start_payload)
    values ($1, $2, $3, $4, $5, $6, (select u.id from users u where u.referral_code = $7 and u.telegram_user_id <> $1), $8)
    on conflict do nothing returning {_COLUMNS}
"""  # noqa: S608
_BY_REFERRAL_CODE = f"select {_COLUMNS} from users where referral_code = $1"  # noqa: S608
_STAFF = f"select {_COLUMNS} from users where role <> 'user' order by id"  # noqa: S608
_SETTABLE = {
    "role": f"update users set role = $2 where id = $1 returning {_COLUMNS}",  # noqa: S608
    "standing": f"update users set standing = $2 where id = $1 returning {_COLUMNS}",  # noqa: S608
    "tier": f"update users set tier = $2 where id = $1 returning {_COLUMNS}",  # noqa: S608
    "language": f"update users set language = $2 where id = $1 returning {_COLUMNS}",  # noqa: S608
    "mode": f"update users set mode = $2 where id = $1 returning {_COLUMNS}",  # noqa: S608
    "confirm_orders": f"update users set confirm_orders = $2 where id = $1 returning {_COLUMNS}",  # noqa: S608
}


async def by_telegram_id(connection: Connection, telegram_user_id: int) -> dict[str, Any] | None:
    """The row, or None."""
    row = await connection.fetchrow(_BY_TELEGRAM_ID, telegram_user_id)
    return None if row is None else dict(row)


async def by_id(connection: Connection, user_id: int) -> dict[str, Any] | None:
    """The row, or None."""
    row = await connection.fetchrow(_BY_ID, user_id)
    return None if row is None else dict(row)


async def by_referral_code(connection: Connection, code: str) -> dict[str, Any] | None:
    """The row, or None."""
    row = await connection.fetchrow(_BY_REFERRAL_CODE, code)
    return None if row is None else dict(row)


async def staff(connection: Connection) -> list[dict[str, Any]]:
    """Rows of everybody whose role is more than a user's."""
    return [dict(row) for row in await connection.fetch(_STAFF)]


async def lock_administrators(connection: Connection, user_id: int) -> list[int]:
    """Locks the rows of all administrators and of this account, in the order of their ids; the ids of the administrators."""
    query = "select id, role from users where role = 'admin' or id = $1 order by id for no key update"
    return [row["id"] for row in await connection.fetch(query, user_id) if row["role"] == "admin"]


async def insert(
    connection: Connection,
    *,
    telegram_user_id: int,
    private_chat_id: int,
    role: str,
    language: str,
    mode: str,
    referral_code: str,
    referrer_code: str,
    start_payload: dict[str, str],
) -> dict[str, Any] | None:
    """The new row, or None where the user is there already or the code is taken."""
    row = await connection.fetchrow(
        _INSERT, telegram_user_id, private_chat_id, role, language, mode, referral_code, referrer_code, start_payload
    )
    return None if row is None else dict(row)


async def set_value(connection: Connection, user_id: int, column: str, value: str) -> dict[str, Any] | None:
    """Changes one of the settable columns; the row, or None."""
    row = await connection.fetchrow(_SETTABLE[column], user_id, value)
    return None if row is None else dict(row)


async def lock(connection: Connection, user_id: int) -> None:
    """Row lock; nothing where there is no such account."""
    await connection.execute("select 1 from users where id = $1 for no key update", user_id)
