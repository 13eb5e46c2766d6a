"""A venue behind a circuit breaker: when it has left several calls in a row without an answer, it is left alone for a while.

Built by `core/bootstrap/worker` around each adapter. What is not sent is refused in so many words; what was sent and not answered stays
unknown, whatever the breaker does afterwards. Must never call an unknown outcome anything else.
"""

from __future__ import annotations

from core.config.breaker import BreakerOpen, CircuitBreaker
from core.kernel.errors import Unavailable
from core.market.types import Instrument
from core.venues.ports import Venue
from core.venues.types import NotFound, OrderReport, OrderRequest, Outcome, Refused, Unknown

VENUE_AWAY = "venue_away"
"""Refused by us, on the venue's behalf: nothing was sent."""


class _Silence(Unavailable):
    """The venue was asked, and its answer says nothing."""

    def __init__(self, outcome: Unknown) -> None:
        super().__init__(outcome.why)
        self.outcome = outcome


class GuardedVenue:
    """Implements `core.venues.ports.Venue` around another. A call that is canceled (nobody waited longer) counts as unanswered."""

    def __init__(self, inner: Venue, breaker: CircuitBreaker) -> None:
        self._inner = inner
        self._breaker = breaker

    @property
    def name(self) -> str:
        """The inner venue's."""
        return self._inner.name

    async def submit(self, request: OrderRequest) -> Outcome:
        """See Venue. Refused('venue_away') while the breaker is open: nothing was sent."""
        try:
            async with self._breaker.guard(silence_counts=True):
                return _answered(await self._inner.submit(request))
        except _Silence as silence:
            return silence.outcome
        except BreakerOpen:
            return Refused(VENUE_AWAY)

    async def cancel(self, client_order_id: str, instrument: Instrument) -> Outcome:
        """See Venue. Unknown while the breaker is open: the order is there, and reconciliation asks again."""
        try:
            async with self._breaker.guard(silence_counts=True):
                return _answered(await self._inner.cancel(client_order_id, instrument))
        except _Silence as silence:
            return silence.outcome
        except BreakerOpen:
            return Unknown(VENUE_AWAY)

    async def lookup(self, client_order_id: str, instrument: Instrument) -> OrderReport | NotFound:
        """See Venue. Raises Unavailable while the breaker is open, too."""
        async with self._breaker.guard(silence_counts=True):
            return await self._inner.lookup(client_order_id, instrument)


def _answered(outcome: Outcome) -> Outcome:
    if isinstance(outcome, Unknown):
        raise _Silence(outcome)
    return outcome
