"""`make dev`: notices changes of the code. Called by the supervisor's loop, which then starts the processes again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

WATCHED = ("api", "bot", "core", "sandbox", "workers")
SUFFIXES = (".py", ".sql", ".ftl", ".html", ".js", ".css")


def code_changes(root: Path) -> Callable[[], bool]:
    """A function that says whether a file of the code changed since it was asked last."""
    from watchfiles import watch  # noqa: PLC0415  (needed by `make dev` only)

    seen = watch(*(root / name for name in WATCHED), debounce=200, step=50, rust_timeout=1, yield_on_timeout=True, raise_interrupt=False)

    def changed() -> bool:
        return any(path.endswith(SUFFIXES) for _, path in next(seen, ()))

    return changed
