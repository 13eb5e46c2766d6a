"""The registry of planted bugs, and how one gets into code and database.

An entry lives in `tests/planted/<feature>.py`:

    @planted(promise="P1", name="one-sided posting", breaks="tests/promises/test_p01_….py::test_…")
    def one_sided(plant: Plant) -> None:
        plant.sql("create or replace function …")                     # run by the owner on the template database
        plant.rewrite_function("ledger_apply", "for update", "")      # edits a SQL function's text; the text must be there
        plant.patch("core.db.leases.require", replacement)            # replaces a Python name, before the tests are imported

PLANTED=name in the environment plants it: `tests/conftest.py` does so, and so does `python -m tests.planted.child MODULE …`, for
processes that a test starts.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import tests.planted


class Plant:
    """Collects what a bug changes. Python names change at once, the database when the template is ready."""

    def __init__(self) -> None:
        self._statements: list[str] = []
        self._rewrites: list[tuple[str, str, str]] = []

    def sql(self, statement: str) -> None:
        """Runs on the template database, as the owner."""
        self._statements.append(statement)

    def rewrite_function(self, name: str, old: str, new: str) -> None:
        """Replaces `old` by `new` in the SQL function's text. AssertionError if `old` is not in it: the plant has withered."""
        self._rewrites.append((name, old, new))

    def patch(self, target: str, replacement: Any) -> None:
        """Replaces `module.name` or `module.Class.name` for the rest of this process."""
        owner, _, attribute = target.rpartition(".")
        found = _resolve(owner)
        if not hasattr(found, attribute):
            raise AssertionError(f"{target} does not exist: the plant has withered")
        setattr(found, attribute, replacement)

    async def apply_to_database(self, connection: Any) -> None:
        """Called by the conftest once the template is migrated."""
        for name, old, new in self._rewrites:
            text = await connection.fetchval("select pg_get_functiondef($1::regproc)", name)
            assert old in text, f"{old!r} is not in {name}: the plant has withered"
            await connection.execute(text.replace(old, new))
        for statement in self._statements:
            await connection.execute(statement)


def _resolve(path: str) -> Any:
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError:
        owner, _, attribute = path.rpartition(".")
        return getattr(_resolve(owner), attribute)


@dataclass(frozen=True)
class PlantedBug:
    """A bug, the promise it breaks and the pytest node that must turn red."""

    promise: str
    name: str
    breaks: str
    plant: Callable[[Plant], None]
    options: Sequence[str] = field(default=())


_bugs: dict[str, PlantedBug] = {}


def planted(
    *, promise: str, name: str, breaks: str, options: Sequence[str] = ()
) -> Callable[[Callable[[Plant], None]], Callable[[Plant], None]]:
    """Registers a bug. `options` are further arguments for pytest, such as a seed that shows it."""

    def register(plant: Callable[[Plant], None]) -> Callable[[Plant], None]:
        if name in _bugs:
            raise ValueError(f"two planted bugs are called {name!r}")
        _bugs[name] = PlantedBug(promise, name, breaks, plant, options)
        return plant

    return register


def all_bugs() -> list[PlantedBug]:
    """Every bug of every `tests/planted/*.py`, by promise."""
    for module in pkgutil.iter_modules(tests.planted.__path__):
        if not module.name.startswith(("_", "test_")) and module.name not in ("registry", "running", "child"):
            importlib.import_module(f"tests.planted.{module.name}")
    return sorted(_bugs.values(), key=lambda bug: (int(bug.promise.lstrip("P")), bug.name))


def plant_from_environment() -> Plant:
    """Plants the bug that PLANTED names, if any. KeyError-like for an unknown name."""
    plant = Plant()
    name = os.environ.get("PLANTED", "")
    if name:
        found = [bug for bug in all_bugs() if bug.name == name]
        if not found:
            raise LookupError(f"no planted bug is called {name!r}")
        found[0].plant(plant)
    return plant
