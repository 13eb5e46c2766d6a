"""Waiting for an event instead of sleeping: a bounded poll."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, overload

T = TypeVar("T")


@overload
async def eventually(check: Callable[[], Coroutine[Any, Any, T]], timeout: float = 10, *, what: str = "") -> T: ...  # noqa: ASYNC109
@overload
async def eventually(check: Callable[[], T], timeout: float = 10, *, what: str = "") -> T: ...  # noqa: ASYNC109
async def eventually(check: Callable[[], Any], timeout: float = 10, *, what: str = "") -> Any:  # noqa: ASYNC109
    """Polls `check` (plain or async) until it gives something true, and returns that. AssertionError after `timeout` seconds.

    A check that raises AssertionError is asked again; its last message is shown when time is up.
    """
    deadline = time.monotonic() + timeout
    last = ""
    while True:
        try:
            found = check()
            value = await found if inspect.isawaitable(found) else found
            if value:
                return value
            last = f"last answer {value!r}"
        except AssertionError as error:
            last = str(error)
        if time.monotonic() > deadline:
            raise AssertionError(f"{what or getattr(check, '__name__', 'the check')} did not become true in {timeout} s: {last}")
        await asyncio.sleep(0.01)


def eventually_sync(check: Callable[[], T], timeout: float = 10, *, what: str = "") -> T:
    """The same without an event loop, for tests of processes."""
    deadline = time.monotonic() + timeout
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(
                f"{what or getattr(check, '__name__', 'the check')} did not become true in {timeout} s: last answer {value!r}"
            )
        time.sleep(0.01)
