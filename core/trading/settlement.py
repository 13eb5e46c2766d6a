"""Applies recorded reports: fills to the ledger and the position, the order's state, the hold, the message; one transaction.

Called after a report is recorded, and again by reconciliation for what was left. The order's row is locked first, so reports of one
order are applied one after the other; fills known by the venue's id are not booked twice, and three guards stand behind that: the
lifecycle, the unique key of `fills`, the ledger's idempotency key. What really happened is always booked: beyond the hold from
what is available, and beyond that as a receivable, which freezes the account.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from core.config.logging import bind_correlation, get_logger
from core.config.metrics import FILLS, ORDERS
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.kernel.errors import InvariantViolated
from core.kernel.money import EXACT, Amount, Asset
from core.ledger import service as ledger
from core.market.types import Instrument
from core.outbox import service as outbox
from core.outbox.types import ButtonAction
from core.portfolio import service as portfolio
from core.portfolio.types import FillPart, PositionChange
from core.trading import booking, funds, lifecycle, report_rows, reports, repository, views
from core.trading.context import TradingContext
from core.trading.request import append_message
from core.trading.types import FINAL_STATES, Order
from core.venues.types import Fill, OrderReport

CANCEL_ACTION = "cancel_order"
CANCEL_TTL = timedelta(hours=24)
GAP_PAUSE = timedelta(milliseconds=500)
_log = get_logger()


@dataclass(frozen=True, slots=True)
class Folded:
    """Several reports as one change: the order with its new state, the fills to book, whether the last word was complete."""

    order: Order
    fills: tuple[Fill, ...]
    complete: bool


def fold(order: Order, known: set[str], told: Sequence[OrderReport]) -> Folded:
    """Applies reports in the order of their arrival. Pure. Raises InvariantViolated for what cannot be."""
    fills: list[Fill] = []
    complete = True
    for report in told:
        transition = lifecycle.apply(order, known, report)
        known = known | {fill.venue_fill_id for fill in transition.new_fills}
        fills.extend(transition.new_fills)
        complete = transition.complete
        quantity = order.filled_quantity
        for fill in transition.new_fills:
            quantity = EXACT.add(quantity, fill.quantity.value)
        order = replace(
            order,
            state=transition.state,
            filled_quantity=quantity,
            venue_order_id=order.venue_order_id or report.venue_order_id or None,
            reason=report.reason or order.reason,
            price_source=report.source or order.price_source,
        )
    return Folded(order, tuple(fills), complete)


async def apply_reports(context: TradingContext, order_id: UUID) -> None:
    """Applies every report of the order that waits. Raises InvariantViolated (nothing is applied) for what cannot be."""
    async with unit_of_work(context.pool) as uow:
        locked = await repository.lock_order(uow, order_id)
        if locked is None:
            raise InvariantViolated("a report on an order that is not there")
        order, instrument = locked
        waiting = await report_rows.waiting_reports(uow, order_id)
        if not waiting:
            return
        if instrument is None:
            raise InvariantViolated("an order was sent for an instrument that is not there")
        bind_correlation(order.correlation_id)
        known = await report_rows.fill_ids(uow, order_id)
        folded = fold(order, known, [reports.decode(payload) for _, payload in waiting])
        await _settle(context, uow, order, instrument, folded)
        await report_rows.mark_applied(uow, [report_id for report_id, _ in waiting], context.clock.now())


async def _settle(context: TradingContext, uow: UnitOfWork, before: Order, instrument: Instrument, folded: Folded) -> None:
    now = context.clock.now()
    booked = booking.book_fills(before, instrument, folded.fills)
    after = replace(
        folded.order,
        filled_quantity=booked.filled_quantity,
        filled_notional=booked.filled_notional,
        venue_fee_units=booked.venue_fee,
        platform_fee_units=booked.platform_fee,
        price_at=max((fill.executed_at for fill in folded.fills), default=before.price_at),
    )
    position = await _book(uow, before, instrument, booked)
    await funds.move(uow, before, after, instrument, booked)
    await report_rows.save_progress(uow, after.id, _progress(after, now, _ask_again_at(context, after, now, complete=folded.complete)))
    if folded.fills or after.state is not before.state:
        await _tell(uow, after, instrument, position, now)
    _count(before, after, len(folded.fills))


async def _book(uow: UnitOfWork, order: Order, instrument: Instrument, booked: booking.Booking) -> PositionChange | None:
    """Rows of the fills, and the position moved by all of them at once."""
    if not booked.fills:
        return None
    await report_rows.insert_fills(uow, order.id, booked.fills)
    quantity = EXACT.subtract(booked.filled_quantity, order.filled_quantity)
    return await portfolio.apply_fill(
        uow,
        user_id=order.user_id,
        instrument=instrument,
        side=order.side,
        quantity=quantity,
        notional=Amount(instrument.quote, sum(one.notional for one in booked.fills)),
        fees=Amount(instrument.quote, sum(one.venue_fee + one.platform_fee for one in booked.fills)),
        parts=[_part(one, instrument.quote) for one in booked.fills],
    )


def _part(one: booking.BookedFill, quote: Asset) -> FillPart:
    """A fill as the portfolio keeps it."""
    fees = Amount(quote, one.venue_fee + one.platform_fee)
    return FillPart(one.fill.venue_fill_id, one.fill.quantity.value, Amount(quote, one.notional), fees, one.fill.executed_at)


def _progress(order: Order, now: datetime, reconcile_after: datetime | None) -> report_rows.Progress:
    return report_rows.Progress(
        state=order.state,
        venue_order_id=order.venue_order_id,
        filled_quantity=order.filled_quantity,
        filled_notional=order.filled_notional,
        venue_fee_units=order.venue_fee_units,
        platform_fee_units=order.platform_fee_units,
        reason=order.reason,
        source=order.price_source,
        price_at=order.price_at,
        reconcile_after=reconcile_after,
        now=now,
    )


def _ask_again_at(context: TradingContext, order: Order, now: datetime, *, complete: bool) -> datetime | None:
    """When to ask about the order again: never when it is final, soon when fills are missing."""
    if order.state in FINAL_STATES:
        return None
    return now + (context.limits.ask_again if complete else min(GAP_PAUSE, context.limits.ask_again))


async def _tell(uow: UnitOfWork, order: Order, instrument: Instrument, position: PositionChange | None, now: datetime) -> None:
    balances = await ledger.balances(uow, order.user_id, order.venue)
    handle = None if order.state in FINAL_STATES else await cancel_button(uow, order, now)
    await append_message(uow, order, views.order_data(order, instrument, now, views.Extras(balances, position, handle)))


async def cancel_button(uow: UnitOfWork, order: Order, now: datetime) -> str:
    """The handle of a button that cancels the order, good for as long as the order may rest and a day."""
    rests = timedelta(0) if order.expires_at is None else max(timedelta(0), order.expires_at - now)
    action = ButtonAction(CANCEL_ACTION, {"order_id": str(order.id)})
    [handle] = await outbox.issue_buttons(
        uow, user_id=order.user_id, chat_id=order.chat.chat_id, message_key=order.chat.message_key, actions=[action], ttl=rests + CANCEL_TTL
    )
    return handle


def _count(before: Order, after: Order, fills: int) -> None:
    if fills:
        FILLS.labels(after.venue, after.side.value).inc(fills)
    if after.state is not before.state:
        ORDERS.labels(after.state.value).inc()
        _log.info("order_changed", order_id=str(after.id), previous_state=before.state.value, state=after.state.value, count=fills)
