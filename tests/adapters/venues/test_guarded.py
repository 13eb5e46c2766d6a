"""A venue behind its breaker: what is not sent is refused, what is unknown stays unknown."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.adapters.venues.guarded import GuardedVenue
from core.config.breaker import CircuitBreaker
from core.kernel.errors import Unavailable
from core.kernel.money import Price, Quantity
from core.market.types import Instrument
from core.venues.types import NotFound, OrderReport, OrderRequest, Outcome, Refused, Side, Unknown
from tests.support.desk import BTC_USDT

NOW = datetime(2026, 1, 1, tzinfo=UTC)
REQUEST = OrderRequest("sr1", BTC_USDT, Side.BUY, Price(Decimal(100)), NOW + timedelta(seconds=5), Quantity(Decimal(1)))


class Hand:
    """A clock."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Answering:
    """Says what it is told, and counts how often it was asked. `hangs`: never answers."""

    name = "far away"

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.asked = 0
        self.hangs = False
        self.away = False

    async def _answer(self) -> Outcome:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        return self.outcome

    async def submit(self, request: OrderRequest) -> Outcome:  # noqa: ARG002
        return await self._answer()

    async def cancel(self, client_order_id: str, instrument: Instrument) -> Outcome:  # noqa: ARG002
        return await self._answer()

    async def lookup(self, client_order_id: str, instrument: Instrument) -> OrderReport | NotFound:  # noqa: ARG002
        await self._answer()
        if self.away:
            raise Unavailable("away")
        return NotFound(NOW)


def guarded(outcome: Outcome, clock: Hand | None = None) -> tuple[GuardedVenue, Answering, CircuitBreaker]:
    inner, breaker = Answering(outcome), CircuitBreaker("far away", threshold=2, pause_s=1, monotonic=clock or Hand())
    return GuardedVenue(inner, breaker), inner, breaker


async def test_silent_answers_stay_unknown_and_then_nothing_is_sent_until_the_venue_is_tried_again() -> None:
    clock = Hand()
    venue, inner, breaker = guarded(Unknown("timed out"), clock)
    assert venue.name == "far away"
    assert [await venue.submit(REQUEST) for _ in range(2)] == [Unknown("timed out")] * 2
    assert await venue.submit(REQUEST) == Refused("venue_away")
    assert await venue.cancel("sr1", BTC_USDT) == Unknown("venue_away")
    with pytest.raises(Unavailable, match="a moment ago"):
        await venue.lookup("sr1", BTC_USDT)
    assert inner.asked == 2, "nothing was sent while the breaker was open"
    clock.now = 1.0
    assert await venue.submit(REQUEST) == Unknown("timed out"), "the trial is an order that may have arrived"
    inner.outcome = Refused("rejected")
    clock.now = 3.0
    assert await venue.submit(REQUEST) == Refused("rejected")
    assert breaker.state == "closed"


async def test_a_venue_that_refuses_answers() -> None:
    venue, _, breaker = guarded(Refused("rejected"))
    for _ in range(5):
        assert await venue.submit(REQUEST) == await venue.cancel("sr1", BTC_USDT) == Refused("rejected")
    assert breaker.state == "closed"


async def test_silence_to_a_cancel_and_to_a_question_counts_too() -> None:
    venue, inner, breaker = guarded(Unknown("timed out"))
    assert await venue.cancel("sr1", BTC_USDT) == Unknown("timed out")
    inner.away = True
    with pytest.raises(Unavailable, match="away"):
        await venue.lookup("sr1", BTC_USDT)
    assert breaker.state == "open"


async def test_an_answer_that_nobody_waited_for_any_longer_counts() -> None:
    venue, inner, breaker = guarded(Refused("rejected"))
    inner.hangs = True
    for _ in range(2):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await venue.submit(REQUEST)
    assert breaker.state == "open"


async def test_a_question_that_is_answered_closes_it() -> None:
    clock = Hand()
    venue, _, breaker = guarded(Unknown("timed out"), clock)
    for _ in range(2):
        await venue.submit(REQUEST)
    clock.now = 1.0
    assert await venue.lookup("sr1", BTC_USDT) == NotFound(NOW)
    assert breaker.state == "closed"
