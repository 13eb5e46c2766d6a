"""What a user sets stays, and what is out of range changes nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied
from core.users import service as users
from core.users import settings
from core.users.settings import UserSettings
from tests.support.desk import make_desk


@pytest.fixture
async def user(pool: Pool) -> int:
    return await (await make_desk(pool)).user()


async def test_settings_begin_with_defaults_and_keep_each_change(pool: Pool, user: int) -> None:
    async with unit_of_work(pool) as uow:
        assert await settings.read(uow, user) == UserSettings()
        await settings.set_slippage(uow, user, 250)
        await settings.set_buy_presets(uow, user, [Decimal("12.5"), Decimal(80)])
        await settings.set_sell_presets(uow, user, [10, 100])
        await settings.set_phrase(uow, user, "  seven   green kites ")
        assert await settings.read(uow, user) == UserSettings(250, (Decimal("12.5"), Decimal(80)), (10, 100), "seven green kites")
        await settings.set_phrase(uow, user, "")
        assert (await settings.read(uow, user)).phrase == ""


async def test_the_phrase_is_found_by_its_owners_private_chat_only(pool: Pool, user: int) -> None:
    async with unit_of_work(pool) as uow:
        await settings.set_phrase(uow, user, "green kites")
        account = await users.by_id(uow, user)
        assert account is not None
        assert await settings.phrase_of_chat(uow, account.telegram_user_id) == "green kites"
        assert await settings.phrase_of_chat(uow, -100) == ""


@pytest.mark.parametrize("bps", [0, -1, 5_001])
async def test_slippage_out_of_range(pool: Pool, user: int, bps: int) -> None:
    async with unit_of_work(pool) as uow:
        with pytest.raises(Denied, match="slippage_range"):
            await settings.set_slippage(uow, user, bps)


@pytest.mark.parametrize("presets", [[], [0], [-1], [1] * 7, [10**10]])
async def test_presets_out_of_range(pool: Pool, user: int, presets: list[int]) -> None:
    async with unit_of_work(pool) as uow:
        with pytest.raises(Denied, match="presets_range"):
            await settings.set_buy_presets(uow, user, [Decimal(one) for one in presets])
        with pytest.raises(Denied, match="presets_range"):
            await settings.set_sell_presets(uow, user, presets)


@pytest.mark.parametrize(
    ("phrase", "code"), [("abc", "phrase_length"), ("x" * 41, "phrase_length"), ("green\u202ekites", "phrase_characters")]
)
async def test_phrases_that_cannot_be_read(pool: Pool, user: int, phrase: str, code: str) -> None:
    async with unit_of_work(pool) as uow:
        with pytest.raises(Denied, match=code):
            await settings.set_phrase(uow, user, phrase)


async def test_language_and_mode(pool: Pool, user: int) -> None:
    async with unit_of_work(pool) as uow:
        await settings.set_language(uow, user, "es", ("en", "es"))
        await settings.set_mode(uow, user, "live")
        account = await users.by_id(uow, user)
        assert account is not None
        assert (account.language, account.mode) == ("es", "live")
        with pytest.raises(Denied, match="unknown_language"):
            await settings.set_language(uow, user, "xx", ("en", "es"))
        with pytest.raises(ValueError, match="paper or live"):
            await settings.set_mode(uow, user, "dream")
