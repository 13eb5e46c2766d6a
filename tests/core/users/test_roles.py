"""Who may do what, and that somebody always may give roles."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied
from core.users import service as users
from core.users.roles import RIGHTS, Right, Role, leaves_nobody, may
from tests.core.users.test_users import open_one


def test_each_role_may_all_that_the_one_before_it_may() -> None:
    roles = list(Role)
    for lower, higher in itertools.pairwise(roles):
        assert RIGHTS[lower] < RIGHTS[higher]
    assert RIGHTS[Role.ADMIN] == set(Right)
    assert RIGHTS[Role.USER] == set()


@pytest.mark.parametrize(
    ("right", "least"),
    [
        (Right.LOOK_UP, Role.SUPPORT),
        (Right.SEE_PARTS, Role.SUPPORT),
        (Right.SEE_RULES, Role.SUPPORT),
        (Right.PAUSE, Role.OPERATOR),
        (Right.RELEASE, Role.OPERATOR),
        (Right.BROADCAST, Role.OPERATOR),
        (Right.SET_RULES, Role.ADMIN),
        (Right.SET_ROLE, Role.ADMIN),
        (Right.UNFREEZE, Role.ADMIN),
    ],
)
def test_a_right_begins_with_its_role(right: Right, least: Role) -> None:
    roles = list(Role)
    assert [role for role in roles if may(role, right)] == roles[roles.index(least) :]


def test_what_is_no_role_may_nothing() -> None:
    with pytest.raises(ValueError, match="king"):
        may("king", Right.LOOK_UP)


def test_only_the_last_administrator_cannot_go() -> None:
    assert leaves_nobody(Role.USER, 1, [1])
    assert not leaves_nobody(Role.ADMIN, 1, [1])
    assert not leaves_nobody(Role.USER, 1, [1, 2])
    assert not leaves_nobody(Role.USER, 3, [1])


async def give(pool: Pool, user_id: int, role: Role) -> str:
    try:
        async with unit_of_work(pool) as uow:
            user = await users.set_role(uow, user_id, role)
            return "nobody" if user is None else user.role
    except Denied as denied:
        return denied.code


async def test_roles_are_given_and_the_last_administrator_stays(pool: Pool) -> None:
    first = await open_one(pool, 7, operators=(7,))
    second = await open_one(pool, 8)
    assert (first.role, second.role) == ("admin", "user")
    assert await give(pool, second.id, Role.SUPPORT) == "support"
    assert await give(pool, first.id, Role.OPERATOR) == "last_admin"
    assert await give(pool, second.id, Role.ADMIN) == "admin"
    assert await give(pool, first.id, Role.USER) == "user"
    assert await give(pool, second.id, Role.USER) == "last_admin"
    assert await give(pool, 999, Role.USER) == "nobody"
    async with unit_of_work(pool) as uow:
        assert [one.id for one in await users.staff(uow)] == [second.id]


async def test_two_administrators_who_leave_at_once_do_not_both_go(pool: Pool) -> None:
    ids = [(await open_one(pool, number, operators=(7, 8))).id for number in (7, 8)]
    for _ in range(10):
        outcomes = await asyncio.gather(*(give(pool, one, Role.USER) for one in ids))
        assert sorted(outcomes) == ["last_admin", "user"]
        for one in ids:
            await give(pool, one, Role.ADMIN)


async def test_an_account_is_found_by_its_referral_code(pool: Pool) -> None:
    user = await open_one(pool, 7)
    async with unit_of_work(pool) as uow:
        found = await users.by_referral_code(uow, user.referral_code.lower())
        assert found is not None
        assert found.id == user.id
        assert await users.by_referral_code(uow, "NOBODYS2") is None
