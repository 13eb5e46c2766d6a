"""Pairs with the rule 'never a network call inside a transaction': adapters fail when called inside a unit of work.

`core/db` enters and leaves; adapters call `require_no_transaction` first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from core.kernel.errors import InvariantViolated

_inside: ContextVar[bool] = ContextVar("inside_unit_of_work", default=False)


@contextmanager
def inside_transaction() -> Iterator[None]:
    """Marks the current task as inside a unit of work. Nesting is an error."""
    if _inside.get():
        raise InvariantViolated("a unit of work inside a unit of work")
    token = _inside.set(True)
    try:
        yield
    finally:
        _inside.reset(token)


def require_no_transaction(what: str) -> None:
    """Raises InvariantViolated when a unit of work is open in this task. `what` names the call."""
    if _inside.get():
        raise InvariantViolated(f"{what} was called inside a unit of work")
