"""Holds the measured coverage (lines and branches) against `coverage-ratchet.json`: each group has a goal and a floor.

`python -m scripts.coverage_ratchet` prints the table and fails below a floor; with `--raise` it lifts each floor to what was
measured. A floor is never lowered, and never above its goal. Called by `scripts/check.py` after the tests.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import coverage

ROOT = Path(__file__).resolve().parent.parent
RATCHET = ROOT / "coverage-ratchet.json"


@dataclass(frozen=True, slots=True)
class Group:
    """Packages judged together; a file belongs to the group with the longest prefix of its path."""

    name: str
    goal: float
    floor: float
    done: int
    total: int

    @property
    def percent(self) -> float:
        """Lines and branches that ran, of all; an empty group is whole."""
        return 100 * self.done / self.total if self.total else 100.0


def main(arguments: list[str]) -> int:
    """0 when every floor holds."""
    groups = judge(measure(), json.loads(RATCHET.read_text()))
    if "--raise" in arguments:
        RATCHET.write_text(json.dumps({group.name: lifted(group) for group in groups}, indent=2) + "\n")
        return 0
    low = [group for group in groups if group.percent < group.floor]
    if low or "--quiet" not in arguments:
        print(table(groups))
    return 1 if low else 0


def measure() -> dict[str, tuple[int, int]]:
    """Path → (lines and branches that ran, all of them), of every file of the code."""
    measured = coverage.Coverage(config_file=str(ROOT / "pyproject.toml"))
    if any(ROOT.glob(".coverage.*")):
        measured.combine(keep=False)
        measured.save()
    else:  # combined before
        measured.load()
    report = ROOT / ".coverage.json"
    measured.json_report(outfile=str(report), pretty_print=False)
    files: Mapping[str, Mapping[str, Mapping[str, int]]] = json.loads(report.read_text())["files"]
    report.unlink()
    return {name: counted(file["summary"]) for name, file in files.items()}


def counted(summary: Mapping[str, int]) -> tuple[int, int]:
    """What ran, and what there is."""
    done = summary["covered_lines"] + summary["covered_branches"]
    return done, summary["num_statements"] + summary["num_branches"]


def judge(files: Mapping[str, tuple[int, int]], ratchet: Mapping[str, Mapping[str, float]]) -> list[Group]:
    """The groups of the ratchet with what was measured; `rest` takes every file that no prefix names."""
    sums = {name: [0, 0] for name in ratchet}
    for path, (done, total) in files.items():
        fitting = [name for name in ratchet if path.startswith(f"{name}/")]
        chosen = sums[max(fitting, key=len) if fitting else "rest"]
        chosen[0] += done
        chosen[1] += total
    return [Group(name, bounds["goal"], bounds["floor"], *sums[name]) for name, bounds in ratchet.items()]


def lifted(group: Group) -> dict[str, float]:
    """The group's line in the ratchet after a good run: never lower, never beyond the goal."""
    reached = math.floor(group.percent * 10) / 10
    return {"goal": group.goal, "floor": max(group.floor, min(group.goal, reached))}


def table(groups: list[Group]) -> str:
    """For a person."""
    lines = [f"{'coverage':<24}{'now':>8}{'floor':>8}{'goal':>8}"]
    for group in groups:
        mark = "  below its floor" if group.percent < group.floor else ""
        lines.append(f"{group.name:<24}{group.percent:>8.1f}{group.floor:>8.1f}{group.goal:>8.1f}{mark}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
