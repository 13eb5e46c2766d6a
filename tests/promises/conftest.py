"""What every proof of a promise has: its tier's size, its seed, and a place to say what was shown.

`--tier test` (about 15 seconds a promise), `promises` (the first figure of docs/promises.md), `soak` (the second). `--seed N` drives
everything random; a failing test prints how to replay it. `--figures FILE` appends a JSON line for each proof that held.
"""

from __future__ import annotations

import json
import random
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest


@dataclass
class Proof:
    """`size` picks by tier; `random` is seeded; `record` says what was shown, in words with figures."""

    promise: str
    tier: str
    seed: int
    figures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def size(self, *, test: int, promises: int, soak: int) -> int:
        return {"test": test, "promises": promises, "soak": soak}[self.tier]

    def record(self, figure: str) -> None:
        self.figures.append(figure)


def promise_of(path: Path) -> str:
    """`test_p03_money.py` → `P3`."""
    return f"P{int(path.name.split('_')[1].lstrip('p'))}"


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> Generator[Proof, None, None]:
    """This test's proof."""
    option = request.config.getoption
    found = Proof(promise_of(request.path), option("--tier"), option("--seed"))
    yield found
    report = request.node.stash.get(_report, None)
    figures = option("--figures")
    if figures and report is not None and report.passed and found.figures:
        line = {"promise": found.promise, "tier": found.tier, "seed": found.seed, "test": request.node.name, "figures": found.figures}
        with Path(figures).open("a") as file:
            file.write(json.dumps(line) + "\n")


_report = pytest.StashKey[pytest.TestReport]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[_report] = report
        if report.failed:
            option = item.config.getoption
            replay = f"pytest {item.nodeid} --tier {option('--tier')} --seed {option('--seed')}"
            report.sections.append(("replay", replay))
    return report


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The larger tiers take as long as they take."""
    if config.getoption("--tier") != "test":
        for item in items:
            item.add_marker(pytest.mark.timeout(0))
