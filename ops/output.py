"""What a command answers: lines for people, the same as data for programs, an exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """`error` goes to the error stream, beside the lines."""

    lines: Sequence[str]
    data: Sequence[Mapping[str, Any]]
    exit_code: int = 0
    error: str = ""


def show(answer: Answer, *, as_json: bool) -> int:
    """Prints it and returns the exit code."""
    print(json.dumps(list(answer.data), indent=2) if as_json else "\n".join(answer.lines))
    if answer.error:
        print(answer.error, file=sys.stderr)
    return answer.exit_code
