"""Planted bugs of trading: each breaks 'an order executes at most once, and an unknown outcome is never called failed'."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.planted.registry import Plant, planted

ONCE = "tests/promises/test_p06_once.py::test_an_order_executes_at_most_once_and_the_ledger_says_what_the_venue_did"
NOT_FOUND = "tests/core/trading/test_lifecycle.py::test_not_found_proves_nothing_before_the_venue_refuses_the_order"


@planted(promise="P6", name="a redelivered task sends again", breaks=ONCE)
def redelivered_task_sends_again(plant: Plant) -> None:
    """The classic: the task comes again, the order is not final yet, so it is sent once more."""
    from core.kernel.money import Price, Quantity  # noqa: PLC0415
    from core.trading import execution, repository  # noqa: PLC0415
    from core.trading.types import OrderState  # noqa: PLC0415
    from core.venues.types import OrderRequest  # noqa: PLC0415

    honest = execution.place_order

    async def place_order(context: Any, order_id: UUID) -> None:
        order = await repository.read_order(context.pool, order_id)
        if order is None or order.state is not OrderState.SUBMITTED or order.send_until is None or order.limit_price is None:
            await honest(context, order_id)
            return
        row = await context.pool.fetchrow(
            "select o.quote_budget, i.* from orders o join instruments i on i.venue = o.venue and i.symbol = o.instrument where o.id = $1",
            order_id,
        )
        instrument = repository.instrument_from_row(row, order.venue, order.symbol)
        assert instrument is not None
        request = OrderRequest(
            order.client_order_id or "",
            instrument,
            order.side,
            Price(order.limit_price),
            order.send_until,
            None if order.quantity is None else Quantity(order.quantity),
            row["quote_budget"],
        )
        await execution.send(context, order, context.venues[order.venue], request)

    plant.patch("core.trading.execution.place_order", place_order)


@planted(promise="P6", name="fills not told apart", breaks=ONCE)
def fills_not_told_apart(plant: Plant) -> None:
    """The unique key of the venue's fill id is dropped, and nobody looks which fills are known."""
    plant.patch("core.trading.lifecycle._unknown", lambda fills, known: tuple(fills))  # noqa: ARG005
    plant.sql("alter table fills drop constraint uq_fills_venue_instrument_venue_fill_id")


@planted(promise="P6", name="unknown called rejected", breaks=ONCE)
def unknown_called_rejected(plant: Plant) -> None:
    """A time-out is taken for a refusal: the hold is voided although the order executed."""
    from core.trading import reports  # noqa: PLC0415
    from core.venues.types import Refused, Unknown  # noqa: PLC0415

    honest = reports.report_of

    def report_of(outcome: Any, client_order_id: str, at: Any) -> Any:
        return honest(Refused("no answer") if isinstance(outcome, Unknown) else outcome, client_order_id, at)

    plant.patch("core.trading.reports.report_of", report_of)


@planted(
    promise="P6",
    name="not found taken for never arrived",
    breaks="tests/core/trading/test_lifecycle.py::test_not_found_proves_nothing_before_the_venue_refuses_the_order",
)
def not_found_is_proof(plant: Plant) -> None:
    """Any 'not found' ends the order, although the request may still be on its way."""
    from core.trading.types import OrderState  # noqa: PLC0415

    plant.patch("core.trading.lifecycle.after_not_found", lambda order, asked_at, margin: OrderState.EXPIRED)  # noqa: ARG005
