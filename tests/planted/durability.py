"""Bugs that forget what was acknowledged."""

from __future__ import annotations

from tests.planted.registry import Plant, planted


@planted(
    promise="P5",
    name="commits that do not wait for the disk",
    breaks="tests/promises/test_p05_acknowledged.py::test_what_was_acknowledged_is_there_whatever_was_killed",
)
def lazy_commits(plant: Plant) -> None:
    """The application role answers before its commits are durable: what was said in the last moments is gone when PostgreSQL is killed."""
    plant.sql("alter role strongroom_app set synchronous_commit = off")
