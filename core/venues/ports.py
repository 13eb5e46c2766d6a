"""The port every venue adapter implements; one contract suite (`tests/contract/`) runs over all of them."""

from __future__ import annotations

from typing import Protocol

from core.market.types import Instrument
from core.venues.types import NotFound, OrderReport, OrderRequest, Outcome


class Venue(Protocol):
    """Where orders execute. No method may be called inside a unit of work."""

    @property
    def name(self) -> str:
        """Such as `paper`."""
        ...

    async def submit(self, request: OrderRequest) -> Outcome:
        """Sends the order. Never raises for what the venue or the network did: that is an Outcome."""
        ...

    async def cancel(self, client_order_id: str, instrument: Instrument) -> Outcome:
        """Asks to cancel; Refused means it was already final or is unknown there."""
        ...

    async def lookup(self, client_order_id: str, instrument: Instrument) -> OrderReport | NotFound:
        """The order with all its fills. Raises Unavailable when the venue cannot be asked now."""
        ...
