"""Proofs that a caller shows at a door. Compared in constant time, counted when wrong, never logged."""

from __future__ import annotations

import hmac

from core.config.metrics import AUTH_FAILURES
from core.kernel.secret import Secret


def same_secret(shown: str | None, expected: Secret) -> bool:
    """Whether `shown` is the secret. An unset secret admits nobody. Takes as long whatever is shown."""
    right = hmac.compare_digest((shown or "").encode(errors="surrogateescape"), expected.reveal().encode())
    return right and bool(expected)


def refuse(door: str) -> None:
    """Counts a refusal."""
    AUTH_FAILURES.labels(door).inc()
