"""`python -m tests.promises promises|soak [P1 6 …] [--seeds N]`: runs the proofs at full size; writes what held to docs/promises.md.

`soak` goes on where the last sitting of that promise stopped: each seed that held is remembered in `.test-data/soak.json`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "promises.md"
MEMORY = ROOT / ".test-data" / "soak.json"
HEAD = """# What was shown

Each line: a proof that held, when, at which commit, with which seed, and its figure. Written by `make promises` and `make soak`.

| promise | tier | date | commit | seed | shown by | figure |
|---|---|---|---|---|---|---|
"""


def modules(wanted: Sequence[str]) -> list[Path]:
    """The tests of the promises asked for, or all: `6`, `P6` and `p06` are the same."""
    numbers = {int(one.upper().lstrip("P")) for one in wanted}
    found = sorted(Path(__file__).parent.glob("test_p[0-9]*_*.py"))
    return [path for path in found if not numbers or int(path.name.split("_")[1].lstrip("p")) in numbers]


def run(path: Path, tier: str, seed: int) -> list[dict[str, Any]] | None:
    """What held, or None when the test failed (its output is shown)."""
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder) / "figures"
        arguments = [
            sys.executable,
            "-m",
            "pytest",
            str(path),
            f"--tier={tier}",
            f"--seed={seed}",
            f"--figures={figures}",
            "-p",
            "no:xdist",
        ]
        done = subprocess.run(arguments, cwd=ROOT, check=False)
        if done.returncode != 0:
            return None
        return [json.loads(line) for line in figures.read_text().splitlines()] if figures.exists() else []


def commit() -> str:
    """The short commit, with a plus where the tree differs from it."""

    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()

    return git("rev-parse", "--short", "HEAD") + ("+" if git("status", "--porcelain", "--untracked-files=no") else "")


def append(lines: Sequence[dict[str, Any]]) -> None:
    """Adds rows to the page, making it where it is missing."""
    PAGE.parent.mkdir(exist_ok=True)
    if not PAGE.exists():
        PAGE.write_text(HEAD)
    date, at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M"), commit()
    with PAGE.open("a") as page:
        for line in lines:
            row = [line["promise"], line["tier"], date, at, str(line["seed"]), line["test"], "; ".join(line["figures"])]
            page.write(f"| {' | '.join(row)} |\n")


def next_seed(path: Path) -> int:
    """The first seed of the soak that has not held yet."""
    return int(_remembered().get(path.name, 0)) + 1


def remember(path: Path, seed: int) -> None:
    """This seed held."""
    MEMORY.parent.mkdir(exist_ok=True)
    MEMORY.write_text(json.dumps({**_remembered(), path.name: seed}))


def _remembered() -> dict[str, int]:
    return json.loads(MEMORY.read_text()) if MEMORY.exists() else {}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.promises")
    parser.add_argument("tier", choices=("promises", "soak"))
    parser.add_argument("promise", nargs="*", help="such as 6 or P6; all when left out")
    parser.add_argument("--seed", type=int, default=1, help="of the tier `promises`; the soak counts its own")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds of the soak in this sitting")
    given = parser.parse_args()
    failed = 0
    for path in modules(given.promise):
        for _ in range(given.seeds if given.tier == "soak" else 1):
            seed = next_seed(path) if given.tier == "soak" else given.seed
            held = run(path, given.tier, seed)
            if held is None:
                failed += 1
                break
            append(held)
            if given.tier == "soak":
                remember(path, seed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
