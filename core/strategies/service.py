"""Conditional orders' use cases behind one door: what edges ask for. Built by bootstrap; `evaluator` builds the streams' part of it.

Nothing is held while armed, and nothing here places an order but through TradingService.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from core.config.settings import TradingSettings
from core.db.leases import Lease
from core.db.pool import Pool
from core.db.unit_of_work import UnitOfWork
from core.kernel.clock import Clock
from core.market.ports import BookReader
from core.strategies import arming, previewing, repository
from core.strategies.context import StrategyContext, StrategyLimits
from core.strategies.evaluator import Evaluator
from core.strategies.previewing import ConditionalPreview
from core.strategies.types import Conditional, ConditionalCommand
from core.trading.service import TradingService
from core.trading.types import ChatTarget


class ConditionalService:
    """Arms, shows and cancels conditional orders."""

    def __init__(
        self,
        *,
        pool: Pool,
        trading: TradingService,
        books: BookReader,
        clock: Clock,
        settings: TradingSettings | StrategyLimits,
    ) -> None:
        limits = settings if isinstance(settings, StrategyLimits) else limits_of(settings)
        self._context = StrategyContext(pool, trading, books, clock, limits)

    async def preview(self, command: ConditionalCommand) -> ConditionalPreview:
        """What would be armed, and how far each trigger is now. Raises Denied as `create` does, Unavailable without the price store."""
        return await previewing.preview(self._context, command)

    async def create(
        self, uow: UnitOfWork, command: ConditionalCommand, *, idempotency_key: str, chat: ChatTarget, correlation_id: str
    ) -> Conditional:
        """Arms it in the caller's transaction; the same key gives the same one. Raises IdempotencyConflict, Denied (see `arming.arm`)."""
        return await arming.arm(self._context, uow, command, idempotency_key=idempotency_key, chat=chat, correlation_id=correlation_id)

    async def cancel(self, uow: UnitOfWork, *, user_id: int, conditional_id: UUID) -> Conditional:
        """Takes it back, orders at work included. Raises Denied('conditional_not_found' | 'conditional_final')."""
        return await arming.take_back(self._context, uow, user_id=user_id, conditional_id=conditional_id)

    async def open_ones(self, uow: UnitOfWork, user_id: int) -> list[Conditional]:
        """A user's that are ARMED or TRIGGERED, oldest first."""
        return await repository.live_of_user(uow, user_id)

    async def recent(self, uow: UnitOfWork, user_id: int, limit: int = 10) -> list[Conditional]:
        """A user's newest, newest first, whatever their state."""
        return await repository.of_user(uow, user_id, limit)

    async def find(self, uow: UnitOfWork, user_id: int, code: str) -> Conditional | None:
        """A user's by its short code (the last eight hex digits of the id); None where there is none, or it is another's."""
        return await repository.by_code(uow, user_id, code)

    def evaluator(self, lease: Lease | None = None) -> Evaluator:
        """What the process `streams` drives under its lease."""
        return Evaluator(self._context, lease)


def limits_of(settings: TradingSettings) -> StrategyLimits:
    """The operator's figures."""
    return StrategyLimits(price_max_age=timedelta(milliseconds=settings.price_max_age_ms))
