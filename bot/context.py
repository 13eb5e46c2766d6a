"""What every handler gets: the services of the desk and the request at hand. Built by `bot/app.py` from bootstrap's parts."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.catalog import Catalog
from core.bootstrap.edge import Edge
from core.config.settings import BotSettings
from core.db.pool import Connection, Pool
from core.db.unit_of_work import UnitOfWork
from core.market import service as market
from core.market.types import Instrument
from core.outbox import service as outbox
from core.outbox.types import ButtonAction
from core.trading.types import ChatTarget
from core.users.types import User

VENUE = "paper"
"""Where orders go unless they say otherwise."""

MENU_TTL = timedelta(hours=24)
INSTRUMENTS_TTL_S = 2.0

Effect = Callable[[UnitOfWork], Awaitable[str]]
"""What a handler does in the transaction that marks its update as done; returns the toast of a tap, or ''."""


@asynccontextmanager
async def reading(pool: Pool) -> AsyncIterator[UnitOfWork]:
    """A connection for single reads, outside any transaction: what is read commits nothing."""
    async with pool.acquire() as acquired:
        connection: Connection = acquired  # type: ignore[assignment]
        yield UnitOfWork(connection)


class InstrumentList:
    """What is tradable, kept for two seconds: it changes rarely and every order asks."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._kept: list[Instrument] = []
        self._until = 0.0

    async def all(self) -> list[Instrument]:
        """Active instruments of the paper venue, by symbol."""
        if time.monotonic() >= self._until or not self._kept:
            async with reading(self._pool) as uow:
                self._kept = await market.instruments(uow, VENUE)
            self._until = time.monotonic() + INSTRUMENTS_TTL_S
        return self._kept

    async def find(self, symbol: str) -> Instrument | None:
        """The active instrument called exactly so."""
        return next((one for one in await self.all() if one.symbol == symbol), None)


@dataclass(frozen=True, slots=True)
class BotContext:
    """The desk as handlers see it."""

    edge: Edge
    settings: BotSettings
    catalog: Catalog
    instruments: InstrumentList
    username: str

    @property
    def button_ttl(self) -> timedelta:
        """How long a question about an order may be answered."""
        return timedelta(milliseconds=self.settings.button_ttl_ms)


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks, where the answer goes, and what makes a repetition harmless."""

    user: User
    chat_id: int
    message_key: str
    idempotency_key: str
    correlation_id: str

    @property
    def chat(self) -> ChatTarget:
        """The message an order lives in."""
        return ChatTarget(self.chat_id, self.message_key, self.user.language)

    async def show(self, uow: UnitOfWork, screen: str, data: Mapping[str, Any], *, priority: int = outbox.ORDINARY) -> None:
        """Sends or edits this request's message."""
        await outbox.append_chat(
            uow,
            chat_id=self.chat_id,
            message_key=self.message_key,
            screen=screen,
            data=data,
            language=self.user.language,
            priority=priority,
            correlation_id=self.correlation_id,
        )

    async def say(self, uow: UnitOfWork, message: str, **params: str) -> None:
        """One line of the catalogue."""
        await self.show(uow, "text", {"id": message, "params": params})

    async def buttons(self, uow: UnitOfWork, actions: Sequence[ButtonAction], ttl: timedelta) -> list[str]:
        """Handles of one group of buttons in this request's message."""
        return await outbox.issue_buttons(
            uow, user_id=self.user.id, chat_id=self.chat_id, message_key=self.message_key, actions=actions, ttl=ttl
        )


def saying(request: Request, message: str, **params: str) -> Effect:
    """The effect that answers with one line."""

    async def effect(uow: UnitOfWork) -> str:
        await request.say(uow, message, **params)
        return ""

    return effect
