"""The one error tree of core, raised everywhere and translated to words by one total table in each edge.

Never raise these for programming mistakes (use ValueError/TypeError); never swallow them in money code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class StrongroomError(Exception):
    """Root of every expected failure."""


class Denied(StrongroomError):
    """We refuse, before anything left the house. Expected; the user is told why and what would change it.

    `code` is a stable word (`insufficient_funds`, `paused` …) that edges map to text; `params` are its figures.
    """

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params: Mapping[str, Any] = params


class Rejected(StrongroomError):
    """A venue refused definitely: the hold is voided."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OutcomeUnknown(StrongroomError):
    """It may have happened: keep the hold, reconcile, never send again."""


class Unavailable(StrongroomError):
    """Nothing was sent: safe to retry later."""


class InvariantViolated(StrongroomError):
    """A money rule would break: stop, alarm. Never caught except by the supervisor loops."""


class IdempotencyConflict(StrongroomError):
    """The same idempotency key came with a different request."""


class LeaseLost(StrongroomError):
    """A stale fencing token tried to write: the lease belongs to another holder now."""
