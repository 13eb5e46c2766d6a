"""The circuit breaker, on a clock by hand."""

from __future__ import annotations

import asyncio

import pytest

from core.config.breaker import BreakerOpen, CircuitBreaker, states, worst
from core.kernel.errors import Unavailable


class Hand:
    """A clock."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def call(breaker: CircuitBreaker, error: BaseException | None = None) -> None:
    async with breaker.guard():
        if error is not None:
            raise error


async def fail(breaker: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        with pytest.raises(Unavailable):
            await call(breaker, Unavailable("away"))


async def test_it_opens_after_failures_in_a_row_and_then_calls_nothing() -> None:
    breaker = CircuitBreaker("thing", threshold=3, pause_s=2, monotonic=Hand())
    await fail(breaker, 2)
    await call(breaker)
    await fail(breaker, 2)
    assert breaker.state == "closed"
    await fail(breaker, 1)
    assert breaker.state == "open"
    with pytest.raises(Unavailable, match="a moment ago"):
        await call(breaker)


async def test_after_the_pause_one_call_decides() -> None:
    clock = Hand()
    breaker = CircuitBreaker("thing", threshold=1, pause_s=2, monotonic=clock)
    await fail(breaker, 1)
    clock.now = 2.0
    async with breaker.guard():
        assert breaker.state == "half_open"
        with pytest.raises(Unavailable, match="a moment ago"):
            await call(breaker)
    assert breaker.state == "closed"


async def test_a_trial_that_fails_opens_it_again_and_one_that_is_cut_off_does_not_block_it() -> None:
    clock = Hand()
    breaker = CircuitBreaker("thing", threshold=1, pause_s=2, monotonic=clock)
    await fail(breaker, 1)
    for error in (Unavailable("away"), KeyError("cut off")):
        clock.now += 2.0
        with pytest.raises((Unavailable, KeyError)):
            await call(breaker, error)
        assert breaker.state == "open"
    clock.now += 2.0
    await call(breaker)
    assert breaker.state == "closed"


async def test_other_errors_are_not_the_dependencys() -> None:
    breaker = CircuitBreaker("thing", threshold=1, monotonic=Hand())
    with pytest.raises(KeyError):
        await call(breaker, KeyError("mine"))
    assert breaker.state == "closed"


async def test_each_trial_that_fails_makes_the_pause_longer_up_to_a_bound_and_success_makes_it_short_again() -> None:
    clock = Hand()
    breaker = CircuitBreaker("thing", threshold=1, pause_s=1, longest_pause_s=3, monotonic=clock)
    await fail(breaker, 1)
    for pause in (1.0, 2.0, 3.0, 3.0):
        clock.now += pause - 0.1
        with pytest.raises(BreakerOpen):
            await call(breaker)
        clock.now += 0.1
        await fail(breaker, 1)
    clock.now += 3.0
    await call(breaker)
    await fail(breaker, 1)
    clock.now += 1.0
    await call(breaker)


async def test_silence_counts_only_where_it_is_said_to() -> None:
    breaker = CircuitBreaker("thing", threshold=1, monotonic=Hand())
    for silence_counts, state in ((False, "closed"), (True, "open")):
        with pytest.raises(asyncio.CancelledError):
            async with breaker.guard(silence_counts=silence_counts):
                raise asyncio.CancelledError
        assert breaker.state == state


def test_states_are_told_by_name_and_the_worst_of_several_is_found() -> None:
    breaker = CircuitBreaker("thing")
    assert states(breaker, CircuitBreaker("other")) == {"thing": "closed", "other": "closed"}
    assert [worst(), worst("closed", "half_open"), worst("open", "half_open"), worst("closed")] == ["closed", "half_open", "open", "closed"]
