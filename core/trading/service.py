"""Trading's use cases behind one door: what edges ask for and what workers do. Built by bootstrap.

The steps live in modules of their own (request, decision, execution, settlement, cancellation, reconciliation); the order's life is
in docs/architecture.md. Must never send an order that is not in the call that committed its decision.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from core.config.settings import TradingSettings
from core.db.pool import Pool
from core.db.unit_of_work import UnitOfWork
from core.kernel.clock import Clock
from core.market.ports import BookReader
from core.outbox.ports import TaskPublisher
from core.trading import cancellation, execution, previewing, reconciliation, repository, request, settlement
from core.trading.context import TradingContext, TradingLimits
from core.trading.handoff import HandOff
from core.trading.types import ChatTarget, Order, OrderCommand, OrderPreview
from core.venues.ports import Venue

TRADABLE = frozenset({"paper"})
"""Venues orders may go to today."""


class TradingService:
    """Orders. Edges build it without venues; workers with them."""

    def __init__(
        self,
        *,
        pool: Pool,
        books: BookReader,
        clock: Clock,
        settings: TradingSettings | TradingLimits,
        venues: Mapping[str, Venue] | None = None,
        publisher: TaskPublisher | None = None,
        tradable: Collection[str] = TRADABLE,
    ) -> None:
        limits = settings if isinstance(settings, TradingLimits) else TradingLimits.from_settings(settings)
        self._context = TradingContext(pool, books, venues or {}, tradable, clock, HandOff(pool, publisher), limits)

    async def preview(self, command: OrderCommand) -> OrderPreview:
        """What would be decided now. Raises Denied('unknown_instrument') where there is nothing to show, Unavailable without prices."""
        book = await self._context.books.book(command.symbol) if command.venue in self._context.tradable else None
        return await previewing.preview(self._context, command, book)

    async def request_order(
        self, uow: UnitOfWork, command: OrderCommand, *, idempotency_key: str, chat: ChatTarget, correlation_id: str
    ) -> Order:
        """Accepts an intent: order INITIALIZED, task and message in the caller's transaction. Raises IdempotencyConflict."""
        return await request.request_order(
            self._context, uow, command, idempotency_key=idempotency_key, chat=chat, correlation_id=correlation_id
        )

    async def place_order(self, order_id: UUID) -> None:
        """Worker: decides, sends once, records, settles. Any further call changes nothing. Raises Unavailable without prices."""
        await execution.place_order(self._context, order_id)

    async def request_cancel(self, uow: UnitOfWork, *, user_id: int, order_id: UUID) -> Order:
        """Asks to cancel; the order's own message tells. Raises Denied('order_final' | 'order_not_found')."""
        return await cancellation.request_cancel(self._context, uow, user_id=user_id, order_id=order_id)

    async def cancel_order(self, order_id: UUID) -> None:
        """Worker: passes a requested cancel on to the venue."""
        await cancellation.cancel_order(self._context, order_id)

    async def reconcile(self, limit: int = 100) -> int:
        """Worker: asks venues about open orders that are due and applies reports that were left. How many were looked at."""
        return await reconciliation.reconcile(self._context, limit)

    async def apply_reports(self, order_id: UUID) -> None:
        """Worker: applies recorded reports of an order. Any further call changes nothing."""
        await settlement.apply_reports(self._context, order_id)

    async def finished_orders(self, uow: UnitOfWork, user_id: int, limit: int = 10) -> list[Order]:
        """A user's orders that are final, newest first."""
        return await repository.finished_orders(uow, user_id, limit)

    async def open_orders(self, uow: UnitOfWork, user_id: int) -> list[Order]:
        """A user's orders that are not final, oldest first."""
        return await repository.open_orders(uow, user_id)

    async def order_summaries(self, uow: UnitOfWork, ids: Collection[UUID]) -> list[Order]:
        """Orders by their ids, oldest first: for rooms above that follow what they emitted."""
        return await repository.orders_by_id(uow, ids)

    async def find_order(self, uow: UnitOfWork, user_id: int, code: str) -> Order | None:
        """A user's order by its short code; None where there is none, or it is another's."""
        return await repository.order_by_code(uow, user_id, code)

    async def close(self) -> None:
        """Waits for publications on their way."""
        await self._context.hand_off.close()
