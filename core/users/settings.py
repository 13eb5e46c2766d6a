"""What a user set for trading and safety: slippage, presets, the anti-phishing phrase; language, mode and the confirm toggle.

Called by the bot's handlers inside their unit of work. Must never decide anything about money: these are defaults of what is asked.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as insert_into

from core.db.unit_of_work import UnitOfWork
from core.kernel.errors import Denied
from core.users import repository
from core.users.models import settings, users

MOST_PRESETS = 6
LONGEST_PHRASE = 40
SHORTEST_PHRASE = 4
MAX_SLIPPAGE_BPS = 5_000
MAX_PRESET = Decimal(10) ** 9


@dataclass(frozen=True, slots=True)
class UserSettings:
    """`buy_presets` in quote coins, `sell_presets` in per cent; `phrase` is empty where none was chosen."""

    slippage_bps: int = 100
    buy_presets: tuple[Decimal, ...] = (Decimal(50), Decimal(100), Decimal(250), Decimal(1000))
    sell_presets: tuple[int, ...] = (25, 50, 75, 100)
    phrase: str = ""


async def read(uow: UnitOfWork, user_id: int) -> UserSettings:
    """A user's settings, the defaults where nothing was set."""
    columns = (settings.c.slippage_bps, settings.c.buy_presets, settings.c.sell_presets, settings.c.phrase)
    row = await uow.fetch_one(select(*columns).where(settings.c.user_id == user_id))
    if row is None:
        return UserSettings()
    buy = tuple(Decimal(preset) for preset in row["buy_presets"])
    return UserSettings(row["slippage_bps"], buy, tuple(row["sell_presets"]), row["phrase"])


async def phrase_of_chat(uow: UnitOfWork, chat_id: int) -> str:
    """The anti-phishing phrase of the owner of a private chat; empty where there is none."""
    query = select(settings.c.phrase).join(users, users.c.id == settings.c.user_id)
    row = await uow.fetch_one(query.where(users.c.telegram_user_id == chat_id))
    return "" if row is None else str(row["phrase"])


async def set_slippage(uow: UnitOfWork, user_id: int, bps: int) -> None:
    """The slippage of orders that name none, 1 to 5,000 basis points. Raises Denied('slippage_range')."""
    if not 1 <= bps <= MAX_SLIPPAGE_BPS:
        raise Denied("slippage_range")
    await _save(uow, user_id, slippage_bps=bps)


async def set_buy_presets(uow: UnitOfWork, user_id: int, presets: Sequence[Decimal]) -> None:
    """Up to six amounts in quote coins. Raises Denied('presets_range')."""
    if not 1 <= len(presets) <= MOST_PRESETS or not all(0 < preset <= MAX_PRESET for preset in presets):
        raise Denied("presets_range")
    await _save(uow, user_id, buy_presets=[format(preset, "f") for preset in presets])


async def set_sell_presets(uow: UnitOfWork, user_id: int, presets: Sequence[int]) -> None:
    """Up to six shares in per cent. Raises Denied('presets_range')."""
    if not 1 <= len(presets) <= MOST_PRESETS or not all(1 <= preset <= 100 for preset in presets):
        raise Denied("presets_range")
    await _save(uow, user_id, sell_presets=list(presets))


async def set_phrase(uow: UnitOfWork, user_id: int, phrase: str) -> None:
    """The anti-phishing phrase; empty takes it away. Raises Denied('phrase_length') for less than 4 or more than 40 characters,
    Denied('phrase_characters') for what cannot be seen."""
    phrase = " ".join(unicodedata.normalize("NFC", phrase).split())
    if phrase and not SHORTEST_PHRASE <= len(phrase) <= LONGEST_PHRASE:
        raise Denied("phrase_length")
    if any(unicodedata.category(character)[0] == "C" for character in phrase):
        raise Denied("phrase_characters")
    await _save(uow, user_id, phrase=phrase)


async def set_language(uow: UnitOfWork, user_id: int, language: str, available: Collection[str]) -> None:
    """The language of everything said from now on. Raises Denied('unknown_language')."""
    if language not in available:
        raise Denied("unknown_language")
    await repository.set_value(uow.connection, user_id, "language", language)


async def set_mode(uow: UnitOfWork, user_id: int, mode: str) -> None:
    """paper or live. ValueError for anything else."""
    if mode not in ("paper", "live"):
        raise ValueError(f"a mode is paper or live, not {mode!r}")
    await repository.set_value(uow.connection, user_id, "mode", mode)


async def _save(uow: UnitOfWork, user_id: int, **changes: Any) -> None:
    statement = insert_into(settings).values(user_id=user_id, **changes)
    await uow.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_={**changes, "updated_at": func.now()}))
