"""`make test`: every check, then every test with coverage. Stops at the first check that fails and says which.

The last line of a good run is pytest's own. JOBS sets the number of test processes (default 2).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

CHECKS: dict[str, list[str]] = {
    "ruff": [str(BIN / "ruff"), "check", "-q", "."],
    "ruff format": [str(BIN / "ruff"), "format", "-q", "--check", "."],
    "mypy": [str(BIN / "mypy"), "--no-error-summary"],
    "import contracts": [str(BIN / "lint-imports"), "--no-cache"],
    "dependencies": [str(BIN / "deptry"), "."],
    "house rules": [sys.executable, "-m", "pytest", "-q", "tests/architecture"],
}


def main() -> int:
    """0 when all is well."""
    for name, command in CHECKS.items():
        began = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(f"{done.stdout}{done.stderr}\n{name}: failed")
            return 1
        print(f"{name}: ok ({time.monotonic() - began:.0f} s)", flush=True)
    tests = run_tests()
    return tests or judge_coverage()


def run_tests() -> int:
    """Every test but those that ran above."""
    for left in ROOT.glob(".coverage*"):
        left.unlink()
    jobs = os.environ.get("JOBS", "2")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "scripts.coverage_plugin",
        "-p",
        "scripts.scheduling_plugin",
        "-n",
        jobs,
        "--dist",
        "loadfile",
        "--ignore=tests/architecture",
    ]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def judge_coverage() -> int:
    """Silent when every floor holds, so that pytest's line stays the last one."""
    return subprocess.run([sys.executable, "-m", "scripts.coverage_ratchet", "--quiet"], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
