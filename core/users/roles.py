"""Who may do what: four roles and the one table of their rights. Pure; asked by `bot/guards.py`, the operator handlers and `ops`.

Each role may all that the one before it may. Nobody here may move money, read keys or see what users write: there is no such right.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping


class Role(enum.StrEnum):
    """From the least to the most."""

    USER = "user"
    SUPPORT = "support"
    OPERATOR = "operator"
    ADMIN = "admin"


class Right(enum.StrEnum):
    """One thing that not everybody may do."""

    SEE_PARTS = "see_parts"
    """The processes in /status, and who paused what and why."""
    LOOK_UP = "look_up"
    """An account's standing, balances and orders; each look is a row."""
    SEE_RULES = "see_rules"
    """Fees and limits, with their history."""
    PAUSE = "pause"
    RELEASE = "release"
    """Parked updates: see them, have them tried anew, set them aside."""
    BROADCAST = "broadcast"
    SET_RULES = "set_rules"
    """Fees and limits."""
    SET_ROLE = "set_role"
    UNFREEZE = "unfreeze"


_SUPPORT = frozenset({Right.SEE_PARTS, Right.LOOK_UP, Right.SEE_RULES})
_OPERATOR = _SUPPORT | {Right.PAUSE, Right.RELEASE, Right.BROADCAST}
RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.USER: frozenset(),
    Role.SUPPORT: _SUPPORT,
    Role.OPERATOR: _OPERATOR,
    Role.ADMIN: _OPERATOR | {Right.SET_RULES, Right.SET_ROLE, Right.UNFREEZE},
}
STARTS_AS = Role.ADMIN
"""Whoever is in OPERATOR_IDS when the account opens."""


def may(role: str, right: Right) -> bool:
    """Whether a role has a right. ValueError for what is no role."""
    return right in RIGHTS[Role(role)]


def leaves_nobody(change: Role, user_id: int, administrators: Collection[int]) -> bool:
    """Whether giving `user_id` the role would leave the desk without an administrator."""
    return change is not Role.ADMIN and set(administrators) == {user_id}
