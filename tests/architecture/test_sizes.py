"""Files of at most 300 lines, functions of at most 40. The exceptions in `sizes.json` may only shrink.

`python -m tests.architecture.test_sizes` writes the file anew when something became shorter; it never lets anything grow.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.architecture.rules import LONGEST_FILE, LONGEST_FUNCTION, sizes
from tests.architecture.source import CODE, Source, sources

RATCHET = Path(__file__).with_name("sizes.json")


def measured() -> dict[str, int]:
    return {name: lines for source in sources(*CODE, "tests") for name, lines, _ in sizes(source)}


def allowed() -> dict[str, int]:
    known: dict[str, int] = json.loads(RATCHET.read_text())
    return known


def grown(now: dict[str, int], known: dict[str, int]) -> list[str]:
    return [f"{name}: {lines} lines, at most {known.get(name, 'the bound')}" for name, lines in now.items() if lines > known.get(name, 0)]


def loose(now: dict[str, int], known: dict[str, int]) -> list[str]:
    return [
        f"{name}: {lines} allowed, {now.get(name, 'within the bound')} needed" for name, lines in known.items() if now.get(name, 0) < lines
    ]


def test_nothing_grows_beyond_its_bound() -> None:
    assert not grown(measured(), allowed()), "\n".join(grown(measured(), allowed()))


def test_what_became_shorter_leaves_the_exceptions() -> None:
    assert not loose(measured(), allowed()), "run python -m tests.architecture.test_sizes:\n" + "\n".join(loose(measured(), allowed()))


def test_the_ratchet_notices_growth_and_slack() -> None:
    long = Source.of('"""x."""\n' + "x = 1\n" * LONGEST_FILE, "core/long.py")
    short = Source.of("def f():\n" + "    x = 1\n" * LONGEST_FUNCTION, "core/f.py")
    now = {name: lines for source in (long, short) for name, lines, _ in sizes(source)}
    assert now == {"core/long.py": LONGEST_FILE + 1, "core/f.py::f": LONGEST_FUNCTION + 1}
    assert len(grown(now, {})) == 2
    assert not grown(now, now)
    assert loose({}, now)
    assert not list(sizes(Source.of("def f():\n" + "    x = 1\n" * (LONGEST_FUNCTION - 1))))


def main() -> None:
    now, known = measured(), allowed()
    RATCHET.write_text(json.dumps({name: min(lines, now[name]) for name, lines in sorted(known.items()) if name in now}, indent=2) + "\n")


if __name__ == "__main__":
    main()
