"""Runs one test with one bug planted, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.planted.registry import PlantedBug

ROOT = Path(__file__).resolve().parent.parent.parent
_FAILED, _PASSED = 1, 0


@dataclass(frozen=True)
class Outcome:
    """`red` (the test failed, as it must), `green` (the bug went unseen) or `broken` (pytest could not run it)."""

    word: str
    output: str


def run_with_bug(bug: PlantedBug, timeout_s: float = 300) -> Outcome:
    """Runs pytest on the bug's test; the first failure is enough."""
    arguments = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *bug.options, bug.breaks]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    done = subprocess.run(
        arguments, cwd=ROOT, env={**environment, "PLANTED": bug.name}, capture_output=True, text=True, timeout=timeout_s, check=False
    )
    word = {_FAILED: "red", _PASSED: "green"}.get(done.returncode, "broken")
    if word == "red" and " failed" not in done.stdout:  # an error in a fixture is no proof
        word = "broken"
    return Outcome(word, done.stdout + done.stderr)
