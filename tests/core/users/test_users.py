"""Accounts: opened once, the referrer bound first and once and never oneself, payloads read, toggles."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.users import service as users
from core.users.rules import choose_language, new_referral_code, parse_start_payload
from core.users.types import StartPayload, User


async def open_one(pool: Pool, telegram_id: int, payload: str = "", operators: tuple[int, ...] = ()) -> User:
    async with unit_of_work(pool) as uow:
        return await users.open_account(
            uow,
            telegram_user_id=telegram_id,
            private_chat_id=telegram_id,
            language="en",
            mode="paper",
            start_payload=payload,
            operator_ids=operators,
        )


async def test_an_account_is_opened_once(pool: Pool) -> None:
    first, again = await open_one(pool, 7), await open_one(pool, 7)
    assert first.opened
    assert not again.opened
    assert first.id == again.id
    assert again.role == "user"
    assert again.confirm_orders


async def test_many_at_once_open_one_account(pool: Pool) -> None:
    opened = await asyncio.gather(*(open_one(pool, 7) for _ in range(12)))
    assert len({user.id for user in opened}) == 1
    assert sum(user.opened for user in opened) == 1


async def test_operators_start_as_operators(pool: Pool) -> None:
    assert (await open_one(pool, 7, operators=(7,))).is_operator
    assert not (await open_one(pool, 8, operators=(7,))).is_operator


async def test_the_referrer_is_bound_when_the_account_opens_and_never_later(pool: Pool) -> None:
    ann = await open_one(pool, 7)
    bob = await open_one(pool, 8, f"ref_{ann.referral_code.lower()}")
    assert bob.referred_by == ann.id
    cid = await open_one(pool, 9)
    assert (await open_one(pool, 9, f"ref_{ann.referral_code}")).referred_by is None
    assert (await open_one(pool, 7, f"ref_{ann.referral_code}")).referred_by is None
    assert (await open_one(pool, 8, f"ref_{cid.referral_code}")).referred_by == ann.id
    assert (await open_one(pool, 10, f"TOKEN-{ann.referral_code}")).referred_by == ann.id
    assert (await open_one(pool, 11, "ref_UNKNOWN1")).referred_by is None


async def test_a_frozen_account_may_not_trade_and_can_be_thawed(pool: Pool) -> None:
    user = await open_one(pool, 7)
    async with unit_of_work(pool) as uow:
        frozen = await users.set_standing(uow, user.id, "frozen")
        assert frozen is not None
        assert not frozen.may_trade
        thawed = await users.set_standing(uow, user.id, "active")
        assert thawed is not None
        assert thawed.may_trade
        assert await users.set_standing(uow, 999, "frozen") is None
        toggled = await users.set_confirm_orders(uow, user.id, confirm=False)
        assert toggled is not None
        assert not toggled.confirm_orders
        assert await users.by_id(uow, user.id) == toggled
        assert await users.by_telegram_id(uow, 999) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", StartPayload()),
        ("ref_ABCD2345", StartPayload("ABCD2345")),
        ("ref_abcd2345", StartPayload("ABCD2345")),
        ("So1ana", StartPayload("", "So1ana")),
        ("So1ana-CODE1234", StartPayload("CODE1234", "So1ana")),
        ("a-b-CODE1234", StartPayload("CODE1234", "a-b")),
        ("-CODE1234", StartPayload("", "-CODE1234")),
        ("x y", StartPayload()),
        ("<b>", StartPayload()),
        ("x" * 65, StartPayload()),
    ],
)
def test_what_start_may_carry(text: str, expected: StartPayload) -> None:
    assert parse_start_payload(text) == expected


@given(st.text())
def test_any_payload_is_read_without_an_exception(text: str) -> None:
    parse_start_payload(text)


def test_referral_codes_are_read_back_from_their_links() -> None:
    codes = {new_referral_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(parse_start_payload(f"ref_{code}").referral_code == code for code in codes)


def test_a_language_falls_back() -> None:
    assert choose_language("pt-BR", ("en", "pt")) == "pt"
    assert choose_language("xx", ("en",)) == "en"
    assert choose_language("", ("en",)) == "en"
