"""A venue that says what it is told, for tests of what trading makes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from core.db.pool import Pool
from core.kernel.clock import ManualClock
from core.kernel.money import Price, Quantity
from core.market.types import Instrument
from core.trading.types import Order
from core.venues.types import Fill, NotFound, OrderReport, OrderRequest, Outcome, Refused, VenueOrderState
from tests.support.desk import Desk, make_desk

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Scripted:
    """A venue that answers what it is told; counts what it was sent."""

    name = "paper"

    def __init__(self, clock: ManualClock, outcome: Outcome) -> None:
        self.clock = clock
        self.outcome = outcome
        self.report: OrderReport | None = None
        self.requests: list[OrderRequest] = []

    async def submit(self, request: OrderRequest) -> Outcome:
        self.requests.append(request)
        return self.outcome

    async def cancel(self, client_order_id: str, instrument: Instrument) -> Outcome:  # noqa: ARG002
        return Refused("order_unknown")

    async def lookup(self, client_order_id: str, instrument: Instrument) -> OrderReport | NotFound:  # noqa: ARG002
        return self.report or NotFound(self.clock.now())


def filled(order: Order, *fills: tuple[str, str, str, str], state: VenueOrderState = VenueOrderState.FILLED) -> OrderReport:
    """A report of fills (id, price, quantity, fee)."""
    told = tuple(Fill(name, Price(Decimal(price)), Quantity(Decimal(size)), Decimal(fee), NOW) for name, price, size, fee in fills)
    total = Quantity(sum((fill.quantity.value for fill in told), Decimal(0)))
    return OrderReport(order.client_order_id or "", "v1", state, total, told, NOW)


async def scripted_desk(pool: Pool, outcome: Outcome) -> tuple[Desk, Scripted, ManualClock]:
    clock = ManualClock(NOW)
    venue = Scripted(clock, outcome)
    return await make_desk(pool, venue=venue, clock=clock), venue, clock
