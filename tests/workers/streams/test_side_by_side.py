"""Prices, conditions and the exchange's engine live in one process: what one of them trips over ends no other."""

from __future__ import annotations

import asyncio

import pytest

from workers.streams.__main__ import again_and_again


@pytest.mark.parametrize("trouble", [ValueError("a row nobody thought of"), ConnectionRefusedError()])
async def test_whatever_ends_a_stream_it_begins_anew(trouble: Exception) -> None:
    stop, begun = asyncio.Event(), 0

    async def work() -> None:
        nonlocal begun
        begun += 1
        if begun < 3:
            raise trouble
        stop.set()

    await again_and_again(work, stop, pause_s=0.001)
    assert begun == 3


async def test_an_ordered_end_is_one() -> None:
    stop = asyncio.Event()

    async def work() -> None:
        stop.set()
        raise ValueError("on the way out")

    async with asyncio.timeout(5):
        await again_and_again(work, stop)
