"""The production shape as written: no password stands in what a process is called with."""

from __future__ import annotations

import re
from pathlib import Path

COMPOSE = Path(__file__).resolve().parents[2] / "docker-compose.yml"
CALLED_WITH = re.compile(r"^ *(command|entrypoint|healthcheck):")
SECRET = re.compile(r"PASSWORD|TOKEN|SECRET|requirepass| -a ")


def test_no_password_stands_in_the_arguments_of_a_process() -> None:
    lines = [line for line in COMPOSE.read_text().splitlines() if CALLED_WITH.match(line)]
    assert len(lines) > 8
    assert not any(line.endswith(":") for line in lines), "written over several lines, which this test does not read"
    assert [line for line in lines if SECRET.search(line)] == []
