"""From the task to the wire: decide, commit, send once, record what came back. Called by the worker through TradingService.

An order is sent in the one call whose decision was committed, and never again: whatever happens afterwards, an order in SUBMITTED is
looked up, not sent. Silence, errors and time-outs are an unknown outcome: hold and state stay.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from uuid import UUID

from core.config.logging import bind_correlation, get_logger
from core.config.metrics import HANDOFF_SECONDS, ORDER_SECONDS, VENUE_SECONDS
from core.db.unit_of_work import unit_of_work
from core.market.types import OrderBook
from core.trading import report_rows, reports, repository, settlement
from core.trading.context import TradingContext
from core.trading.decision import decide
from core.trading.types import Order, OrderState
from core.venues.ports import Venue
from core.venues.types import OrderReport, OrderRequest, Outcome, Unknown

LOOK_AGAIN_S = 0.1
_log = get_logger()


async def place_order(context: TradingContext, order_id: UUID) -> None:
    """Decides an order and sends it, if nobody did before. Raises Unavailable when prices cannot be read now (nothing was done)."""
    order = await repository.read_order(context.pool, order_id)
    if order is None:
        _log.error("order_not_found", order_id=str(order_id))
        return
    bind_correlation(order.correlation_id)
    if order.state is not OrderState.INITIALIZED:
        _log.info("order_decided_before", order_id=str(order_id), state=order.state.value)
        return
    HANDOFF_SECONDS.observe(max(timedelta(0), context.clock.now() - order.created_at) / timedelta(seconds=1))
    started = time.perf_counter()
    request = await decide(context, order, await read_book(context, order))
    ORDER_SECONDS.observe(time.perf_counter() - started)
    _log.info("order_decided", order_id=str(order_id), outcome="denied" if request is None else "submitted")
    if request is not None:
        await send(context, order, context.venues[order.venue], request)


async def read_book(context: TradingContext, order: Order) -> OrderBook | None:
    """The newest book, waited for a moment where it is missing or stale; None for venues that nothing is traded on."""
    if order.venue not in context.tradable:
        return None
    limits, began = context.limits, time.monotonic()
    while True:
        book = await context.books.book(order.symbol)
        fresh = book is not None and book.age(context.clock.now()) <= limits.price_max_age
        if fresh or time.monotonic() - began >= limits.price_patience / timedelta(seconds=1):
            return book
        await asyncio.sleep(LOOK_AGAIN_S)


async def send(context: TradingContext, order: Order, venue: Venue, request: OrderRequest) -> None:
    """Sends the request once, records the answer and settles it."""
    started = time.perf_counter()
    try:
        async with asyncio.timeout(context.limits.answer_within / timedelta(seconds=1)):
            outcome: Outcome = await venue.submit(request)
    except TimeoutError:
        outcome = Unknown("no answer in time")
    VENUE_SECONDS.labels(venue.name, "submit", type(outcome).__name__.lower()).observe(time.perf_counter() - started)
    _log.info("order_sent", order_id=str(order.id), venue=venue.name, outcome=type(outcome).__name__.lower())
    await take_outcome(context, order.id, request.client_order_id, outcome)


async def take_outcome(context: TradingContext, order_id: UUID, client_order_id: str, outcome: Outcome) -> None:
    """Records what an outcome says and settles it; an unknown one only brings the next question forward."""
    report = reports.report_of(outcome, client_order_id, context.clock.now())
    if report is not None:
        await take_report(context, order_id, report)
        return
    async with unit_of_work(context.pool) as uow:
        await repository.ask_again_at(uow, order_id, context.clock.now() + context.limits.ask_again)


async def take_report(context: TradingContext, order_id: UUID, report: OrderReport) -> None:
    """Records a report raw in one transaction, then applies what waits in another."""
    payload = reports.encode(report)
    async with unit_of_work(context.pool) as uow:
        await report_rows.record_report(uow, order_id, reports.report_key(payload), payload)
    await settlement.apply_reports(context, order_id)
