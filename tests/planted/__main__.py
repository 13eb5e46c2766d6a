"""`python -m tests.planted [P1 3 …]`: plants each bug and shows its test turning red. Exits 1 if any test stays green."""

from __future__ import annotations

import sys

from tests.planted.registry import all_bugs
from tests.planted.running import run_with_bug


def main(promises: list[str]) -> int:
    stayed_green = 0
    wanted = {f"P{promise.upper().lstrip('P')}" for promise in promises}
    for bug in all_bugs():
        if wanted and bug.promise not in wanted:
            continue
        outcome = run_with_bug(bug)
        stayed_green += outcome.word != "red"
        print(f"{bug.promise}  {bug.name} → {bug.breaks} → {outcome.word}", flush=True)  # noqa: T201
        if outcome.word != "red":
            print(outcome.output[-3000:], flush=True)  # noqa: T201
    return 1 if stayed_green else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
